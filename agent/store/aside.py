"""Work on a store that would hold up an event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from agent.store.connection import Store, open_store

Found = TypeVar("Found")


async def aside(store: Store, work: Callable[[Store], Found]) -> Found:
    """What `work` gives, done in a thread with a connection of its own, so that other answers go on meanwhile.

    A cancelled one ends by itself, later; what it gives then is lost.
    """

    def alone() -> Found:
        with open_store(store.path, create=False, check=False) as own:
            return work(own)

    return await asyncio.to_thread(alone)
