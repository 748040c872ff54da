"""Whether the trials of a study bear a claim that a model makes about them."""

from __future__ import annotations

import random
import statistics
from collections.abc import Sequence

from agent.lessons.facts import Facts
from agent.lessons.holds import within
from agent.lessons.lesson import Claim, ClaimKind
from agent.study.aliases import common
from trainers.parameters import CategoricalParameter, NumberParameter

_FEW = 3  # trials on either side
_LEVEL, _SHUFFLES = 0.05, 999
_FAILING, _ELSEWHERE = 0.6, 0.3  # shares of trials that go wrong inside and outside of what is said to fail


def borne(claim: Claim, facts: Facts) -> bool:
    """A claim that fits the parameter it is about, and that the trials show beyond chance."""
    parameter = facts.study.spec.space.parameters.get(claim.parameter)
    if claim.kind is ClaimKind.FLAT:
        effect = facts.by_name.get(common(claim.parameter))
        return effect is not None and not effect.matters
    bounded = claim.low is not None or claim.high is not None
    if isinstance(parameter, NumberParameter) and not bounded and claim.kind is not ClaimKind.FAILS:
        return False
    if isinstance(parameter, CategoricalParameter) and (bounded or parameter.problem(claim.choice)):
        return False
    return _fails(claim, facts) if claim.kind is ClaimKind.FAILS else _better(claim, facts)


def _fails(claim: Claim, facts: Facts) -> bool:
    inside = [bool(why) for trial, why in facts.judged if within(claim, trial)]
    outside = [bool(why) for trial, why in facts.judged if not within(claim, trial)]
    if min(len(inside), len(outside)) < _FEW:
        return False
    return statistics.fmean(inside) >= _FAILING and statistics.fmean(outside) <= _ELSEWHERE


def _better(claim: Claim, facts: Facts) -> bool:
    """Ranks of the values inside against those outside, by permutation."""
    ranks = {trial.number: rank for rank, trial in enumerate(facts.ranking)}
    inside = [ranks[t.number] for t in facts.completed if within(claim, t)]
    outside = [ranks[t.number] for t in facts.completed if not within(claim, t)]
    if min(len(inside), len(outside)) < _FEW:
        return False
    if claim.kind is ClaimKind.WORST:
        inside, outside = outside, inside
    return _chance(inside, outside) <= _LEVEL


def _chance(lower: Sequence[int], higher: Sequence[int]) -> float:
    """How often chance sets the means as far apart, in this direction."""
    both, apart = [*lower, *higher], statistics.fmean(higher) - statistics.fmean(lower)
    if apart <= 0:
        return 1.0
    rng, total, n = random.Random(0), sum(both), len(lower)
    reached = 0
    for _ in range(_SHUFFLES):
        drawn = sum(rng.sample(both, n))
        reached += (total - drawn) / len(higher) - drawn / n >= apart - 1e-9
    return (1 + reached) / (1 + _SHUFFLES)
