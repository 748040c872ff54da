"""Which parameters matter to a study's objective, and where their good values lie.

`importances` are the shares of the objective's spread that each parameter explains by itself: fANOVA (Hutter, Hoos,
Leyton-Brown 2014, "An Efficient Approach for Assessing Hyperparameter Importance") as Optuna has it, a random forest
over the completed trials. `effects` says only what a permutation test lets it say, so that nothing is claimed from
noise. numpy, Optuna and scikit-learn are imported with the first call.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from agent.study.nouns import Trial, TrialState
from trainers.contract import Objective
from trainers.space import SearchSpace

ENOUGH = 8  # trials with a value below which nothing is said


@dataclass(frozen=True, kw_only=True)
class Effect:
    """What one parameter does to the objective. `text` says it in words and begins with the parameter's name.

    `matters` False: it was varied widely and made no measurable difference. `low` and `high` bound the good values
    of a number, `choice` is the best (or, where `worst`, the worst) of a categorical; None where nothing narrower
    than the whole range can be said. `inside` and `outside` are the median objective there and elsewhere, `p` the
    probability of seeing as much by chance, `trials` the numbers of those it rests on, the best first.
    """

    parameter: str
    text: str
    matters: bool
    p: float
    trials: tuple[int, ...] = ()
    low: float | None = None
    high: float | None = None
    choice: object = None
    worst: bool = False
    inside: float | None = None
    outside: float | None = None


@dataclass(frozen=True)
class Share:
    """What one parameter explains by itself, of what single parameters explain together. `deviation` is how much that
    differs from tree to tree of the forest (standard deviation), each grown on another draw of the trials."""

    parameter: str
    share: float
    deviation: float


@dataclass(frozen=True)
class Weights:
    """`shares` the largest first, together 1; none where nothing can be said. `alone` is the part of the forest's
    spread that single parameters explain: the rest lies in how they act together. `trials` is how many it rests on."""

    shares: tuple[Share, ...] = ()
    alone: float = 0.0
    trials: int = 0


METHOD = "fANOVA (Hutter et al. 2014), a forest of 32 trees on clipped losses"


def weights(trials: Sequence[Trial], space: SearchSpace, objective: Objective) -> Weights:
    """Every parameter's share with what is not sure about it; empty where `importances` is."""
    found = usable(trials, space)
    if not found:
        return Weights()
    from agent.importance.shares import weights

    return weights(found, space, objective)


def importances(trials: Sequence[Trial], space: SearchSpace, objective: Objective) -> dict[str, float]:
    """Every parameter's share, the largest first, together 1; empty with fewer than ENOUGH usable trials, or where
    all have the same value. A parameter that was never varied has 0."""
    return {share.parameter: share.share for share in weights(trials, space, objective).shares}


def effects(trials: Sequence[Trial], space: SearchSpace, objective: Objective) -> list[Effect]:
    """What can be said of the parameters, those that matter most first; nothing of a parameter that leaves doubt."""
    found = usable(trials, space)
    if not found:
        return []
    from agent.importance.findings import findings

    return findings(found, space, objective)


def usable(trials: Sequence[Trial], space: SearchSpace) -> list[Trial]:
    """Trials with a finite value whose config fits the space as it is now, by number; none if they are too few or
    all the same. A pruned one has the value it would have come to."""
    ended = (TrialState.COMPLETED, TrialState.PRUNED)
    judged = (t if t.judged == t.value else replace(t, value=t.judged) for t in trials if t.state in ended)
    valued = (t for t in judged if t.value is not None and math.isfinite(t.value))
    fitting = sorted((t for t in valued if space.allows(t.params)), key=lambda t: t.number)
    return fitting if len(fitting) >= ENOUGH and len({t.value for t in fitting}) > 1 else []
