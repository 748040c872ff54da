"""What is written around a plot: values beside it, names at the ends of curves, the line below it."""

from __future__ import annotations

from collections.abc import Sequence

from agent.scales import Scale, ticks
from agent.tui.charts import xaxis
from agent.tui.text import Part, fit, param


def y_labels(y_scale: Scale, height: int) -> dict[int, str]:
    """Tick texts by cell row."""
    found: dict[int, str] = {}
    for value in ticks(y_scale, max(height // 3, 2)):
        unit = y_scale.unit(value)
        if unit is not None and 0 <= unit <= 1:
            found.setdefault(min(int((1 - unit) * height), height - 1), param(value))
    return found or {0: param(y_scale.high)}


def end_labels(ends: Sequence[tuple[str, str, float | None]], y_scale: Scale, height: int) -> dict[int, Part]:
    """Each curve's label (with its role and last value) at the row where it ends, moved up or down where two would
    share one."""
    wanted: list[tuple[float, Part]] = []
    for label, role, last in ends:
        unit = None if last is None else y_scale.unit(last)
        row = min(max(1 - unit, 0.0), 1.0) * (height - 1) if unit is not None else 0.0
        wanted.append((row, (label, role)))
    found: dict[int, Part] = {}
    for row, part in sorted(wanted, key=lambda pair: pair[0]):
        near = sorted(range(height), key=lambda y: (abs(y - row), y))
        free = next((y for y in near if y not in found), None)
        if free is not None:
            found[free] = part
    return found


def x_axis(x_scale: Scale, left: int, width: int, right: int, kind: str) -> list[Part]:
    """The line below the plot with its tick texts; the last one names the unit."""
    line = ["─"] * width
    free = width + 1  # from the right, so that the one with the unit has its place
    labels = xaxis.labels(x_scale, max(width // 10, 2), kind)
    for place, (value, text) in enumerate(reversed(labels)):
        text += " steps" if kind == xaxis.STEP and place == 0 else ""
        at = round((x_scale.unit(value) or 0.0) * (width - 1))
        start = min(max(at - len(text) // 2, 0), width - len(text))
        if start >= 0 and start + len(text) < free:
            line[start : start + len(text)] = list(text)
            free = start
    return [(fit("", left - 1), ""), ("└", "faint"), *_split_rule("".join(line)), (" " * right, "")]


def _split_rule(text: str) -> list[Part]:
    """The rule faint, the numbers on it muted."""
    parts: list[Part] = []
    for char in text:
        role = "faint" if char == "─" else "muted"
        if parts and parts[-1][1] == role:
            parts[-1] = (parts[-1][0] + char, role)
        else:
            parts.append((char, role))
    return parts
