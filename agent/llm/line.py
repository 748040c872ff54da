"""What all who call one model share."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from agent.llm import forms
from agent.llm.backend import Backend
from agent.llm.breaker import Breaker
from agent.llm.forms import Form, Forms
from agent.llm.names import ModelKind, ModelName
from agent.llm.retry import Clock


@dataclass(frozen=True)
class Line:
    """`gate` lets as many calls through at once as the backend takes; `forms` remembers what the endpoint can do."""

    name: ModelName
    backend: Backend
    clock: Clock
    breaker: Breaker
    gate: asyncio.Semaphore
    forms: Forms

    @classmethod
    def to(cls, name: ModelName, backend: Backend, clock: Clock | None = None) -> Line:
        clock = clock or Clock()
        return cls(
            name,
            backend,
            clock,
            Breaker(name.text, clock),
            asyncio.Semaphore(backend.concurrency),
            Forms(_ladder(name, backend)),
        )


def _ladder(name: ModelName, backend: Backend) -> tuple[Form, ...]:
    """An endpoint must be tried; what runs here is known."""
    if name.kind is ModelKind.HOSTED:
        return forms.HOSTED
    return forms.WITH_GRAMMAR if backend.has_grammar else forms.PLAIN
