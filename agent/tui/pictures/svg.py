"""What a picture is made of: an SVG document, its colours, its letters."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from html import escape
from typing import Protocol, runtime_checkable

from rich.style import Style

from agent.tui.ink.colours import Colours
from agent.tui.ink.palettes import LIGHT_COLOURS
from agent.tui.text import neutral

# The first of these that the reader's machine has; those in front hold braille, stars and arrows.
FAMILIES = (
    "DejaVu Sans Mono",
    "Menlo",
    "Cascadia Mono",
    "Noto Sans Mono",
    "Consolas",
    "FreeMono",
    "Liberation Mono",
    "monospace",
)
PAPER = replace(LIGHT_COLOURS, background="#ffffff", surface="#ffffff")


@dataclass(frozen=True)
class Svg:
    """A whole picture: `body` is the elements inside the document, sizes in pixels."""

    body: str
    width: float
    height: float
    background: str

    def __str__(self) -> str:
        width, height = f"{self.width:g}", f"{self.height:g}"
        fonts = ", ".join(f"'{name}'" if " " in name else name for name in FAMILIES)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
            f'viewBox="0 0 {width} {height}" font-family="{fonts}">\n'
            f'<rect width="100%" height="100%" fill="{self.background}"/>\n{self.body}\n</svg>\n'
        )


@runtime_checkable
class Pictured(Protocol):
    """A widget or screen that can be saved: `/save` asks the one with the focus, or what holds it."""

    picture_name: str  # part of the file's name, such as "curves"

    def picture(self, ink: Colours) -> Svg:
        """The view as a picture in these colours. Raises TunewrightError when there is nothing to show."""
        ...


def ink_of(style: Style, otherwise: str) -> str:
    """The colour a style writes in."""
    return style.color.get_truecolor().hex if style.color is not None else otherwise


def colour(ink: Colours, role: str) -> str:
    """The colour of a role, such as `muted` or `curve:3`."""
    return ink_of(ink.style(role.partition("#")[0]), ink.roles["text"])


def words(text: str) -> str:
    """Text as it may stand in an SVG: nothing that steers, nothing that XML forbids."""
    return escape("".join(c for c in neutral(text) if c >= " " and not 0xD800 <= ord(c) < 0xE000 and c < "\ufffe"))


def text(
    x: float, y: float, said: str, fill: str, *, anchor: str = "start", size: float = 12, bold: bool = False
) -> str:
    """One line of text, its baseline at `y`."""
    more = ' font-weight="bold"' if bold else ""
    more += f' text-anchor="{anchor}"' if anchor != "start" else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size:g}" fill="{fill}"{more}>{words(said)}</text>'


def path(commands: Iterable[str], stroke: str, *, width: float = 1.0, more: str = "") -> str:
    """A stroked path; nothing when there are no commands."""
    drawn = "".join(commands)
    if not drawn:
        return ""
    return f'<path d="{drawn}" fill="none" stroke="{stroke}" stroke-width="{width:g}"{" " + more if more else ""}/>'


def rect(x: float, y: float, width: float, height: float, fill: str) -> str:
    place = f'x="{x:.2f}" y="{y:.2f}" width="{width:.2f}" height="{height:.2f}"'
    return f'<rect {place} fill="{fill}" shape-rendering="crispEdges"/>'
