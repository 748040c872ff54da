"""Brushes on axes: made, moved and narrowed by keys, or written in the parameter's own values."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from agent.study.space_words import value as read_value
from agent.tui.sights.parallel import Brush
from agent.tui.sights.placed import BEST, GOOD, Axis, Placed
from trainers.errors import TunewrightError, nearest
from trainers.parameters import CategoricalParameter, NumberParameter
from trainers.space import SearchSpace

_STEP, _LEAST = 0.05, 0.05  # of the axis


def first(placed: Placed, axis: Axis) -> Brush:
    """The stretch that the best quarter of the trials lies in; half of the axis where there are none."""
    places = placed.heights if axis.name == placed.objective.name else placed.column(axis.name)
    good = places[((placed.shades == BEST) | (placed.shades == GOOD)) & ~np.isnan(places)]
    if not len(good):
        return Brush(0.25, 0.75)
    low, high = float(good.min()), float(good.max())
    return _levelled(Brush(low, high), axis) if axis.levels else Brush(low, max(high, low + 1e-6))


def moved(brush: Brush, axis: Axis, up: int) -> Brush:
    """One step or one choice up or down, never beyond the ends."""
    step = 1 / len(axis.marks) if axis.levels else _STEP
    by = min(max(up * step, -brush.low), 1 - brush.high)
    return Brush(brush.low + by, brush.high + by)


def widened(brush: Brush, axis: Axis, by: int) -> Brush:
    """A step wider or narrower at both ends; of choices one at the upper end."""
    if axis.levels:
        step = 1 / len(axis.marks)
        return Brush(brush.low, min(max(brush.high + by * step, brush.low + step), 1.0))
    low, high = max(brush.low - by * _STEP, 0.0), min(brush.high + by * _STEP, 1.0)
    if high - low < _LEAST:
        middle = (brush.low + brush.high) / 2
        low, high = max(middle - _LEAST / 2, 0.0), min(middle + _LEAST / 2, 1.0)
    return Brush(low, high)


def _levelled(brush: Brush, axis: Axis) -> Brush:
    """Whole choices."""
    size = len(axis.marks)
    return Brush(int(brush.low * size) / size, min(int(brush.high * size) + 1, size) / size)


def written(words: Sequence[str], space: SearchSpace) -> tuple[str, Brush]:
    """`lr 1e-4 1e-2`, `opt adam`. Raises TunewrightError naming what is wrong."""
    name, *given = words
    parameter = space.parameters.get(name)
    if parameter is None:
        raise TunewrightError(f"there is no parameter '{name}'", remedy=nearest(name, space.parameters))
    if isinstance(parameter, CategoricalParameter):
        known = [str(choice) for choice in parameter.choices]
        text = " ".join(given)
        if text not in known:
            raise TunewrightError(f"'{text}' is no choice of {name}", remedy=nearest(text, known))
        at, size = known.index(text), len(known)
        return name, Brush(at / size, (at + 1) / size)
    assert isinstance(parameter, NumberParameter)
    ends = [read_value(word) for word in given]
    if len(ends) != 2 or not all(isinstance(end, int | float) and not isinstance(end, bool) for end in ends):
        raise TunewrightError("a stretch needs two ends", remedy=f"Write for example /brush {name} 1e-4 1e-2.")
    low, high = sorted(min(max(parameter.unit(end), 0.0), 1.0) for end in ends)
    return name, Brush(low, high)
