"""The kinds of parameter: float, int and categorical, as in Optuna, with a condition."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from trainers.errors import SpaceError, nearest
from trainers.expressions import Expression

Value = float | int | str | bool | None
Config = dict[str, Any]


def tidy(value: float) -> float:
    """`value` to 12 significant digits, so that 0.1 + 0.2 and 0.3 are one config."""
    return float(f"{value:.12g}")


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

    def grid(self) -> tuple[Value, ...] | None:
        """Every allowed value, or None when there are infinitely many."""
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


@dataclass(frozen=True, kw_only=True)
class NumberParameter(Parameter):
    """What float and int share: a range, linear or logarithmic, continuous or stepped."""

    low: float
    high: float
    log: bool = False
    step: float | None = None
    keys: ClassVar[tuple[str, ...]] = ("low", "high", "log", "step")

    def __post_init__(self) -> None:
        if not all(_is_number(v) and math.isfinite(v) for v in (self.low, self.high)):
            self._refuse(f"low = {self.low!r} and high = {self.high!r} must be finite numbers")
        if self.low > self.high:
            self._refuse(f"low = {self.low:g} is greater than high = {self.high:g}", "Swap them.")
        if self.log and self.low <= 0:
            self._refuse(f"log = true needs low above 0, not {self.low:g}", "Raise low or drop log.")
        if self.log and self.step is not None:
            self._refuse("log = true and step exclude each other", "Drop one of them.")
        if self.step is not None and not (_is_number(self.step) and self.step > 0):
            self._refuse(f"step = {self.step!r} must be above 0")
        if self.default is not None and (problem := self.problem(self.default)):
            self._refuse(f"its default does not fit: {problem}")

    def _refuse(self, what: str, remedy: str = "") -> None:
        raise SpaceError(what, where=f"space.{self.name}", remedy=remedy)

    def problem(self, value: Any) -> str | None:
        if not _is_number(value):
            return f"{self.name} = {value!r} is not a number"
        if not math.isfinite(value):
            return f"{self.name} = {value} is not finite"
        if value < self.low and not math.isclose(value, self.low, rel_tol=1e-9):
            return f"{self.name} = {value:g} is below its lower bound {self.low:g}"
        if value > self.high and not math.isclose(value, self.high, rel_tol=1e-9):
            return f"{self.name} = {value:g} is above its upper bound {self.high:g}"
        if self.step is not None and not math.isclose(value, float(self.snap(value) or 0), rel_tol=1e-9, abs_tol=1e-12):
            return f"{self.name} = {value:g} is not on its grid of {self.low:g} + k·{self.step:g}"
        return None

    def snap(self, value: Any) -> Value:
        try:
            number = float(value)
        except (TypeError, ValueError):
            number = math.nan
        if math.isnan(number):
            raise SpaceError(f"{self.name} = {value!r} is not a number", where=f"space.{self.name}")
        return self._settle(min(max(number, self.low), self.high))

    def _settle(self, number: float) -> Value:
        if self.step is not None:
            steps = min(round((number - self.low) / self.step), self._steps())
            number = self.low + steps * self.step
        return tidy(number)

    def _steps(self) -> int:
        assert self.step is not None
        return math.floor((self.high - self.low) / self.step + 1e-9)

    def sample(self, rng: random.Random) -> Value:
        return self._settle(self._from_unit(rng.random()))

    def _from_unit(self, u: float) -> float:
        if self.log:
            return math.exp(math.log(self.low) + u * (math.log(self.high) - math.log(self.low)))
        return self.low + u * (self.high - self.low)

    def unit(self, value: Any) -> float:
        if self.low == self.high:
            return 0.5
        if self.log:
            return math.log(float(value) / self.low) / math.log(self.high / self.low)
        return (float(value) - self.low) / (self.high - self.low)

    def middle(self) -> Value:
        return self.default if self.default is not None else self._settle(self._from_unit(0.5))

    def grid(self) -> tuple[Value, ...] | None:
        if self.low == self.high:
            return (self._settle(self.low),)
        if self.step is None:
            return None
        return tuple(self._settle(self.low + k * self.step) for k in range(self._steps() + 1))


@dataclass(frozen=True, kw_only=True)
class FloatParameter(NumberParameter):
    """A real number in [low, high]."""

    kind: ClassVar[str] = "float"


@dataclass(frozen=True, kw_only=True)
class IntParameter(NumberParameter):
    """A whole number in [low, high], every `step`-th of them (1 unless told)."""

    low: int
    high: int
    step: int | None = None
    kind: ClassVar[str] = "int"

    def __post_init__(self) -> None:
        for key in ("low", "high", "step"):
            bound = getattr(self, key)
            if bound is not None and (not _is_number(bound) or bound != int(bound)):
                self._refuse(f"{key} = {bound!r} must be a whole number", 'Use type = "float" for others.')
        super().__post_init__()

    def problem(self, value: Any) -> str | None:
        if _is_number(value) and math.isfinite(value) and value != int(value):
            return f"{self.name} = {value!r} is not a whole number"
        return super().problem(value)

    def _settle(self, number: float) -> Value:
        step = self.step or 1
        steps = round((number - self.low) / step)
        return int(self.low + min(steps, (self.high - self.low) // step) * step)

    def _from_unit(self, u: float) -> float:
        # Half a step beyond each end, so that the end values are as likely as the others.
        half = 0.5 * (self.step or 1)
        low, high = self.low - half, self.high + half
        if self.log:
            low = max(low, self.low / 2)
            return min(max(math.exp(math.log(low) + u * math.log(high / low)), self.low), self.high)
        return min(max(low + u * (high - low), self.low), self.high)

    def grid(self) -> tuple[Value, ...] | None:
        return tuple(range(int(self.low), int(self.high) + 1, int(self.step or 1)))


@dataclass(frozen=True, kw_only=True)
class CategoricalParameter(Parameter):
    """One of a few named choices, without an order."""

    choices: tuple[Value, ...]
    kind: ClassVar[str] = "categorical"
    keys: ClassVar[tuple[str, ...]] = ("choices",)

    def __post_init__(self) -> None:
        if not self.choices:
            raise SpaceError("choices is empty", where=f"space.{self.name}", remedy="List at least one value.")
        for choice in self.choices:
            if not isinstance(choice, str | int | float | bool | None):
                raise SpaceError(
                    f"choice {choice!r} is neither text, number, boolean nor null", where=f"space.{self.name}"
                )
        if len({_identity(c) for c in self.choices}) < len(self.choices):
            raise SpaceError(f"choices {list(self.choices)} repeat a value", where=f"space.{self.name}")
        if self.default is not None and (problem := self.problem(self.default)):
            raise SpaceError(f"its default does not fit: {problem}", where=f"space.{self.name}")

    def _find(self, value: Any) -> int | None:
        return next((i for i, c in enumerate(self.choices) if _identity(c) == _identity(value)), None)

    def problem(self, value: Any) -> str | None:
        if self._find(value) is None:
            return f"{self.name} = {value!r} is not one of {list(self.choices)}"
        return None

    def snap(self, value: Any) -> Value:
        index = self._find(value)
        if index is None:  # models and people write "64" or 64.0 for 64, "True" for true
            index = next((i for i, c in enumerate(self.choices) if str(c).lower() == str(value).lower()), None)
        if index is None and _is_number(value) and all(_is_number(c) for c in self.choices):
            index = min(range(len(self.choices)), key=lambda i: abs(float(self.choices[i] or 0) - float(value)))
        if index is None:
            raise SpaceError(f"{self.name} = {value!r} is not one of {list(self.choices)}", where=f"space.{self.name}")
        return self.choices[index]

    def sample(self, rng: random.Random) -> Value:
        return self.choices[rng.randrange(len(self.choices))]

    def unit(self, value: Any) -> float:
        index = self._find(value) or 0
        return index / max(len(self.choices) - 1, 1)

    def middle(self) -> Value:
        return self.default if self.default is not None else self.choices[0]

    def grid(self) -> tuple[Value, ...] | None:
        return self.choices


KINDS: dict[str, type[Parameter]] = {c.kind: c for c in (FloatParameter, IntParameter, CategoricalParameter)}


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _identity(value: Any) -> tuple[str, Any]:
    """True and 1 are different choices; 1 and 1.0 are the same."""
    return ("number", float(value)) if _is_number(value) else (type(value).__name__, value)


def parameter_from_dict(name: str, spec: Mapping[str, Any]) -> Parameter:
    """Reads `{type, low, high, log, step, choices, default, when}`.

    Raises SpaceError naming `space.<name>` and the nearest valid key.
    """
    where = f"space.{name}"
    if not isinstance(spec, Mapping):
        raise SpaceError(
            f"expected a table, got {spec!r}", where=where, remedy='Write { type = "float", low = 0, high = 1 }.'
        )
    kind = spec.get("type")
    if kind not in KINDS:
        what = "type is missing" if kind is None else f"type = {kind!r} is unknown"
        raise SpaceError(what, where=where, remedy=nearest(str(kind), KINDS))
    cls = KINDS[kind]
    known = (*cls.keys, "default", "when")
    fields = {key: value for key, value in spec.items() if key != "type"}
    for key in fields:
        if key not in known:
            raise SpaceError(f"unknown key '{key}' for a {kind}", where=where, remedy=nearest(key, known))
    for key in ("low", "high") if cls is not CategoricalParameter else ("choices",):
        if key not in fields:
            raise SpaceError(f"'{key}' is missing", where=where, remedy=f"A {kind} needs {', '.join(cls.keys[:2])}.")
    if "choices" in fields:
        if not isinstance(fields["choices"], list | tuple):
            raise SpaceError(f"choices = {fields['choices']!r} is not a list", where=where)
        fields["choices"] = tuple(fields["choices"])
    if not isinstance(fields.get("log", False), bool):
        raise SpaceError(f"log = {fields['log']!r} is neither true nor false", where=where)
    if "when" in fields:
        try:
            fields["when"] = Expression(str(fields["when"]))
        except SpaceError as error:
            raise SpaceError(error.what, where=f"{where}.when", remedy=error.remedy) from None
    return cls(name=name, **fields)
