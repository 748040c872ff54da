"""The default search: whichever part knows most about the study as it stands."""

from __future__ import annotations

from collections.abc import Callable

from agent.search import gp, start, tpe
from agent.search.history import History
from agent.study.nouns import Draft

LARGE = 1_000  # completed trials beyond which TPE's cheaper model of more of them is used

Part = Callable[[History], Draft | None]


def draw(history: History) -> Draft | None:
    """One config from the part whose turn it is; its source and rationale say which, and why."""
    return part(history)(history)


def part(history: History) -> Part:
    """Whose turn it is, by the state of the study alone.

    A portfolio of configs that did well elsewhere belongs before `start`, which it would replace;
    a language model's quota belongs before the last line, gated by `model.Acquisition`.
    """
    if start.starting(history):
        return start.draw
    if history.conditional:
        return lambda h: tpe.draw(h, "TPE, because the space has conditions.")
    if len(history.completed) > LARGE:
        return lambda h: tpe.draw(h, f"TPE, because {len(h.completed):,} completed trials are more than a GP can use.")
    return gp.draw
