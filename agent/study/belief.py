"""Where a person thinks good values of one parameter lie."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from trainers.dimension import is_number
from trainers.parameters import CategoricalParameter, IntParameter, NumberParameter, Parameter, Value

_WIDE = 0.1  # of a range: one standard deviation of what "about" means
_LEAST = 0.05  # of the density, everywhere: never a wall


@dataclass(frozen=True)
class Belief:
    """From `low` to `high` on the parameter's 0 to 1 scale, or at some of its choices."""

    name: str
    low: float = 0.0
    high: float = 1.0
    choices: tuple[Value, ...] = ()

    def density(self, parameter: Parameter, config: Mapping[str, Any]) -> float:
        """From _LEAST to 1; 1 also where the parameter does not apply."""
        if self.name not in config:
            return 1.0
        value = config[self.name]
        if self.choices or not isinstance(parameter, NumberParameter):
            near = 1.0 if any(same(value, choice) for choice in self.choices) else 0.0
        elif not is_number(value):
            near = 0.0
        else:
            place = parameter.unit(value)
            near = math.exp(-0.5 * (max(self.low - place, place - self.high, 0.0) / _WIDE) ** 2)
        return _LEAST + (1 - _LEAST) * near

    def within(self, other: Belief) -> Belief | None:
        """What both say of the parameter; None where they contradict each other."""
        if self.choices:
            both = tuple(c for c in self.choices if any(same(c, o) for o in other.choices))
            return Belief(self.name, choices=both) if both else None
        low, high = max(self.low, other.low), min(self.high, other.high)
        return Belief(self.name, low, max(low, high)) if low <= high + 1e-9 else None

    def says(self, parameter: Parameter) -> str:
        """In words: `batch_size 10 … 90`, `lr about 0.001`, `optimizer adam or sgd`."""
        if self.choices or not isinstance(parameter, NumberParameter):
            return f"{self.name} {' or '.join(plain(c) for c in self.choices)}"
        if self.high - self.low < 1e-9:
            return f"{self.name} about {plain(value_at(parameter, self.low))}"
        return f"{self.name} {plain(value_at(parameter, self.low))} … {plain(value_at(parameter, self.high))}"


def same(value: Any, other: Any) -> bool:
    """True and 1 are different choices; 1 and 1.0 are the same."""
    return bool(value == other) and isinstance(value, bool) == isinstance(other, bool)


def value_at(parameter: NumberParameter, place: float) -> float:
    low, high = float(parameter.low), float(parameter.high)
    value = low * (high / low) ** place if parameter.log else low + place * (high - low)
    return round(value) if isinstance(parameter, IntParameter) else value


def plain(value: Value) -> str:
    """A value as a person writes it: 100, not 1e+02."""
    if value is None or isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{float(f'{value:.3g}'):g}" if abs(value) < 1e5 else f"{value:.3g}"
    return str(value)


def range_of(parameter: Parameter) -> str:
    """What a parameter can be: `10 … 250`, `adam, sgd`."""
    if isinstance(parameter, CategoricalParameter):
        return ", ".join(plain(c) for c in parameter.choices)
    assert isinstance(parameter, NumberParameter)
    return f"{plain(parameter.low)} … {plain(parameter.high)}"
