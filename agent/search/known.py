"""The portfolio's turn: configs that did well elsewhere, in their order, as long as they do well here.

Only the first LENGTH have a turn of their own; the rest are among the configs that the model compares.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from agent.search.draws import settle, unseen
from agent.search.history import History, has_value
from agent.search.portfolio import LENGTH
from agent.search.prior import Held, drawn, held, lean
from agent.search.start import likely_first
from agent.study.nouns import Draft, Source
from trainers.space import Config, config_key

_TELLING = 3  # ended trials of the portfolio, all worse than the default, after which it has nothing to say here
_LIKELY = 0.5
_ASTRAY = math.log(0.5)  # of a hint's prior: below it a value lies elsewhere than the person said


def draw(history: History) -> Draft | None:
    """The next config of the portfolio; None where none is left, or the results speak against it."""
    if contradicted(history):
        return None
    beliefs = held(history)
    first = [s.params for s in history.portfolio[:LENGTH]]
    left = [c for c in remaining(history) if c in first and not _stood_in(history, beliefs, c)]
    left.sort(key=lambda config: len(_astray(history, beliefs, config)))
    leant = [_leant(history, beliefs, config) for config in left]
    config = unseen(history, likely_first(history, leant), strictly=True) if left else None
    if config is None:
        return None
    known = next(c for c, made in zip(left, leant, strict=True) if _same(history, made, config))
    place, origin = next((i, s.origin) for i, s in enumerate(history.portfolio, 1) if s.params == known)
    many = min(len(history.portfolio), LENGTH)
    text = f"From the portfolio of what did well elsewhere, {place} of {many}: {origin.rstrip('.')}."
    if moved := [n for n in config if not _same(history, known, {**known, n: config[n]})]:
        text += f" {', '.join(moved)} moved to where you expect good values."
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


def _astray(history: History, beliefs: Sequence[Held], config: Config) -> list[Held]:
    return [h for h in beliefs if lean(history, [replace(h, exponent=1.0)], config) < _ASTRAY]


def _leant(history: History, beliefs: Sequence[Held], config: Config) -> Config:
    """`config` with what lies elsewhere than the person expects good values moved there, as likely as that counts;
    as it is where a constraint forbids it."""
    made = drawn(history, _astray(history, beliefs, config), config, history.rng(f"portfolio/{config_key(config)}"))
    return made if history.space.allows(made) else config


def _stood_in(history: History, beliefs: Sequence[Held], config: Config) -> bool:
    """Whether it was proposed with the hinted parameters moved."""
    if not beliefs:
        return False
    told = {h.belief.name for h in beliefs}
    known = [t.params for t in history.trials if t.source is Source.PORTFOLIO]
    for rest in (settle(history.space, config), settle(history.space, config, exactly=True)):
        for other in (*known, *history.pending, *(r.params for r in history.rejections)):
            if rest is not None and all(rest.get(n) == other.get(n) for n in (rest.keys() | other.keys()) - told):
                return True
    return False


def _tried(history: History, config: Config) -> bool:
    settled = (settle(history.space, config), settle(history.space, config, exactly=True))
    return settled[1] is None or any(c is not None and history.seen(c) for c in settled)


def _same(history: History, suggested: Config, config: Config) -> bool:
    return config in (settle(history.space, suggested), settle(history.space, suggested, exactly=True))
