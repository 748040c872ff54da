"""Numbers, times and foreign text as the screens show them."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any

from rich.cells import cell_len, set_cell_size

_ESCAPE = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor movements
    r"|\x1b[\]PX^_][^\x07\x1b]*(?:\x1b\\|\x07|$)"  # OSC, DCS and friends with their text: titles, links, clipboard
    r"|\x1b[ -/]*[0-~]"
    r"|\x9b[0-?]*[ -/]*[@-~]",
    re.DOTALL,
)
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")
_WHOLE_ESCAPE = re.compile(_ESCAPE.pattern.replace("|$", ""))  # one that is never ended hides nothing
_HIDDEN = re.compile(  # controls, bidi and zero-width characters, blanks that look like nothing, tags
    "[\x00-\x08\x0a-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff]"
)
DASH = "–"


def neutral(text: str) -> str:
    """`text` without anything that steers a terminal or hides itself; line breaks and tabs stay."""
    return _CONTROL.sub("", _ESCAPE.sub("", text))


def log_line(raw: str) -> str:
    """One line of a log as it would stand on a terminal: the last state of a progress bar, without colours. What
    would steer the terminal or hide is spelt out: `\\x07`, `\\u202e`."""
    shown = _WHOLE_ESCAPE.sub("", raw.rstrip("\r\n").rsplit("\r", 1)[-1])
    shown = _struck_over(shown) if "\b" in shown else shown
    return _HIDDEN.sub(_spelt, shown.expandtabs(8))


def spelt(text: str) -> str:
    """`text` on one line, with all that would steer the terminal or hide spelt out: `\\n`, `\\x1b`, `\\u202e`."""
    return _HIDDEN.sub(_spelt, text).replace("\t", "\\t")


def _spelt(found: re.Match[str]) -> str:
    return found[0].encode("unicode_escape").decode()


def _struck_over(text: str) -> str:
    """Text after its backspaces, which progress bars print to write over what they wrote."""
    cells: list[str] = []
    at = 0
    for char in text:
        if char == "\b":
            at = max(at - 1, 0)
        else:
            cells[at : at + 1] = [char]
            at += 1
    return "".join(cells)


def fit(text: str, width: int, *, right: bool = False) -> str:
    """`text` in exactly `width` cells: padded, or cut with an ellipsis."""
    size = cell_len(text)
    if size > width:
        return set_cell_size(text, width - 1) + "…" if width > 0 else ""
    return " " * (width - size) + text if right else text + " " * (width - size)


def number(value: float | None, digits: int = 4) -> str:
    """A measured value: `.3121`, `1.23e+05`, `nan`; a dash when there is none."""
    if value is None:
        return DASH
    if not math.isfinite(value):
        return "nan" if math.isnan(value) else ("inf" if value > 0 else "-inf")
    magnitude = abs(value)
    if value == 0:
        return "0"
    if not 1e-4 <= magnitude < 1e5:
        mantissa, _, power = f"{value:.{digits - 2}e}".partition("e")
        return f"{mantissa}e{int(power)}"
    exponent = math.floor(math.log10(magnitude))
    places = max(min(digits - 1 - exponent, digits), -exponent, 0)  # at least one digit that is not 0
    shown = f"{value:.{places}f}"
    return shown.replace("0.", ".", 1) if magnitude < 1 else shown


def signed(value: float) -> str:
    """A difference: `+.022`, `−.004`, `±0`."""
    if value == 0:
        return "±0"
    return ("−" if value < 0 else "+") + number(abs(value), 3)


def param(value: Any) -> str:
    """A parameter's value, short: `1e-3`, `.25`, `64`, `adam`."""
    if isinstance(value, bool) or value is None:
        return str(value).lower() if value is not None else "none"
    if isinstance(value, float):
        return _short_float(value)
    return neutral(str(value)).replace("\n", " ")


def _short_float(value: float) -> str:
    if value == 0 or not math.isfinite(value):
        return f"{value:g}"
    if 1e-2 <= abs(value) < 1e4:
        shown = f"{value:.3g}"
        shown = f"{value:.0f}" if "e" in shown else shown
        return shown.replace("0.", ".", 1) if abs(value) < 1 else shown
    mantissa, _, exponent = f"{value:.2e}".partition("e")
    return f"{mantissa.rstrip('0').rstrip('.')}e{int(exponent)}"


def full_param(value: Any) -> str:
    """A parameter's value with every digit, as a person edits it."""
    if isinstance(value, bool) or value is None:
        return str(value).lower() if value is not None else "none"
    return repr(value) if isinstance(value, float) else neutral(str(value))


def config(params: Mapping[str, Any]) -> str:
    """`lr 1e-3  wd .1`: a whole config on one line."""
    return "  ".join(f"{name} {param(value)}" for name, value in params.items())


def steps(step: int | None) -> str:
    """`412`, `6.1k`, `1.2M`."""
    if step is None:
        return ""
    for limit, unit in ((1e6, "M"), (1e4, "k")):
        if abs(step) >= limit:
            scaled = step / (1e6 if unit == "M" else 1e3)
            return f"{scaled:.1f}".removesuffix(".0") + unit
    return str(step)


def seconds(duration: float | None) -> str:
    """`.4s`, `12s`, `4m`, `1.3h`, `2d`."""
    if duration is None:
        return ""
    if duration < 1:
        return f"{duration:.1f}s".removeprefix("0") if duration >= 0.05 else "0s"
    if duration < 10:
        return f"{duration:.1f}".removesuffix(".0") + "s"
    for limit, unit, size in ((90.0, "s", 1.0), (5400.0, "m", 60.0), (172_800.0, "h", 3600.0)):
        if duration < limit:
            shown = f"{duration / size:.1f}" if unit == "h" else f"{duration / size:.0f}"
            return shown.removesuffix(".0") + unit
    return f"{duration / 86_400:.1f}".removesuffix(".0") + "d"


def size(count: int) -> str:
    """`412 B`, `1.2 MiB`."""
    amount = float(count)
    for unit in ("B", "KiB", "MiB", "GiB"):
        if amount < 1024 or unit == "GiB":
            return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:.1f} {unit}"
        amount /= 1024
    return ""


def percent(part: float) -> str:
    return f"{100 * part:.0f}%"


def plural(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


Part = tuple[str, str]  # text, and the name of its colour (see colours.py)


def wrap(parts: Iterable[Part], width: int) -> list[list[Part]]:
    """Coloured text broken at spaces into lines of at most `width` cells; a longer word is cut."""
    lines: list[list[Part]] = [[]]
    used = 0
    for word, role in _words(parts):
        if word == "\n":
            lines.append([])
            used = 0
            continue
        size = cell_len(word)
        if used and used + cell_len(word.rstrip(" ")) > width:
            lines.append([])
            used = 0
        while size > width > 0 and cell_len(word.rstrip(" ")) > width:
            head = set_cell_size(word, width)
            lines[-1].append((head, role))
            lines.append([])
            word, used = word[len(head.rstrip(" ")) or 1 :], 0
            size = cell_len(word)
        lines[-1].append((word, role))
        used += size
    return [_joined(line) for line in lines]


def folded(text: str, width: int) -> list[str]:
    """`text` in pieces of at most `width` cells, cut wherever they are full; one empty piece of an empty text."""
    if cell_len(text) <= width:
        return [text]
    pieces = [""]
    used = 0
    for character in text:
        size = cell_len(character)
        if used + size > width:
            pieces.append("")
            used = 0
        pieces[-1] += character
        used += size
    return pieces


def _joined(words: list[Part]) -> list[Part]:
    """Words of one colour as one part, so that a terminal is told it once; without the spaces at the line's end,
    which would count against its width."""
    line = [("".join(word for word, _ in run), role) for role, run in groupby(words, key=lambda part: part[1])]
    if line and line[-1][0].endswith(" "):
        return [*line[:-1], (line[-1][0].rstrip(" "), line[-1][1])]
    return line


def _words(parts: Iterable[Part]) -> Iterator[Part]:
    """Words with the spaces that follow them, and line breaks on their own; a no-break space is part of a word."""
    for text, role in parts:
        for word in re.findall(r"\n|(?:\S|\u00a0)+[^\S\n\u00a0]*|[^\S\n]+", text):
            yield word, role
