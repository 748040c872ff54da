"""Random search: uniform over the space, honouring conditions and constraints."""

from __future__ import annotations

from agent.search.draws import anything, unseen
from agent.search.history import History
from agent.study.nouns import Draft, Source


def draw(history: History) -> Draft | None:
    """A uniform draw, never a config tried before; None when none is left."""
    config = unseen(history, anything(history, history.rng("random")))
    if config is None:
        return None
    return Draft(source=Source.RANDOM, params=config, rationale="Drawn at random from the whole space.")
