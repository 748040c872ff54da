"""A screen's colours beside those kept: which cells look alike, and how they look in each of two themes.

A kept file is the screen with a letter for each style in place of its characters, then a legend a theme. The
letters are given in the order in which styles appear, so the map says which cells share a style; where it is not the
same in both themes, something is told apart in one theme and not in the other.
"""

from __future__ import annotations

import os
import string
from pathlib import Path

from rich.style import Style

from agent.tui.ink.palettes import CURVES_DARK, CURVES_LIGHT, DARK, LIGHT
from tests.agent.tui.driving import Screen

_LETTERS = "." + string.ascii_lowercase + string.ascii_uppercase + string.digits + "!#$%&*+=?@^~"


async def compare_styles(path: Path, screen: Screen) -> None:
    """Beside `path`, the screen as text: `NAME.styles`. `TUNEWRIGHT_SNAPSHOTS=write` writes it anew."""
    found = []
    for theme in (DARK, LIGHT):
        if screen.app.theme != theme:
            screen.app.theme = theme
            await screen.pilot.pause(0.1)
        found.append((theme, *await _at_rest(screen)))
    screen.app.theme = DARK
    dark, light = (colours_in(legend) for _, _, legend in found)
    assert not dark & light, f"still drawn in the other theme's colours: {sorted(dark & light)}"
    text = _written(found)
    kept = path.with_suffix(".styles")
    if os.environ.get("TUNEWRIGHT_SNAPSHOTS") == "write":
        kept.write_text(text)
    assert text == kept.read_text(), f"{kept} differs"


async def _at_rest(screen: Screen) -> tuple[list[str], list[str]]:
    """Once two looks a moment apart are alike."""
    before = None
    while (now := _map(screen)) != before:
        before = now
        await screen.pilot.pause(0.3)
    return now


def _map(screen: Screen) -> tuple[list[str], list[str]]:
    """A letter a cell, and what the letters mean."""
    letters: dict[str, str] = {}
    rows = []
    for strip in screen.app.screen._compositor.render_strips()[: screen.app.size[1]]:
        row = ""
        for segment in strip:
            look = _look(segment.style)
            letter = letters.setdefault(look, _LETTERS[len(letters)] if len(letters) < len(_LETTERS) else "|")
            row += letter * segment.cell_length
        rows.append(row[: screen.app.size[0]])
    return rows, [f"{letter}  {look}" for look, letter in letters.items()]


def colours_in(legend: list[str]) -> set[str]:
    curves = {colour.lower() for colour in CURVES_DARK + CURVES_LIGHT}  # some are right on either ground
    return {word for line in legend for word in line.split() if word.startswith("#")} - curves


def _look(style: Style | None) -> str:
    if style is None:
        return "none"
    words = [name for name in ("bold", "dim", "italic", "underline", "reverse", "strike") if getattr(style, name)]
    fore = style.color.name if style.color is not None else "default"
    back = style.bgcolor.name if style.bgcolor is not None else "default"
    return " ".join([fore, "on", back, *words])


def _written(found: list[tuple[str, list[str], list[str]]]) -> str:
    (_, rows, _), *_ = found
    parts = ["\n".join(rows)]
    for theme, other, legend in found:
        same = "" if other == rows else "\n".join(["its own map", *other, ""])
        parts.append("\n".join([f"{theme}", *legend, same]).rstrip("\n"))
    return "\n\n".join(parts) + "\n"
