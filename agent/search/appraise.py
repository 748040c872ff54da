"""What the classical model thinks of one config: the value to expect, whether it runs, how much it promises."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agent.search.explain import EXPECT_FROM
from agent.search.history import History
from trainers.space import Config

if TYPE_CHECKING:
    from agent.search.model import Acquisition, Feasibility, Surrogate

_DRAWN = 256  # configs at random that its promise is held against


@dataclass(frozen=True)
class Appraisal:
    """`low` and `high` hold the value with probability 0.8; `runs` is the probability that the trial comes to its end;
    `beats` the share of configs drawn at random whose expected improvement is no higher; `trials` were learnt from."""

    low: float
    high: float
    confidence: float
    runs: float
    beats: float
    trials: int


class Appraiser:
    """Fitted once for a history: of some hundred trials that takes up to two seconds of CPU. A config more, none."""

    def __init__(self, history: History) -> None:
        from agent.search.model import Acquisition, Feasibility, Surrogate

        self._surrogate: Surrogate = Surrogate(history)
        self._feasibility: Feasibility = Feasibility(history)
        self._acquisition: Acquisition = Acquisition(self._surrogate, self._feasibility, (), 0)
        rng = history.rng("appraise")
        self._drawn: Sequence[float] = self._acquisition([history.space.sample(rng) for _ in range(_DRAWN)]).tolist()

    def __call__(self, config: Config) -> Appraisal:
        low, high = self._surrogate.interval(config)
        promise = float(self._acquisition([config])[0])
        return Appraisal(
            low,
            high,
            self._surrogate.confidence(config),
            float(self._feasibility.probability([config])[0]),
            sum(other <= promise for other in self._drawn) / len(self._drawn),
            len(self._surrogate.trials),
        )


def appraiser(history: History) -> Appraiser | None:
    """None while too little is known, or where the space has conditions, which the model cannot express."""
    if history.conditional or len(history.completed) < EXPECT_FROM:
        return None
    return Appraiser(history)
