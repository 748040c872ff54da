"""The digest made beside whatever else its process is at."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from agent.digest.digest import Digest, digest
from agent.store.connection import Store, open_store
from agent.store.studies import Study


async def digest_apart(store: Store, study: Study, lessons: Sequence[str] = ()) -> Digest:
    """As `digest`, in a thread with a connection of its own: it takes up to a second or two in a long study, and an
    answer that is being streamed meanwhile should not stand still."""
    return await asyncio.to_thread(_digest, store.path, study, lessons)


def _digest(path: Path, study: Study, lessons: Sequence[str]) -> Digest:
    with open_store(path, create=False, check=False) as store:
        return digest(store, study, lessons)
