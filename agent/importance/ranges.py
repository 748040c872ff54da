"""Where in a number's range the good values lie."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from agent.importance import Effect
from agent.importance.drivers import Driver, degree
from agent.importance.words import Contrast, cited, contrast, holds, median, said
from agent.study.nouns import Trial
from trainers.contract import Objective
from trainers.parameters import NumberParameter

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

_NEAR_BEST = 0.15  # of the height of the fitted curve: values up to there count as good
_WIDE = 0.75  # of what was tried: a good range that wide says nothing
_EDGE = 1e-9
_FEW_VALUES = 50  # of a whole number: its ends are values that were tried, not where the curve crosses between two


def of_range(
    trials: Sequence[Trial], parameter: NumberParameter, driver: Driver, objective: Objective
) -> Effect | None:
    """The part of the range where a smooth curve through the scores is near its lowest; None where it is all of it.
    Where the best trials lie would follow the optimiser, which tries most values near the first good one."""
    applies = ~np.isnan(driver.place)
    place = driver.place[applies]
    having = [t for t, there in zip(trials, applies, strict=True) if there]
    low, high = _near_best(place, driver.rest[applies])
    if high - low > _WIDE * (place.max() - place.min()):
        return None
    found = contrast(having, [low - _EDGE <= x <= high + _EDGE for x in place], objective)
    if not holds(found):
        return None
    tried = [t.params[driver.name] for t in found.better]
    few = parameter.count() <= _FEW_VALUES
    return _told(
        driver, having, found, (min(tried), max(tried)) if few else [_value(parameter, x) for x in (low, high)]
    )


def _value(parameter: NumberParameter, place: float) -> float:
    """The allowed value at `place` of the range, which goes from 0 to 1."""
    low, high = parameter.low, parameter.high
    value = parameter.snap(low * (high / low) ** place if parameter.log else low + place * (high - low))
    assert isinstance(value, int | float)
    return value


def _near_best(place: Floats, rest: Floats) -> tuple[float, float]:
    """The stretch around the minimum of the fitted curve, with at least the tried value nearest to it."""
    curve = np.polynomial.Polynomial.fit(place, rest, min(degree(len(place)), len(set(place)) - 1))
    grid = np.linspace(place.min(), place.max(), 201)
    height = curve(grid)
    good = height <= height.min() + _NEAR_BEST * (height.max() - height.min())
    first = last = int(height.argmin())
    nearest = min(set(place), key=lambda x: abs(x - grid[first]))
    while first > 0 and good[first - 1]:
        first -= 1
    while last < len(grid) - 1 and good[last + 1]:
        last += 1
    return min(float(grid[first]), nearest), max(float(grid[last]), nearest)


def _told(driver: Driver, having: Sequence[Trial], found: Contrast, ends: Sequence[float]) -> Effect:
    tried = [t.params[driver.name] for t in having]
    low, high = ends
    if low == high:
        where = f"at {said(low)}"
    elif low <= min(tried):
        where = f"up to {said(high)}"
    elif high >= max(tried):
        where = f"from {said(low)} up"
    else:
        where = f"between {said(low)} and {said(high)}"
    told = f"{found.text('there', 'elsewhere')}; tried {said(min(tried))} to {said(max(tried))}"
    return Effect(
        parameter=driver.name,
        text=f"{driver.name}: the best values lie {where} ({told})",
        matters=True,
        p=driver.p,
        trials=cited(found.better, found.objective),
        low=low,
        high=high,
        inside=median(found.better),
        outside=median(found.others),
    )
