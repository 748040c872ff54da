"""Charts as inline SVG. Colours are classes of the page, so that they follow its light and dark."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from agent.scales import Scale, scale, ticks, wants_log
from agent.study.figures import number

WIDE, NARROW = (1030, 320), (500, 190)  # as large as it is shown on a wide screen, so that its text is readable
_LEFT, _RIGHT, _TOP, _BOTTOM = 58, 14, 12, 34
_MOST = 300  # columns in which a line is drawn; of each its lowest and highest value


@dataclass(frozen=True)
class Line:
    """A line through points in the order of their x. `css` is its class; one that is `stepped` goes on level."""

    label: str
    css: str
    xs: Sequence[float]
    ys: Sequence[float]
    stepped: bool = False


@dataclass(frozen=True)
class Dot:
    """A mark with a text that a pointer over it shows. `shape` is circle, cross or star."""

    x: float
    y: float
    css: str
    title: str
    shape: str = "circle"


def chart(
    lines: Sequence[Line],
    dots: Sequence[Dot] = (),
    *,
    x_title: str,
    y_title: str,
    upright: float | None = None,
    size: tuple[int, int] = WIDE,
) -> Markup:
    """Everything in one frame; empty where nothing is finite. `upright` is an x marked by a line from top to bottom."""
    ys = [y for one in lines for y in one.ys if math.isfinite(y)] + [d.y for d in dots if math.isfinite(d.y)]
    xs = [x for one in lines for x in one.xs] + [d.x for d in dots]
    if not ys:
        return Markup("")
    positive = min((y for y in ys if y > 0), default=math.inf)
    y_scale = scale(min(ys), max(ys), log=wants_log(positive, min(ys), max(ys)))
    low, high = min(xs), max(xs)
    drawn = _Frame(Scale(low, high) if high > low else Scale(low - 1, high + 1), y_scale, size)
    parts = [*drawn.axes(x_title, y_title)]
    if upright is not None:
        parts.append(
            _tag("line", css="upright", x1=drawn.x(upright), x2=drawn.x(upright), y1=_TOP, y2=size[1] - _BOTTOM)
        )
    parts += [drawn.line(one) for one in lines]
    parts += [drawn.dot(one) for one in dots if math.isfinite(one.y)]
    return _tag("svg", *parts, css="chart", viewBox=f"0 0 {size[0]} {size[1]}", role="img", aria_label=y_title)


class _Frame:
    """Where values lie on the paper."""

    def __init__(self, x_scale: Scale, y_scale: Scale, size: tuple[int, int]) -> None:
        self._x_scale, self._y_scale = x_scale, y_scale
        self._width, self._height = size

    def x(self, value: float) -> float:
        return round(_LEFT + (self._x_scale.unit(value) or 0.0) * (self._width - _LEFT - _RIGHT), 1)

    def y(self, value: float) -> float:
        unit = self._y_scale.unit(value)
        held = 0.0 if unit is None else min(max(unit, 0.0), 1.0)
        return round(_TOP + (1 - held) * (self._height - _TOP - _BOTTOM), 1)

    def axes(self, x_title: str, y_title: str) -> Iterator[Markup]:
        bottom = self._height - _BOTTOM
        for value in ticks(self._y_scale, self._height // 50):
            at = self.y(value)
            yield _tag("line", css="grid", x1=_LEFT, x2=self._width - _RIGHT, y1=at, y2=at)
            yield _tag("text", number(value), css="y", x=_LEFT - 7, y=at + 4)
        for value in ticks(self._x_scale, self._width // 90):
            yield _tag("text", number(value), css="x", x=self.x(value), y=bottom + 16)
        yield _tag("line", css="axis", x1=_LEFT, x2=self._width - _RIGHT, y1=bottom, y2=bottom)
        yield _tag("text", x_title, css="title", x=self._width - _RIGHT, y=self._height - 4)
        yield _tag("text", y_title, css="name", x=_LEFT + 4, y=_TOP + 2)

    def line(self, one: Line) -> Markup:
        """Broken where a value is not finite, or where a logarithm has none."""
        path, pen = [], False
        for x, y in thinned(one.xs, one.ys):
            if not math.isfinite(y) or (self._y_scale.log and y <= 0):
                pen = False
                continue
            at_x, at_y = self.x(x), self.y(y)
            path.append(f"H{at_x}V{at_y}" if pen and one.stepped else f"{'L' if pen else 'M'}{at_x} {at_y}")
            pen = True
        return _tag("path", _tag("title", one.label), css=f"line {one.css}", d="".join(path))

    def dot(self, one: Dot) -> Markup:
        x, y, title = self.x(one.x), self.y(one.y), _tag("title", one.title)
        if one.shape == "cross":
            return _tag("path", title, css=f"cross {one.css}", d=f"M{x - 4} {y - 4}l8 8m0 -8l-8 8")
        if one.shape == "star":
            return _tag("path", title, css=f"star {one.css}", d=_star(x, y))
        return _tag("circle", title, css=f"dot {one.css}", cx=x, cy=y, r=3.5)


def _star(x: float, y: float) -> str:
    angles = [math.pi * (i / 5 - 0.5) for i in range(10)]
    corners = [
        (x + r * math.cos(a), y + r * math.sin(a)) for i, a in enumerate(angles) for r in [3.2 if i % 2 else 7.5]
    ]
    return "M" + "L".join(f"{cx:.1f} {cy:.1f}" for cx, cy in corners) + "Z"


def thinned(xs: Sequence[float], ys: Sequence[float]) -> Iterator[tuple[float, float]]:
    """All points, or of each of _MOST stretches its lowest and its highest in their order, and what is not finite: no
    spike is lost."""
    count = len(xs)
    if count <= 2 * _MOST:
        yield from zip(xs, ys, strict=True)
        return
    for column in range(_MOST):
        stretch = range(column * count // _MOST, (column + 1) * count // _MOST)
        finite = [i for i in stretch if math.isfinite(ys[i])]
        kept = {min(finite, key=ys.__getitem__), max(finite, key=ys.__getitem__)} if finite else set()
        kept |= {next(i for i in stretch if not math.isfinite(ys[i]))} if len(finite) < len(stretch) else set()
        for i in sorted(kept):
            yield xs[i], ys[i]


def _tag(name: str, *content: str | Markup, css: str = "", **attributes: object) -> Markup:
    """An element. What is no Markup already is escaped."""
    given = {"class": css, **{key.replace("_", "-"): value for key, value in attributes.items()}}
    written = "".join(f' {key}="{escape(str(value))}"' for key, value in given.items() if value != "")
    inside = Markup("").join(escape(part) for part in content)
    return Markup(f"<{name}{written}>{inside}</{name}>")  # noqa: S704 – every part of it has been escaped
