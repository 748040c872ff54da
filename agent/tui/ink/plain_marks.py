"""ASCII for terminals whose font or locale has nothing else: every mark, frame and dot becomes one cell of it."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

_MARKS = {
    **dict.fromkeys("─━╌┄┈═╴╶⎯—―–‐‑−", "-"),
    **dict.fromkeys("│┃╎┆┊║▌▐▏▎▍▕", "|"),
    **dict.fromkeys("╭╮╯╰┌┐└┘├┤┬┴┼┏┓┗┛┣┫┳┻╋╔╗╚╝╠╣╦╩╬┠┨┯┷┿╂┡┩╇╆", "+"),
    **dict.fromkeys("█▇▆▅▄▃▉▊▋■▓", "#"),
    **dict.fromkeys("▁▂░▒", "."),
    "▀": '"',
    **dict.fromkeys("▶▸►›»→⟶⇒", ">"),
    **dict.fromkeys("◀◂‹«←", "<"),
    **dict.fromkeys("▼▾↓", "v"),
    **dict.fromkeys("▲▴↑", "^"),
    **dict.fromkeys("↔↕±≈∼", "~"),
    "✓": "+",
    **dict.fromkeys("✗×✕", "x"),
    **dict.fromkeys("○◌◯", "o"),
    **dict.fromkeys("●◉", "@"),
    **dict.fromkeys("◆?", "?"),
    "◇": "~",
    "▣": "%",
    **dict.fromkeys("★☆", "*"),
    **dict.fromkeys("·•⠿", "."),
    **dict.fromkeys("…⋯", "~"),
    "≤": "<",
    "≥": ">",
    "Δ": "d",
    "σ": "s",
    "∞": "8",
    **dict.fromkeys("“”„", '"'),
    **dict.fromkeys("‘’‚′", "'"),
    **dict.fromkeys("\u00a0\u2007\u202f\u2009", " "),
}
_UPPER, _LOWER = 0x01 | 0x08 | 0x02 | 0x10, 0x04 | 0x20 | 0x40 | 0x80  # the dots of a braille cell's halves


@lru_cache(maxsize=4096)
def plain(char: str, letters: bool) -> str:
    """`char` in ASCII, in as many cells. `letters`: those of any script stay that are one cell wide."""
    if char.isascii():
        return char
    if char in _MARKS:
        return _MARKS[char]
    if "\u2800" <= char <= "\u28ff":
        return _dots(ord(char) - 0x2800)
    if letters and char.isalnum() and cell_len(char) == 1:
        return char
    base = unicodedata.normalize("NFKD", char).encode("ascii", "ignore").decode()
    width = cell_len(char)
    return base if len(base) == width else "?" * width


def _dots(mask: int) -> str:
    upper, lower = bool(mask & _UPPER), bool(mask & _LOWER)
    return " " if not mask else ":" if upper and lower else "'" if upper else "."


@lru_cache(maxsize=8192)
def plain_text(text: str, letters: bool) -> str:
    return text if text.isascii() else "".join(plain(char, letters) for char in text)


class PlainMarks(LineFilter):
    """Applied to every line on its way to the terminal."""

    def __init__(self, *, letters: bool) -> None:
        super().__init__()
        self._letters = letters

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        return [Segment(plain_text(text, self._letters), style, control) for text, style, control in segments]
