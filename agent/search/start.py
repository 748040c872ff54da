"""The first proposals of a model-based search: evenly spread, away from what has failed."""

from __future__ import annotations

from itertools import chain

from agent.search.draws import anything, even, repair, unseen
from agent.search.history import History, subset
from agent.search.prior import drawn, held
from agent.study.nouns import Draft, Source
from trainers.space import Config


def points(history: History) -> int:
    """How many trials must have ended before a model may speak: one per parameter and one more, 5 to 10."""
    return max(5, min(10, 1 + len(history.space)))


def starting(history: History) -> bool:
    """Whether there is too little to model yet: too few ended trials, or fewer than two with a value."""
    return len(history.ended) < points(history) or len(subset(history, history.completed, 8)) < 2


def draw(history: History) -> Draft | None:
    """The next point of a scrambled Sobol sequence; once a trial has failed, of that and 15 random
    configs the first that is likely to run."""
    rng = history.rng("start")
    candidates = [even(history.space, history.sobol_seed, history.number)]
    if history.failed:
        candidates += [history.space.sample(rng) for _ in range(15)]
    if beliefs := held(history):
        candidates = [drawn(history, beliefs, config, rng) for config in candidates]
    candidates = [repair(history.space, config, rng) for config in candidates]
    config = unseen(history, chain(likely_first(history, candidates), anything(history, rng)))
    if config is None:
        return None
    return Draft(source=Source.RANDOM, params=config, rationale=_rationale(history))


def likely_first(history: History, candidates: list[Config]) -> list[Config]:
    """`candidates` in their order, those more likely to fail than to run behind the others, likeliest first."""
    if not history.failed:
        return candidates
    from agent.search.model import Feasibility  # heavy, and a study without failures never needs it

    chances = Feasibility(history).probability(candidates)
    order = sorted(range(len(candidates)), key=lambda i: (-min(float(chances[i]), 0.5), i))
    return [candidates[i] for i in order]


def _rationale(history: History) -> str:
    ended, failed = len(history.ended), history.failed
    text = f"Spreads the first trials evenly over the space: {ended} have ended, a model needs {points(history)}."
    if not failed:
        return text
    return f"{text} Kept away from what failed ({', '.join(f't{t.number}' for t in failed[-3:])})."
