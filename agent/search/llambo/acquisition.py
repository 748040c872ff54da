"""How much a candidate promises, by what the model predicts of it. Everything here is a loss: smaller is better."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from trainers.space import Config, SearchSpace

_NEAR = 0.1  # SearchSpace.distance within which a pending config will tell most of what a candidate would
_FLOOR = 0.01  # of the range of values: how little predictions may disagree
_USUAL = 0.25  # of it: how much they do where nobody knows


@dataclass(frozen=True)
class Prediction:
    """Mean and standard deviation over `answers` answers."""

    mean: float
    deviation: float
    answers: int

    def scaled(self, by: float, start: float) -> Prediction:
        return Prediction(start + by * self.mean, by * self.deviation, self.answers)


def predictions(answers: Sequence[Sequence[float]]) -> list[Prediction | None]:
    """Of each candidate's answered values, in units of the range of the values seen; None where there is none. A
    candidate with one answer gets the deviation that the others have between theirs; nothing is taken for certain."""
    known = [statistics.stdev(values) for values in answers if len(values) > 1]
    usual = statistics.fmean(known) if known else _USUAL

    def one(values: Sequence[float]) -> Prediction | None:
        if not values:
            return None
        deviation = statistics.stdev(values) if len(values) > 1 else usual
        return Prediction(statistics.fmean(values), max(deviation, _FLOOR), len(values))

    return [one(values) for values in answers]


def expected_improvement(mean: float, deviation: float, best: float) -> float:
    """E[max(best − y, 0)] for a normal y."""
    if deviation <= 0:
        return max(best - mean, 0.0)
    z = (best - mean) / deviation
    density = math.exp(-z * z / 2) / math.sqrt(2 * math.pi)
    return deviation * (z * (1 + math.erf(z / math.sqrt(2))) / 2 + density)


def confidence_bound(mean: float, deviation: float, kappa: float) -> float:
    """How low the value may well be, with its sign turned so that larger is better: UCB of the gain."""
    return -(mean - kappa * deviation)


def news(space: SearchSpace, config: Config, waiting: Sequence[Config]) -> float:
    """What share of its uncertainty a trial of `config` would still settle once those under way have ended: 1 far from
    all of them, 0 at one."""
    distance = min((space.distance(config, other) for other in waiting), default=math.inf)
    return 1.0 - math.exp(-((distance / _NEAR) ** 2)) if distance < math.inf else 1.0
