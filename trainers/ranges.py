"""Float and int parameters: a range, linear or logarithmic, continuous or stepped."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from typing import Any, ClassVar

from trainers.dimension import ENUMERABLE, Parameter, Value, is_finite, is_number, tidy
from trainers.errors import SpaceError

_MOST_STEPS = 1e9  # of a float: more, and values 12 digits long fall together
_LARGEST_INT = 2**53  # floats, and so every optimiser, skip whole numbers beyond


@dataclass(frozen=True, kw_only=True)
class NumberParameter(Parameter):
    """What float and int share."""

    low: float
    high: float
    log: bool = False
    step: float | None = None
    keys: ClassVar[tuple[str, ...]] = ("low", "high", "log", "step")

    def __post_init__(self) -> None:
        if not (is_finite(self.low) and is_finite(self.high)):
            self._refuse(f"low = {self.low!r} and high = {self.high!r} must be finite numbers")
        if self.low > self.high:
            self._refuse(f"low = {self.low:g} is greater than high = {self.high:g}", "Swap them.")
        if not math.isfinite(self.high - self.low):
            self._refuse(f"the range from {self.low:g} to {self.high:g} is wider than a float can hold", "Narrow it.")
        if self.log and self.low <= 0:
            self._refuse(f"log = true needs low above 0, not {self.low:g}", "Raise low or drop log.")
        if self.log and self.step is not None:
            self._refuse("log = true and step exclude each other", "Drop one of them.")
        if self.step is not None and not (is_finite(self.step) and self.step > 0):
            self._refuse(f"step = {self.step!r} must be above 0")
        self._check_step()
        self._check_default()

    def _check_step(self) -> None:
        largest = max(abs(self.low), abs(self.high))
        if self.step is not None and largest / self.step > _MOST_STEPS:
            self._refuse(f"step = {self.step:g} is too fine for values up to {largest:g}", "Drop it or make it larger.")

    def _spacing(self) -> float | None:
        """The distance between neighbouring values; None when there is none."""
        return self.step

    def _is_near(self, value: float, bound: float) -> bool:
        """Whether `value` is meant to be `bound`: the last digits of floats are noise."""
        return math.isclose(value, bound, rel_tol=1e-9, abs_tol=1e-9 * (self.step or 1e-3 * (self.high - self.low)))

    def _is_on_grid(self, value: float, step: float) -> bool:
        return math.isclose(value, float(self.snap(value) or 0), rel_tol=1e-11, abs_tol=1e-6 * step)

    def problem(self, value: Any) -> str | None:
        if not is_number(value):
            return f"{self.name} = {value!r} is not a number"
        if not is_finite(value):
            return f"{self.name} = {str(value)[:40]} is not finite"
        if value < self.low and not self._is_near(value, self.low):
            return f"{self.name} = {value:g} is below its lower bound {self.low:g}"
        if value > self.high and not self._is_near(value, self.high):
            return f"{self.name} = {value:g} is above its upper bound {self.high:g}"
        if self.step is not None and not self._is_on_grid(value, self.step):
            return f"{self.name} = {value:g} is not on its grid of {self.low:g} + k·{self.step:g}"
        return None

    def snap(self, value: Any) -> Value:
        try:
            number = float(value)
        except OverflowError:
            number = math.inf if value > 0 else -math.inf
        except (TypeError, ValueError):
            number = math.nan
        if math.isnan(number):
            raise SpaceError(f"{self.name} = {value!r} is not a number", where=f"space.{self.name}")
        return self._settle(min(max(number, self.low), self.high))

    def _settle(self, number: float) -> Value:
        """The allowed value nearest to `number`, which is in the range."""
        if self.step is not None:
            number = self.low + min(round((number - self.low) / self.step), self._last()) * self.step
            if abs(number) < 1e-9 * self.step:  # -0.3 + 3·0.1 is 5.6e-17
                number = 0.0
        return tidy(number)

    def _last(self) -> int:
        """The number of the last value on the grid, the first being 0."""
        spacing = self._spacing()
        assert spacing is not None
        return math.floor((self.high - self.low) / spacing + 1e-9)

    def sample(self, rng: random.Random) -> Value:
        return self._settle(self._from_unit(rng.random()))

    def _from_unit(self, u: float) -> float:
        """The value below which a share `u` of the draws lies."""
        if self.log:
            return math.exp(math.log(self.low) + u * (math.log(self.high) - math.log(self.low)))
        if (spacing := self._spacing()) is not None:  # each value as likely as the others, the ends too
            return self.low + min(int(u * (self._last() + 1)), self._last()) * spacing
        return self.low + u * (self.high - self.low)

    def unit(self, value: Any) -> float:
        if self.low == self.high:
            return 0.5
        if self.log:
            return _log_ratio(max(float(value), self.low * 1e-9), self.low) / _log_ratio(self.high, self.low)
        return (float(value) - self.low) / (self.high - self.low)

    def middle(self) -> Value:
        if self.default is not None:
            return self.default
        return self._settle(self._from_unit(0.5) if self.log else self.low + 0.5 * (self.high - self.low))

    def count(self) -> float:
        if self.low == self.high:
            return 1
        return math.inf if self._spacing() is None else self._last() + 1

    def grid(self) -> tuple[Value, ...] | None:
        if self.count() > ENUMERABLE:
            return None
        return tuple(self._settle(self.low + k * (self._spacing() or 0.0)) for k in range(int(self.count())))


def _log_ratio(a: float, b: float) -> float:
    """The logarithm of a / b, also where the quotient of two floats is none."""
    return math.log(a / b) if 0 < a / b < math.inf else math.log(a) - math.log(b)


@dataclass(frozen=True, kw_only=True)
class FloatParameter(NumberParameter):
    """A real number in [low, high]."""

    kind: ClassVar[str] = "float"

    def __post_init__(self) -> None:
        super().__post_init__()
        for key in ("low", "high", "step"):
            bound = getattr(self, key)
            object.__setattr__(self, key, None if bound is None else float(bound))  # 0 is 0.0


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
            if bound is not None and (not is_finite(bound) or bound != int(bound)):
                self._refuse(f"{key} = {bound!r} must be a whole number", 'Use type = "float" for others.')
            if bound is not None and abs(bound) > _LARGEST_INT:
                self._refuse(f"{key} = {bound} is beyond 2**53", "Whole numbers that large are not told apart.")
            object.__setattr__(self, key, None if bound is None else int(bound))  # 3.0 is 3
        super().__post_init__()

    def _check_step(self) -> None:
        pass  # whole steps are exact

    def _spacing(self) -> float:
        return self.step or 1

    def _is_near(self, value: float, bound: float) -> bool:
        return value == bound

    def _is_on_grid(self, value: float, step: float) -> bool:
        return (value - self.low) % step == 0

    def problem(self, value: Any) -> str | None:
        if is_finite(value) and value != int(value):
            return f"{self.name} = {value!r} is not a whole number"
        return super().problem(value)

    def _settle(self, number: float) -> Value:
        step = self.step or 1
        return int(self.low + min(round((number - self.low) / step), self._last()) * step)

    def _last(self) -> int:
        return (self.high - self.low) // (self.step or 1)

    def _from_unit(self, u: float) -> float:
        if not self.log:
            return super()._from_unit(u)
        # Half a step beyond each end, so that the end values are as likely as the others.
        low, high = max(self.low - 0.5, self.low / 2), self.high + 0.5
        return min(max(math.exp(math.log(low) + u * math.log(high / low)), self.low), self.high)
