"""What every kind of parameter is: one dimension of a search space, with a condition."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from typing import Any, ClassVar

from trainers.errors import SpaceError
from trainers.expressions import Expression

Value = float | int | str | bool | None
Config = dict[str, Any]

ENUMERABLE = 100_000  # no list of values or configs gets longer


def tidy(value: float) -> float:
    """`value` to 12 significant digits, so that 0.1 + 0.2 and 0.3 are one config, and -0.0 and 0.0."""
    return float(f"{value:.12g}") + 0.0


def is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_finite(value: Any) -> bool:
    """Whether `value` is a number that fits a float: neither nan nor infinite nor 10**400."""
    try:
        return is_number(value) and math.isfinite(value)
    except OverflowError:
        return False


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """One dimension of a search space. `when` says for which configs it is active."""

    name: str
    default: Value = None
    when: Expression | None = None
    kind: ClassVar[str] = ""
    keys: ClassVar[tuple[str, ...]] = ()

    def problem(self, value: Any) -> str | None:
        """What is wrong with `value`, naming the parameter and the bound; None when it fits."""
        raise NotImplementedError

    def snap(self, value: Any) -> Value:
        """The nearest allowed value. Raises SpaceError when there is no such thing."""
        raise NotImplementedError

    def sample(self, rng: random.Random) -> Value:
        """A value drawn uniformly (log-uniformly where `log`)."""
        raise NotImplementedError

    def count(self) -> float:
        """How many allowed values there are; infinity for a continuous range."""
        raise NotImplementedError

    def grid(self) -> tuple[Value, ...] | None:
        """Every allowed value, or None when there are more than 100,000."""
        raise NotImplementedError

    def unit(self, value: Any) -> float:
        """Where `value` lies in the range, from 0 to 1, on the parameter's own scale."""
        raise NotImplementedError

    def middle(self) -> Value:
        """The default, or else the middle of the range on the parameter's own scale."""
        raise NotImplementedError

    def to_dict(self) -> dict[str, Any]:
        """The JSON and TOML form; `parameter_from_dict` reads it back."""
        out: dict[str, Any] = {"type": self.kind}
        for key in self.keys:
            value = getattr(self, key)
            if value is not None and value is not False:
                out[key] = list(value) if isinstance(value, tuple) else value
        if self.default is not None:
            out["default"] = self.default
        if self.when is not None:
            out["when"] = self.when.text
        return out

    def _check_default(self) -> None:
        if self.default is None:
            return
        if problem := self.problem(self.default):
            self._refuse(f"its default does not fit: {problem}")
        object.__setattr__(self, "default", self.snap(self.default))

    def _refuse(self, what: str, remedy: str = "") -> None:
        raise SpaceError(what, where=f"space.{self.name}", remedy=remedy)
