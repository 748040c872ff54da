"""The portfolio's turn: configs that did well elsewhere, in their order, as long as they do well here.

Only the first LENGTH have a turn of their own; the rest are among the configs that the model compares.
"""

from __future__ import annotations

from agent.search.draws import settle, unseen
from agent.search.history import History, has_value
from agent.search.portfolio import LENGTH
from agent.search.start import likely_first
from agent.study.nouns import Draft, Source
from trainers.space import Config

_TELLING = 3  # ended trials of the portfolio, all worse than the default, after which it has nothing to say here
_LIKELY = 0.5


def draw(history: History) -> Draft | None:
    """The next config of the portfolio; None where none is left, or the results speak against it."""
    if contradicted(history):
        return None
    first = [s.params for s in history.portfolio[:LENGTH]]
    left = [config for config in remaining(history) if config in first]
    config = unseen(history, likely_first(history, left)) if left else None
    if config is None:
        return None
    place, origin = next((i, s.origin) for i, s in enumerate(history.portfolio, 1) if _same(history, s.params, config))
    many = min(len(history.portfolio), LENGTH)
    text = f"From the portfolio of what did well elsewhere, {place} of {many}: {origin.rstrip('.')}."
    return Draft(source=Source.PORTFOLIO, params=config, rationale=text)


def remaining(history: History) -> list[Config]:
    """What of the portfolio was not tried and may fit, in its order; what probably fails is left out."""
    left = [s.params for s in history.portfolio if not _tried(history, s.params) and history.beyond(s.params) is None]
    if not left or not history.failed:
        return left
    from agent.search.model import Feasibility  # heavy, and a study without failures never needs it

    chances = Feasibility(history).probability(left)
    return [config for config, chance in zip(left, chances, strict=True) if chance >= _LIKELY]


def contradicted(history: History) -> bool:
    """Whether the portfolio does clearly worse than the default: all of its first trials did."""
    ended = [t for t in history.ended if t.source is Source.PORTFOLIO]
    first = next((t for t in history.completed if t.source is Source.DEFAULT), None)
    if first is None or len(ended) < _TELLING:
        return False
    return all(not has_value(t) or history.loss(t) > history.loss(first) for t in ended)


def _tried(history: History, config: Config) -> bool:
    settled = (settle(history.space, config), settle(history.space, config, exactly=True))
    return settled[1] is None or any(c is not None and history.seen(c) for c in settled)


def _same(history: History, suggested: Config, config: Config) -> bool:
    return config in (settle(history.space, suggested), settle(history.space, suggested, exactly=True))
