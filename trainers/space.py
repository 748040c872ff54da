"""SearchSpace: parameters, the conditions under which they apply, constraints between them.

The ground floor: the standard library only, so that a bare GPU node can check a config.
"""

from __future__ import annotations

import hashlib
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
from trainers.sampling import applies, breaks, every_config, groups, is_countable

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
        self._read_by_conditions = frozenset(name for p in self._order if p.when for name in p.when.names)
        self._groups = groups(self._order, self.constraints)

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
            if not constraint.names:
                raise SpaceError(f"'{constraint.text}' names no parameter", where="constraints", remedy="Drop it.")
            yield "constraints", constraint

    # -- what a config must be -------------------------------------------------

    def active(self, config: Mapping[str, Any]) -> Config:
        """`config` without the parameters whose condition does not hold, in declared order."""
        found: Config = {}
        for parameter in self._order:
            if parameter.name in config and applies(parameter, found):
                found[parameter.name] = self._as_read(parameter, config[parameter.name])
        return {name: config[name] for name in self.parameters if name in found}

    def _as_read(self, parameter: Parameter, value: Any) -> Any:
        """What conditions see of `value`: its canonical form, so that the last digits of a float decide nothing."""
        wanted = parameter.name in self._read_by_conditions and parameter.problem(value) is None
        return parameter.snap(value) if wanted else value

    def problems(self, config: Mapping[str, Any]) -> list[str]:
        """Everything wrong with `config`, each naming the parameter and the bound it breaks."""
        found = [
            f"{name} is not a parameter of this space. {nearest(name, self.parameters)}".strip()
            for name in config
            if name not in self.parameters
        ]
        known: Config = {}
        for parameter in self._order:
            if not applies(parameter, known):
                continue
            if parameter.name not in config:
                found.append(f"{parameter.name} is missing")
                continue
            value = config[parameter.name]
            if problem := parameter.problem(value):
                found.append(problem)
            known[parameter.name] = value if problem else parameter.snap(value)
        if not found:
            found = [self._broken(c, known) for c in self.constraints if breaks(c, known)]
        return found

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
            if applies(parameter, snapped):
                value = config.get(parameter.name, parameter.middle())
                snapped[parameter.name] = parameter.snap(value)
        return {name: snapped[name] for name in self.parameters if name in snapped}

    def key(self, config: Mapping[str, Any]) -> str:
        """A hash by which two configs are the same trial."""
        return config_key(self.canonical(config))

    # -- making configs --------------------------------------------------------

    def sample(self, rng: random.Random) -> Config:
        """A config drawn uniformly among those that meet the constraints. Raises SpaceError when none is found."""
        drawn: Config = {}
        for group in self._groups:
            drawn |= group.sample(rng)
        return {name: drawn[name] for name in self.parameters if name in drawn}

    def default(self) -> Config:
        """The config of all defaults, or the closest to it found that meets the constraints."""
        config = self.snap({})
        if not self.problems(config):
            return config
        rng = random.Random(0)
        return min((self.sample(rng) for _ in range(256)), key=lambda other: self.distance(config, other))

    def configs(self) -> list[Config] | None:
        """Every config of a finite space of at most 100,000; None for any other."""
        if not is_countable(self._order):
            return None
        found = every_config(self._order, self.constraints)
        return [{name: config[name] for name in self.parameters if name in config} for config in found]

    def distance(self, a: Mapping[str, Any], b: Mapping[str, Any]) -> float:
        """Root mean square difference over parameters, 0 to 1 each; 1 where only one has it.

        Configs from before an edit of the space may hold what no longer fits: as far away as can be.
        """
        total = sum(self._apart(p, a, b) ** 2 for p in self.parameters.values())
        return math.sqrt(total / len(self.parameters)) if self.parameters else 0.0

    @staticmethod
    def _apart(parameter: Parameter, a: Mapping[str, Any], b: Mapping[str, Any]) -> float:
        name = parameter.name
        if name not in a or name not in b:
            return float((name in a) != (name in b))
        if isinstance(parameter, CategoricalParameter):
            return float(parameter.problem(a[name]) is not None or parameter.unit(a[name]) != parameter.unit(b[name]))
        try:
            return min(abs(parameter.unit(a[name]) - parameter.unit(b[name])), 1.0)
        except (TypeError, ValueError):
            return 1.0

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
        parameters, constraints = data.get("parameters", {}), data.get("constraints", ())
        if not isinstance(parameters, Mapping):
            raise SpaceError("parameters is not a table", where="space")
        if not isinstance(constraints, list | tuple):
            raise SpaceError("constraints is not a list", where="constraints", remedy='Write ["a < b"].')
        return cls((parameter_from_dict(name, spec) for name, spec in parameters.items()), constraints)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SearchSpace) and self._text() == other._text()

    def __hash__(self) -> int:
        return hash(self._text())

    def _text(self) -> str:
        """Python finds the choices 1 and True equal; their texts differ."""
        return json.dumps(self.to_dict(), sort_keys=True)

    def __len__(self) -> int:
        return len(self.parameters)

    def __repr__(self) -> str:
        return f"SearchSpace({', '.join(self.parameters)})"


def config_key(canonical: Mapping[str, Any]) -> str:
    """First 16 hex digits of the SHA-256 of a canonical config's sorted JSON."""
    text = json.dumps(canonical, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]
