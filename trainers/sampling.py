"""Draws from parameters that constraints and conditions tie together, and lists them."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from trainers.dimension import ENUMERABLE, Config, Parameter
from trainers.errors import SpaceError
from trainers.expressions import Expression

_TRIES, _TRIES_BEFORE_LISTING = 10_000, 1_000


def applies(parameter: Parameter, active: Mapping[str, Any]) -> bool:
    """Whether the parameter is there at all, given those that its condition reads."""
    return parameter.when is None or (parameter.when.names <= active.keys() and parameter.when.holds(active))


def breaks(constraint: Expression, active: Mapping[str, Any]) -> bool:
    """A constraint on an inactive parameter says nothing about this config."""
    return constraint.names <= active.keys() and not constraint.holds(active)


def every_config(parameters: Sequence[Parameter], constraints: Sequence[Expression]) -> Iterator[Config]:
    """All distinct configs of finite `parameters`, each of which comes after those its condition reads."""
    seen: set[tuple[Any, ...]] = set()
    for values in itertools.product(*(p.grid() or () for p in parameters)):
        config: Config = {}
        for parameter, value in zip(parameters, values, strict=True):
            if applies(parameter, config):
                config[parameter.name] = value
        key = tuple((name, type(value), value) for name, value in config.items())  # True is not 1
        if key not in seen and not any(breaks(c, config) for c in constraints):
            seen.add(key)
            yield config


def is_countable(parameters: Iterable[Parameter]) -> bool:
    """Whether there are at most 100,000 combinations of values."""
    return math.prod(p.count() for p in parameters) <= ENUMERABLE


class Group:
    """Parameters that share conditions or constraints, ordered so that each comes after those it depends on.

    Groups are independent of each other, so a constraint that few values of its own parameters
    meet costs no draws of the others.
    """

    def __init__(self, parameters: Sequence[Parameter], constraints: Sequence[Expression]) -> None:
        """Raises SpaceError when no config is found that meets the constraints."""
        self.parameters, self.constraints = tuple(parameters), tuple(constraints)
        self._countable = is_countable(parameters)
        self._listed: list[Config] = []
        # Decided once and for all, so that the same seed always draws the same config.
        self._sparse = bool(constraints) and self._draw(random.Random(0)) is None
        if self._sparse and next(self._every(), None) is None:
            raise self._unmet()

    def sample(self, rng: random.Random) -> Config:
        """Values drawn uniformly among those that meet the constraints.

        A finite group that hardly any draw meets is listed instead. Raises SpaceError when an
        infinite one is met by none of 10,000 draws.
        """
        drawn = None if self._sparse else self._draw(rng)
        if drawn is not None:
            return drawn
        self._listed = self._listed or list(self._every())
        if not self._listed:
            raise self._unmet()
        return dict(rng.choice(self._listed))

    def _draw(self, rng: random.Random) -> Config | None:
        for _ in range(_TRIES_BEFORE_LISTING if self._countable else _TRIES):
            drawn: Config = {}
            for parameter in self.parameters:
                if applies(parameter, drawn):
                    drawn[parameter.name] = parameter.sample(rng)
            if not any(breaks(c, drawn) for c in self.constraints):
                return drawn
        return None

    def _every(self) -> Iterator[Config]:
        return every_config(self.parameters, self.constraints) if self._countable else iter(())

    def _unmet(self) -> SpaceError:
        texts = ", ".join(c.text for c in self.constraints)
        what = f"no config meets {texts}" if self._countable else f"none of {_TRIES:,} random configs meets {texts}"
        return SpaceError(what, where="constraints", remedy="Widen a range or drop a constraint.")


def groups(ordered: Sequence[Parameter], constraints: Sequence[Expression]) -> tuple[Group, ...]:
    """The independent groups of a space, whose parameters are `ordered` as Group wants them. Raises SpaceError."""
    tied: list[set[str]] = []
    together = [{p.name} | (p.when.names if p.when else frozenset()) for p in ordered]
    for names in (*together, *(c.names for c in constraints)):
        touched = [group for group in tied if group & names]
        tied = [group for group in tied if not group & names] + [set(names).union(*touched)]
    places = {p.name: i for i, p in enumerate(ordered)}
    tied.sort(key=lambda names: min(places[name] for name in names))
    return tuple(
        Group([p for p in ordered if p.name in names], [c for c in constraints if c.names <= names]) for names in tied
    )
