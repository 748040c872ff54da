"""The lessons that fit a study, as its first proposals are shown them."""

from __future__ import annotations

from dataclasses import dataclass

from agent.llm.seat import Seat


@dataclass(frozen=True)
class Shown:
    """A lesson as a prompt has it; `id` finds it again."""

    id: int
    text: str


def fitting(seat: Seat) -> list[Shown]:
    """The most fitting first."""
    return []
