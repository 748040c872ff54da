"""An Optuna search space in our terms, and configs there and back.

Optuna takes any text for a name and any object for a choice; our names are words, our choices plain JSON. What does
not fit gets a stand-in here and its own again on the way out.
"""

from __future__ import annotations

import json
import keyword
import math
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution

from trainers.distributions import from_distribution, to_distributions
from trainers.errors import SpaceError
from trainers.expressions import Expression
from trainers.parameters import CategoricalParameter, Parameter
from trainers.space import Config, SearchSpace

Distributions = Mapping[str, BaseDistribution]


class Translation:
    """`distributions` as `space`, and configs between the two. `when` are conditions by Optuna's name of a parameter,
    in our names; a `given` space of the same parameters is taken as it is."""

    def __init__(
        self, distributions: Distributions, when: Mapping[str, str] | None = None, *, given: SearchSpace | None = None
    ) -> None:
        self.distributions = dict(distributions)
        self.names = dict(zip(self.distributions, _words(self.distributions), strict=True))
        self._labels = {name: _labels(d) for name, d in self.distributions.items()}
        self._theirs = {ours: name for name, ours in self.names.items()}
        made = (self._parameter(name, (when or {}).get(name)) for name in self.distributions)
        self.space = given or SearchSpace(made)

    @classmethod
    def of(cls, space: SearchSpace | Distributions) -> Translation:
        """Of what a person gave: a space of ours, or distributions by name."""
        if isinstance(space, SearchSpace):
            return cls(to_distributions(space), given=space)
        return cls({name: d for name, d in space.items() if not d.single()})

    def restricted(self, names: Mapping[str, Any]) -> Translation:
        """Only the parameters `names`, in its order, without the conditions and constraints that read others."""
        if names.keys() == self.distributions.keys():
            return self
        kept = {self.names[name] for name in names if name in self.names}
        parameters = [
            p for p in self.space.parameters.values() if p.name in kept and (not p.when or p.when.names <= kept)
        ]
        constraints = [c.text for c in self.space.constraints if c.names <= kept]
        distributions = {self._theirs[p.name]: self.distributions[self._theirs[p.name]] for p in parameters}
        return Translation(distributions, given=SearchSpace(parameters, constraints))

    def config(self, params: Mapping[str, Any]) -> Config:
        """What of `params` belongs to the space, by our names; a value out of range stays out of range."""
        return {self.names[name]: self._ours(name, value) for name, value in params.items() if name in self.names}

    def params(self, config: Mapping[str, Any]) -> dict[str, Any]:
        """The reverse, with values that the distributions contain to the last digit."""
        return {self._theirs[name]: self._exact(self._theirs[name], value) for name, value in config.items()}

    def _ours(self, name: str, value: Any) -> Any:
        labels, distribution = self._labels[name], self.distributions[name]
        if labels is None:
            return value
        assert isinstance(distribution, CategoricalDistribution)
        try:
            return labels[int(distribution.to_internal_repr(value))]
        except ValueError:
            return math.nan  # a choice there is no longer: equal to none

    def _exact(self, name: str, value: Any) -> Any:
        distribution, labels = self.distributions[name], self._labels[name]
        if isinstance(distribution, CategoricalDistribution):
            assert labels is not None
            parameter = self.space.parameters[self.names[name]]
            assert isinstance(parameter, CategoricalParameter)
            index = round(parameter.unit(value) * (len(labels) - 1))
            return distribution.choices[index]
        assert hasattr(distribution, "low") and hasattr(distribution, "high")
        if isinstance(distribution, FloatDistribution) and distribution.step is not None:
            steps = round((value - distribution.low) / distribution.step)
            value = distribution.low + steps * distribution.step
        return type(distribution.low)(min(max(value, distribution.low), distribution.high))

    def _parameter(self, name: str, when: str | None) -> Parameter:
        distribution, labels = self.distributions[name], self._labels[name]
        ours = CategoricalDistribution(labels) if labels is not None else distribution
        try:
            parameter = from_distribution(self.names[name], ours)
        except SpaceError as error:
            raise SpaceError(error.what, where=f"the parameter '{name}'", remedy=error.remedy) from None
        return replace(parameter, when=Expression(when)) if when else parameter


def _words(names: Mapping[str, Any]) -> list[str]:
    """A word of ours for each name, itself where it is one."""
    words: list[str] = []
    for name in names:
        word = re.sub(r"[^\w.]+", "_", name)
        parts = [part if part[:1].isalpha() or part[:1] == "_" else f"_{part}" for part in word.split(".")]
        word = ".".join(f"{part}_" if keyword.iskeyword(part) else part for part in parts)
        while word in words or (word != name and word in names):
            word += "_"
        words.append(word)
    return words


def _labels(distribution: BaseDistribution) -> tuple[str | int | float | bool | None, ...] | None:
    """Plain, different choices for those of a categorical distribution; None for numbers."""
    if not isinstance(distribution, CategoricalDistribution):
        return None
    try:
        CategoricalParameter(name="x", choices=tuple(distribution.choices))
    except SpaceError:
        return tuple(f"{i}: {_text(choice)}" for i, choice in enumerate(distribution.choices))
    return tuple(distribution.choices)


def _text(choice: Any) -> str:
    try:
        return json.dumps(choice)[:80]
    except (TypeError, ValueError):
        return str(choice)[:80]
