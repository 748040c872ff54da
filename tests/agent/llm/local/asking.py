"""One request to a local backend, gathered whole."""

from __future__ import annotations

from typing import Any

from agent.llm.backend import Backend, Piece, Request
from agent.llm.worker import merged

CHAT = (
    {"role": "system", "content": "You tune models."},
    {"role": "user", "content": "Propose configs.\nt0 lr=0.1 loss=0.9\nt1 lr=0.01 loss=0.4"},
)


def request(**changes: Any) -> Request:
    return Request(**{"messages": CHAT, "max_tokens": 120, **changes})


async def ask(backend: Backend, **changes: Any) -> Piece:
    """The whole reply as one piece."""
    return merged([piece async for piece in backend.stream(request(**changes))])
