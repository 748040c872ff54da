"""A curve as the strokes of a pen: as exact as a pixel can show, however many points it has."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from agent.scales import Scale

_FINE = 2  # columns a pixel: neighbouring spikes stay apart


@dataclass(frozen=True)
class Ground:
    """Where a plot lies on the paper, in pixels, and the scales of its axes."""

    x: float
    y: float
    width: float
    height: float
    x_scale: Scale
    y_scale: Scale

    @property
    def bottom(self) -> float:
        return self.y + self.height

    def across(self, x: float) -> float:
        """Held to the neighbourhood of the paper, so that no number is too long to write."""
        return self.x + min(max(self.x_scale.unit(x) or 0.0, -1.0), 2.0) * self.width

    def down(self, value: float) -> float:
        unit = self.y_scale.unit(value)
        return self.y + (1 - min(max(unit if unit is not None else 0.0, -1.0), 2.0)) * self.height


def stroke(ground: Ground, xs: Sequence[float], ys: Sequence[float]) -> Iterator[str]:
    """Path commands; the line breaks where a value is not finite, or one that the logarithm of an axis has not.

    Of the points in one column the first, the lowest, the highest and the last are joined, in their order.
    """
    held: list[tuple[int, float, float]] = []  # (place, x, y) of the finite points of one column
    at, pen = math.nan, "M"
    for place, (x, y) in enumerate(zip(xs, ys, strict=True)):
        column = math.floor(ground.across(x) * _FINE)
        shown = math.isfinite(y) and (y > 0 or not ground.y_scale.log) and (x > 0 or not ground.x_scale.log)
        if held and (column != at or not shown):
            yield from _column(ground, held, pen)
            held, pen = [], "L"
        if shown:
            held.append((place, x, y))
            at = column
        else:
            pen = "M"
    if held:
        yield from _column(ground, held, pen)


def _column(ground: Ground, held: list[tuple[int, float, float]], pen: str) -> Iterator[str]:
    lowest, highest = min(held, key=lambda p: p[2]), max(held, key=lambda p: p[2])
    alone = "h.01" if pen == "M" and len(held) == 1 else ""  # a point on its own is seen
    for _, x, y in sorted({held[0], lowest, highest, held[-1]}):
        yield f"{pen}{ground.across(x):.1f} {ground.down(y):.1f}"
        pen = "L"
    yield alone


def stroke_mark(ground: Ground, xs: Sequence[float], ys: Sequence[float]) -> list[str]:
    """A cross where a curve broke: at its first value that is not finite, as high as the last one that is."""
    breaks = next((i for i, y in enumerate(ys) if not math.isfinite(y)), len(ys) - 1)
    before = next((y for y in reversed(ys[: breaks + 1]) if math.isfinite(y)), None)
    if before is None or not len(xs):
        return []
    x = min(max(ground.across(xs[breaks]), ground.x), ground.x + ground.width)
    y = min(max(ground.down(before), ground.y), ground.bottom)
    return [f"M{x - 5:.1f} {y - 5:.1f}l10 10m0 -10l-10 10"]


def left_out(values: Sequence[float]) -> int:
    """How many a logarithm has not."""
    return sum(1 for v in values if v <= 0 and math.isfinite(v))
