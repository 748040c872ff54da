"""Rows of coloured text as a picture, cell by cell; no font need have braille, blocks and lines: they are drawn."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rich.cells import cell_len
from rich.style import Style

from agent.tui.ink.colours import Colours
from agent.tui.pictures.svg import Svg, ink_of, path, rect, text, words
from agent.tui.text import Part

WIDTH, HEIGHT = 8.4, 18.0  # pixels of a cell
_LETTER = 14.0  # pixels
_BASE = 13.5  # of a row's letters, from its top
_MARGIN = 12.0
_DOTS = ((0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (0, 3), (1, 3))  # (column, row) of each braille bit
_EIGHTHS = {chr(0x2580 + n): n for n in range(1, 9)}  # ▁ … █, from below
_LEFT_EIGHTHS = {chr(0x2590 - n): n for n in range(1, 8)}  # ▏ … ▉, from the left
_ARMS = {"─": "lr", "│": "ud", "┌": "rd", "┐": "ld", "└": "ru", "┘": "lu", "├": "udr", "┤": "udl"}
_ARMS |= {"┬": "lrd", "┴": "lru", "┼": "lrud", "━": "lr", "╭": "rd", "╮": "ld", "╰": "ru", "╯": "lu"}
_ENDS = {"l": (0.0, 0.5), "r": (1.0, 0.5), "u": (0.5, 0.0), "d": (0.5, 1.0)}
_DRAWN = re.compile(f"[\u2800-\u28ff\u2581-\u258f{''.join(_ARMS)}]+")


def cells(rows: Sequence[Sequence[Part]], ink: Colours, *, title: str = "") -> Svg:
    """Each part where it stands on the screen, whatever font the reader has."""
    top = _MARGIN + (HEIGHT * 1.5 if title else 0.0)
    out = [text(_MARGIN, _MARGIN + _BASE, title, ink.roles["strong"], size=_LETTER, bold=True)] if title else []
    widest = cell_len(title)
    for number, row in enumerate(rows):
        column = 0
        for content, role in row:
            out += _part(
                content, ink.style(role.partition("#")[0]), ink, _MARGIN + column * WIDTH, top + number * HEIGHT
            )
            column += cell_len(content)
        widest = max(widest, column)
    height = top + len(rows) * HEIGHT + _MARGIN
    return Svg("\n".join(line for line in out if line), widest * WIDTH + 2 * _MARGIN, height, ink.background)


def _part(content: str, style: Style, ink: Colours, x: float, y: float) -> Iterator[str]:
    fore = ink_of(style, ink.roles["text"])
    behind = style.bgcolor.get_truecolor().hex if style.bgcolor is not None else ""
    if style.reverse:
        fore, behind = ink.background, fore
    if behind:
        yield rect(x, y, cell_len(content) * WIDTH, HEIGHT, behind)
    for run in re.findall(r"\s+|[^\s]+", content):
        if not run.isspace():
            yield from _run(run, fore, x, y, bold=bool(style.bold))
        x += cell_len(run) * WIDTH


def _run(run: str, fill: str, x: float, y: float, *, bold: bool) -> Iterator[str]:
    """A run without spaces: letters held to their cells, and what is drawn."""
    at = 0
    for found in [*_DRAWN.finditer(run), None]:
        letters = run[at : found.start() if found is not None else len(run)]
        if letters:
            yield _letters(letters, fill, x, y, bold=bold)
            x += cell_len(letters) * WIDTH
        if found is not None:
            yield from _drawn(found.group(), fill, x, y)
            x += len(found.group()) * WIDTH
            at = found.end()


def _letters(run: str, fill: str, x: float, y: float, *, bold: bool) -> str:
    said = words(run)
    more = ' font-weight="bold"' if bold else ""
    fit = f' textLength="{cell_len(run) * WIDTH:.1f}" lengthAdjust="spacingAndGlyphs"' if cell_len(run) else ""
    return f'<text x="{x:.1f}" y="{y + _BASE:.1f}" font-size="{_LETTER:g}" fill="{fill}"{more}{fit}>{said}</text>'


def _drawn(run: str, fill: str, x: float, y: float) -> Iterator[str]:
    dots: list[str] = []
    lines: list[str] = []
    for char in run:
        if "\u2800" <= char <= "\u28ff":
            dots += _braille(ord(char) - 0x2800, x, y)
        elif char in _EIGHTHS:
            high = HEIGHT * _EIGHTHS[char] / 8
            yield rect(x, y + HEIGHT - high, WIDTH, high, fill)
        elif char in _LEFT_EIGHTHS:
            yield rect(x, y, WIDTH * _LEFT_EIGHTHS[char] / 8, HEIGHT, fill)
        else:
            lines += _box(_ARMS[char], x, y)
        x += WIDTH
    yield path(dots, fill, width=2.6, more='stroke-linecap="round"')
    yield path(lines, fill, width=2.0 if "━" in run else 1.0)


def _braille(mask: int, x: float, y: float) -> Iterator[str]:
    for bit, (column, row) in enumerate(_DOTS):
        if mask >> bit & 1:
            yield f"M{x + WIDTH * (column + 0.5) / 2:.1f} {y + HEIGHT * (row + 0.5) / 4:.1f}h.01"


def _box(arms: str, x: float, y: float) -> Iterator[str]:
    for arm in arms:
        across, down = _ENDS[arm]
        yield f"M{x + WIDTH / 2:.1f} {y + HEIGHT / 2:.1f}L{x + WIDTH * across:.1f} {y + HEIGHT * down:.1f}"
