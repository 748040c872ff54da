"""SearchSpace: parameters, the conditions under which they apply, constraints between them.

The ground floor: the standard library only, so that a bare GPU node can check a config.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import math
import random
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from trainers.errors import SpaceError, nearest
from trainers.expressions import Expression
from trainers.parameters import (
    CategoricalParameter,
    Config,
    FloatParameter,
    IntParameter,
    Parameter,
    parameter_from_dict,
    tidy,
)

__all__ = [
    "CategoricalParameter",
    "Config",
    "FloatParameter",
    "IntParameter",
    "Parameter",
    "SearchSpace",
    "config_key",
    "tidy",
]

_NAME = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*\Z")
_SAMPLE_TRIES = 10_000
_ENUMERABLE = 100_000


class SearchSpace:
    """Parameters by name, in order, and constraints that every config must meet.

    Raises SpaceError when names, conditions or constraints do not fit together, or when
    no config meets the constraints.
    """

    def __init__(self, parameters: Iterable[Parameter], constraints: Iterable[str] = ()) -> None:
        self.parameters: dict[str, Parameter] = {}
        for parameter in parameters:
            if not _NAME.match(parameter.name):
                raise SpaceError(
                    f"'{parameter.name}' is not a parameter name",
                    where="space",
                    remedy="Use letters, digits, underscores and dots.",
                )
            if parameter.name in self.parameters:
                raise SpaceError("the name is used twice", where=f"space.{parameter.name}")
            self.parameters[parameter.name] = parameter
        self.constraints = tuple(Expression(c) for c in constraints)
        self._order = self._resolve()
        if self.constraints:
            self.sample(random.Random(0))  # raises when nothing satisfies them

    def _resolve(self) -> tuple[Parameter, ...]:
        """Parameters ordered so that each comes after those its condition reads."""
        for label, expression in self._expressions():
            for name in expression.names - self.parameters.keys():
                raise SpaceError(
                    f"'{expression.text}' names '{name}', which is no parameter",
                    where=label,
                    remedy=nearest(name, self.parameters),
                )
        ordered: dict[str, Parameter] = {}
        waiting = dict(self.parameters)
        while waiting:
            ready = [p for p in waiting.values() if p.when is None or p.when.names <= ordered.keys()]
            if not ready:
                raise SpaceError(
                    f"the conditions of {', '.join(waiting)} depend on each other",
                    where="space",
                    remedy="Break the circle.",
                )
            for parameter in ready:
                ordered[parameter.name] = waiting.pop(parameter.name)
        return tuple(ordered.values())

    def _expressions(self) -> Iterator[tuple[str, Expression]]:
        for parameter in self.parameters.values():
            if parameter.when is not None:
                yield f"space.{parameter.name}.when", parameter.when
        for constraint in self.constraints:
            yield "constraints", constraint

    # -- what a config must be -------------------------------------------------

    def active(self, config: Mapping[str, Any]) -> Config:
        """`config` without the parameters whose condition does not hold, in declared order."""
        found: Config = {}
        for parameter in self._order:
            if parameter.name in config and self._applies(parameter, found):
                found[parameter.name] = config[parameter.name]
        return {name: found[name] for name in self.parameters if name in found}

    @staticmethod
    def _applies(parameter: Parameter, active: Mapping[str, Any]) -> bool:
        return parameter.when is None or (parameter.when.names <= active.keys() and parameter.when.holds(active))

    def problems(self, config: Mapping[str, Any]) -> list[str]:
        """Everything wrong with `config`, each naming the parameter and the bound it breaks."""
        found = [
            f"{name} is not a parameter of this space. {nearest(name, self.parameters)}".strip()
            for name in config
            if name not in self.parameters
        ]
        active = self.active(config)
        known: Config = {}
        for parameter in self._order:
            if not self._applies(parameter, known):
                continue
            if parameter.name not in active:
                found.append(f"{parameter.name} is missing")
                continue
            if problem := parameter.problem(active[parameter.name]):
                found.append(problem)
            known[parameter.name] = active[parameter.name]
        if not found:
            found = [self._broken(c, active) for c in self.constraints if self._breaks(c, active)]
        return found

    @staticmethod
    def _breaks(constraint: Expression, active: Mapping[str, Any]) -> bool:
        """A constraint on an inactive parameter says nothing about this config."""
        return constraint.names <= active.keys() and not constraint.holds(active)

    @staticmethod
    def _broken(constraint: Expression, active: Mapping[str, Any]) -> str:
        values = ", ".join(f"{name} = {active[name]!r}" for name in sorted(constraint.names))
        return f"constraint {constraint.text} is broken by {values}"

    def validate(self, config: Mapping[str, Any]) -> Config:
        """The active, canonical form of `config`. Raises SpaceError listing every problem."""
        if problems := self.problems(config):
            raise SpaceError("; ".join(problems), where="config")
        return self.canonical(config)

    def allows(self, config: Mapping[str, Any]) -> bool:
        return not self.problems(config)

    def canonical(self, config: Mapping[str, Any]) -> Config:
        """Active parameters only, each value in its canonical type and precision."""
        return {name: self.parameters[name].snap(value) for name, value in self.active(config).items()}

    def snap(self, config: Mapping[str, Any]) -> Config:
        """The nearest config whose every value is allowed: clipped, rounded, completed.

        Constraints may still be broken; ask `problems`. Raises SpaceError for a value that
        has no nearest (text for a number, an unknown choice).
        """
        snapped: Config = {}
        for parameter in self._order:
            if self._applies(parameter, snapped):
                value = config.get(parameter.name, parameter.middle())
                snapped[parameter.name] = parameter.snap(value)
        return {name: snapped[name] for name in self.parameters if name in snapped}

    def key(self, config: Mapping[str, Any]) -> str:
        """A hash by which two configs are the same trial."""
        return config_key(self.canonical(config))

    # -- making configs --------------------------------------------------------

    def sample(self, rng: random.Random) -> Config:
        """A config drawn uniformly among those that meet the constraints.

        Raises SpaceError when none was met in 10,000 draws.
        """
        for _ in range(_SAMPLE_TRIES):
            drawn: Config = {}
            for parameter in self._order:
                if self._applies(parameter, drawn):
                    drawn[parameter.name] = parameter.sample(rng)
            if not any(self._breaks(c, drawn) for c in self.constraints):
                return {name: drawn[name] for name in self.parameters if name in drawn}
        texts = ", ".join(c.text for c in self.constraints)
        raise SpaceError(
            f"no config meets {texts} ({_SAMPLE_TRIES:,} tried)",
            where="constraints",
            remedy="Widen a range or drop a constraint.",
        )

    def default(self) -> Config:
        """The config of all defaults, or the closest to it found that meets the constraints."""
        config = self.snap({})
        if not self.problems(config):
            return config
        rng = random.Random(0)
        return min((self.sample(rng) for _ in range(256)), key=lambda other: self.distance(config, other))

    def configs(self) -> list[Config] | None:
        """Every config of a finite space of at most 100,000; None for any other."""
        grids = [p.grid() for p in self._order]
        if any(g is None for g in grids) or math.prod(len(g) for g in grids if g) > _ENUMERABLE:
            return None
        found: dict[str, Config] = {}
        for values in itertools.product(*(g for g in grids if g is not None)):
            config = self.active(dict(zip((p.name for p in self._order), values, strict=True)))
            if not any(self._breaks(c, config) for c in self.constraints):
                found.setdefault(config_key(config), config)
        return list(found.values())

    def distance(self, a: Mapping[str, Any], b: Mapping[str, Any]) -> float:
        """Root mean square difference over parameters, 0 to 1 each; 1 where only one has it."""
        total = 0.0
        for name, parameter in self.parameters.items():
            if (name in a) != (name in b):
                total += 1.0
            elif name in a and isinstance(parameter, CategoricalParameter):
                total += float(
                    parameter.problem(a[name]) is not None or parameter.unit(a[name]) != parameter.unit(b[name])
                )
            elif name in a:
                total += (parameter.unit(a[name]) - parameter.unit(b[name])) ** 2
        return math.sqrt(total / len(self.parameters)) if self.parameters else 0.0

    # -- reading and writing ---------------------------------------------------

    def to_dict(self) -> dict[str, Any]:
        """`{parameters: {name: {...}}, constraints: [...]}`, plain JSON."""
        return {
            "parameters": {name: p.to_dict() for name, p in self.parameters.items()},
            "constraints": [c.text for c in self.constraints],
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> SearchSpace:
        """Reads `to_dict`'s form. Raises SpaceError naming the parameter and the key."""
        parameters = (parameter_from_dict(name, spec) for name, spec in data.get("parameters", {}).items())
        return cls(parameters, data.get("constraints", ()))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SearchSpace) and self.to_dict() == other.to_dict()

    def __hash__(self) -> int:
        return hash(json.dumps(self.to_dict(), sort_keys=True))

    def __len__(self) -> int:
        return len(self.parameters)

    def __repr__(self) -> str:
        return f"SearchSpace({', '.join(self.parameters)})"


def config_key(canonical: Mapping[str, Any]) -> str:
    """First 16 hex digits of the SHA-256 of a canonical config's sorted JSON."""
    text = json.dumps(canonical, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]
