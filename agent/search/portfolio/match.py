"""A portfolio held against a study's space: how well it fits, and its configs as the study would have them."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from agent.lessons.families import NEURAL
from agent.lessons.lesson import GoodConfig, Lesson
from agent.search.draws import repair, settle
from agent.search.portfolio.names import Pair, pairs
from agent.search.portfolio.values import Placed, placed
from trainers.dimension import is_number
from trainers.errors import SpaceError
from trainers.parameters import CategoricalParameter, Parameter, parameter_from_dict
from trainers.space import Config, SearchSpace

_JUDGED_BY = 5  # configs of a portfolio, the first: those that a study is likely to try
_STRANGE = 0.6  # weight of a parameter that the portfolio has not heard of, one of its own having 1 in the mean
_FIXED = 0.5  # weight of one that the portfolio knows but never varied


@dataclass(frozen=True)
class Match:
    """`near` says from 0 to 1 how like the kinds of model and data are (agent.search.portfolio.kinship)."""

    lesson: Lesson
    space: SearchSpace
    first: Config
    near: float

    @cached_property
    def fit(self) -> float:
        """1 where each parameter that matters is in both and has values within the space's range, for the same kind of
        model; 0 for nothing in common."""
        shares = [self.covered(config) for config in self.configs[:_JUDGED_BY]]
        return self.near * sum(shares) / len(shares) if shares else 0.0

    @cached_property
    def configs(self) -> tuple[GoodConfig, ...]:
        return self.lesson.portfolio.configs if self.lesson.portfolio else ()

    @cached_property
    def unheard(self) -> list[str]:
        """The space's parameters that the portfolio does not have."""
        paired = {pair.mine for pair in self._pairs}
        return [name for name in self.space.parameters if name not in paired]

    def moved(self, config: GoodConfig) -> list[str]:
        """The numbers of the space for which `config` has one outside the range."""
        return [pair.mine for pair, value in self._values(config) if value and value.fit < 1 and is_number(value.value)]

    def covered(self, config: GoodConfig) -> float:
        """The share, by weight, of the parameters of either side for which `config` has a value in the space."""
        found = sum(self._weight(pair) * (value.fit if value else 0.0) for pair, value in self._values(config))
        known = {pair.theirs for pair in self._pairs}
        lost = sum(weight for name, weight in self._weights.items() if name not in known)
        total = sum(map(self._weight, self._pairs)) + lost + _STRANGE * len(self.unheard)
        return found / total if total else 0.0

    def made(self, config: GoodConfig) -> Config | None:
        """`config` in the space: what it does not say as in the study's first config, its constraints met."""
        values = {pair.mine: value.value for pair, value in self._values(config) if value is not None}
        if not values:
            return None
        try:
            snapped = self.space.snap({**self.first, **values})
            return settle(self.space, repair(self.space, snapped, random.Random(0)))
        except SpaceError:
            return None  # nothing in the space is near it

    @cached_property
    def _theirs(self) -> dict[str, Parameter]:
        return dict(_readable(self.lesson.conditions.parameters))

    @cached_property
    def _pairs(self) -> list[Pair]:
        networks = NEURAL in self.lesson.conditions.families
        return pairs(self.space.parameters, self._theirs, networks=networks)

    @cached_property
    def _weights(self) -> dict[str, float]:
        """Of those parameters that were varied; their mean is 1."""
        told: Mapping[str, float] = self.lesson.portfolio.weights if self.lesson.portfolio else {}
        varied = [name for name, parameter in self._theirs.items() if not _is_fixed(parameter)]
        given = {name: told[name] for name in varied if name in told and 0 <= told[name] < math.inf}
        mean = sum(given.values()) / len(given) if any(given.values()) else 1.0
        return {name: given.get(name, mean) / mean for name in varied}

    def _weight(self, pair: Pair) -> float:
        """Of several of the space's that are one of the portfolio's each has its part."""
        sharing = sum(other.theirs == pair.theirs for other in self._pairs)
        return self._weights.get(pair.theirs, _FIXED) / sharing

    def _values(self, config: GoodConfig) -> Iterator[tuple[Pair, Placed | None]]:
        for pair in self._pairs:
            mine, theirs = self.space.parameters[pair.mine], self._theirs[pair.theirs]
            value = config.params.get(pair.theirs)
            yield pair, None if value is None else placed(value, theirs, mine, pair.base)


def _is_fixed(parameter: Parameter) -> bool:
    return isinstance(parameter, CategoricalParameter) and len(parameter.choices) == 1


def _readable(told: Mapping[str, Mapping[str, object]]) -> Iterator[tuple[str, Parameter]]:
    """Without what another version, or a person, wrote in a way that this one does not read."""
    for name, spec in told.items():
        try:
            yield name, parameter_from_dict(name, {key: value for key, value in spec.items() if key != "when"})
        except (SpaceError, TypeError, ValueError):
            continue
