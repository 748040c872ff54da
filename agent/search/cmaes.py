"""CMA-ES over the numeric parameters, its state replayed from the history at every proposal.

Optuna keeps the state of its CmaEsSampler in the store; a proposal then depends on which process
made the ones before it. Here the `cmaes` package is told the ended trials in generations, in the
order of their numbers, whoever proposed them, and its state is a function of the history alone.
Only the order of values counts in CMA-ES, so a failure is simply ranked last.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np
from cmaes import CMA

from agent.search.draws import anything, at, even, repair, unseen
from agent.search.explain import explained
from agent.search.history import History, has_value
from agent.search.start import likely_first
from agent.study.nouns import Draft, Source, Trial
from trainers.parameters import CategoricalParameter, Parameter
from trainers.space import Config

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

_SIGMA = 0.2  # first standard deviation, of each parameter's range
_CONVERGED = 2e-3  # a generation that spans less of every range than this has converged
_WINDOW = 500  # ended trials after which the replay starts afresh from the best, to keep it cheap
_LATEST = 40  # completed trials that choices are counted over
_DRAWS = 16


def draw(history: History) -> Draft | None:
    """One sample of the current distribution; choices by how often the better half made them."""
    rng = history.rng("cmaes")
    several = [p for p in history.space.parameters.values() if p.count() > 1]
    choices = [p for p in several if isinstance(p, CategoricalParameter)]
    evolution = _Evolution(history, [p for p in several if not isinstance(p, CategoricalParameter)])
    samples = _samples(history, evolution, choices, rng)
    candidates = likely_first(history, list(samples)) if history.failed else samples
    config = unseen(history, chain(candidates, anything(history, rng)), converging=True)
    if config is None:
        return None
    return explained(history, config, Source.CMAES, evolution.describe())


def _samples(
    history: History, evolution: _Evolution, choices: Sequence[CategoricalParameter], rng: random.Random
) -> Iterator[Config]:
    """Configs drawn from the distribution, each later one with wider steps: on a grid a narrow
    distribution keeps repeating what was tried."""
    weights = {p.name: _weights(history, p) for p in choices}
    for widening, point in enumerate(evolution.points(rng.getrandbits(32), _DRAWS)):
        config = history.space.snap({})
        for parameter, u in zip(evolution.parameters, point, strict=True):
            quantile = u + rng.gauss(0, 0.02 * widening)
            config[parameter.name] = at(parameter, min(max(quantile, 0.0), 1.0))
        for choice in choices:
            config[choice.name] = rng.choices(choice.choices, weights[choice.name])[0]
        yield repair(history.space, history.space.snap(config), rng)


def _weights(history: History, parameter: CategoricalParameter) -> list[float]:
    """One for each choice and one for each time the better half of the latest completed trials made it."""
    latest = sorted(history.completed[-_LATEST:], key=history.loss)
    better = [t.params[parameter.name] for t in latest[: (len(latest) + 1) // 2] if parameter.name in t.params]
    made = Counter(parameter.unit(choice) for choice in better if parameter.problem(choice) is None)
    return [1.0 + made[parameter.unit(choice)] for choice in parameter.choices]


class _Evolution:
    """CMA-ES after every whole generation of ended trials, in the unit cube of the numeric `parameters`."""

    def __init__(self, history: History, parameters: Sequence[Parameter]) -> None:
        self._history, self.parameters = history, parameters
        self._restarts = self._generations = 0
        earlier = max(0, len(history.ended) // _WINDOW - 1) * _WINDOW
        if parameters:
            before = {t.number for t in history.ended[:earlier]}
            best = (t.params for t in history.ranking if t.number in before and history.space.allows(t.params))
            self._begin(next(best, history.first_config))
            self._replay([t for t in history.ended[earlier:] if history.space.allows(t.params)])

    def points(self, seed: int, n: int) -> Iterator[Sequence[float]]:
        """`n` samples, each with a coordinate for every parameter."""
        if self.parameters:
            self._cma.reseed_rng(seed)
        yield from (self._cma.ask() if self.parameters else () for _ in range(n))

    def describe(self) -> str:
        if not self.parameters:
            return "CMA-ES has no number to move here; choices are drawn by how often the better half made them."
        if not self._generations:
            return "CMA-ES before its first whole generation: drawn around the defaults."
        done = f"{self._generations} generation{'s' * (self._generations > 1)}"
        again = f", started anew {self._restarts} time{'s' * (self._restarts > 1)}" if self._restarts else ""
        return f"CMA-ES after {done}{again}; its steps average {self._deviations().mean():.0%} of a range."

    def _begin(self, config: Config) -> None:
        mean = np.array([_coordinate(p, config.get(p.name, p.middle())) for p in self.parameters])
        size = (4 + int(3 * np.log(len(mean)))) * 2**self._restarts
        self._cma: Any = CMA(mean, _SIGMA, bounds=np.array([[0.0, 1.0]] * len(mean)), population_size=size, seed=0)

    def _replay(self, ended: Sequence[Trial]) -> None:
        """Tells whole generations; once one has converged, starts anew elsewhere, twice as large (IPOP)."""
        told = 0
        while told + self._cma.population_size <= len(ended):
            generation = ended[told : told + self._cma.population_size]
            told += len(generation)
            spread = np.ptp(self._tell(generation), axis=0).max()
            self._generations += 1
            if spread < _CONVERGED or self._cma.should_stop():
                self._restarts += 1
                self._begin(even(self._history.space, self._history.sobol_seed, self._restarts))

    def _tell(self, generation: Sequence[Trial]) -> Floats:
        order = sorted(generation, key=lambda t: self._history.loss(t) if has_value(t) else np.inf)
        points = np.array([self._point(t.params) for t in order])
        self._cma.tell([(point, float(rank)) for rank, point in enumerate(points)])
        return points

    def _point(self, config: Config) -> Floats:
        """The config's coordinates, a parameter it lacks at the mean. Steps are cut at three standard
        deviations, as one config from far away (a person's, say) would blow the step size up."""
        mean, reach = self._cma.mean, 3 * self._deviations()
        raw = [
            _coordinate(p, config[p.name]) if p.name in config else m
            for p, m in zip(self.parameters, mean, strict=True)
        ]
        return np.asarray(mean + np.clip(raw - mean, -reach, reach))

    def _deviations(self) -> Floats:
        return np.asarray(self._cma._sigma * np.sqrt(np.diag(self._cma._C)))


def _coordinate(parameter: Parameter, value: Any) -> float:
    return min(max(parameter.unit(value), 0.0), 1.0)
