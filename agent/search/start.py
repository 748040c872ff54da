"""The first proposals of a model-based search: evenly spread, away from what has failed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, islice
from random import Random

from agent.search.draws import anything, even, repair, unseen
from agent.search.history import History, subset
from agent.search.prior import Held, drawn, held
from agent.study.nouns import Draft, Source
from trainers.space import Config

_LEANING = 48  # configs looked at where a person expects good ones, and with each of their beliefs left out


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
    beliefs = held(history)
    candidates = [repair(history.space, drawn(history, beliefs, config, rng), rng) for config in candidates]
    others = chain(_leaning(history, beliefs, rng), anything(history, rng))
    config = unseen(history, chain(likely_first(history, candidates), others))
    if config is None:
        return None
    return Draft(source=Source.RANDOM, params=config, rationale=_rationale(history))


def _leaning(history: History, beliefs: Sequence[Held], rng: Random) -> Iterator[Config]:
    """Configs where the person expects good ones; then with one of their beliefs left out, as what they rejected since
    may rule out one and not the rest."""
    if not beliefs:
        return
    for config in islice(anything(history, rng), _LEANING):
        yield repair(history.space, drawn(history, beliefs, config, rng), rng)
    parts = [[h for h in beliefs if h is not out] for out in beliefs] if len(beliefs) > 1 else []
    for part in parts:
        for config in islice(anything(history, rng), _LEANING):
            yield repair(history.space, drawn(history, part, config, rng), rng)


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
