"""Attention to look at: as lines of text, and as a picture."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from agent.llm.attention import Floats, Recording
from agent.llm.picture import Picture

_BLOCKS = "▁▂▃▄▅▆▇█"
_WIDEST, _TALLEST = 1_600, 900  # pixels of a map
_LEAST_CELL, _LARGEST_CELL = 2, 12
_MARGIN, _ROW = 12, 14
# Dark to light through red, as a hot body glows: more is lighter, also without colour.
_GLOW = np.array([(0, 0, 4), (66, 10, 104), (147, 38, 103), (221, 81, 58), (252, 165, 10), (252, 255, 164)], np.float32)


def spark(weights: Sequence[float], width: int) -> str:
    """One row of blocks for all of `weights`, at most `width` long; neighbours share a block, the larger shows."""
    if not weights or width < 1:
        return ""
    count = min(width, len(weights))
    edges = [i * len(weights) // count for i in range(count + 1)]
    return "".join(_block(max(weights[a:b]), max(weights)) for a, b in pairwise(edges))


def heat_strip(lines: Sequence[str], weights: Sequence[float], width: int, most: int | None = None) -> list[str]:
    """A row a line of text, in order: a block for its weight, its share in percent, the text cut to `width`
    cells. With `most`, only so many of the heaviest; what lies between is counted in a row of its own."""
    from rich.cells import cell_len, set_cell_size

    heaviest = sorted(range(len(lines)), key=lambda i: -weights[i])[: len(lines) if most is None else most]
    rows: list[str] = []
    skipped: list[int] = []
    for i, (line, weight) in enumerate(zip(lines, weights, strict=True)):
        if i in set(heaviest):
            rows += _skipped(skipped, weights)
            skipped = []
            text = " ".join(line.split())
            room = max(width - 8, 1)  # beside block and share
            text = set_cell_size(text, room - 1) + "…" if cell_len(text) > room else text
            rows.append(f"{_block(weight, max(weights))} {weight:4.0%}  {text}".rstrip())
        else:
            skipped.append(i)
    return rows + _skipped(skipped, weights)


def _skipped(lines: Sequence[int], weights: Sequence[float]) -> list[str]:
    if not lines:
        return []
    share = sum(weights[i] for i in lines)
    return [f"  {share:4.0%}  … {len(lines)} line{'s' if len(lines) > 1 else ''} …"]


def _block(weight: float, largest: float) -> str:
    """As high as the root of its share in the largest: most shares are small, and one is often not."""
    share = math.sqrt(weight / largest) if largest > 0 else 0.0
    return _BLOCKS[min(int(share * len(_BLOCKS)), len(_BLOCKS) - 1)]


def png(recording: Recording, rows: Sequence[tuple[str, Sequence[float]]], title: str) -> bytes:
    """A strip a row of `rows` (a name, and the weight of every prompt line), under it the map of all: a row a token of
    the reply, a column a token of the prompt, the first one left out. The lightest is the largest of its part."""
    map_QK = _fitted(recording.mean_QK[:, 1:])
    label = max((len(name) for name, _ in rows), default=0) * Picture.letter + _MARGIN
    count = max(len(recording.lines), 1)
    cell = max(_LEAST_CELL, min(_LARGEST_CELL, _WIDEST // count))
    strip_width = min(cell * count, _WIDEST)
    scale = max(1, min(_LARGEST_CELL // 2, _WIDEST // max(map_QK.shape[1], 1), _TALLEST // max(map_QK.shape[0], 1)))
    width = _MARGIN + label + max(strip_width, map_QK.shape[1] * scale, len(title) * Picture.letter) + _MARGIN
    top = _MARGIN + 2 * _ROW
    map_top = top + (_ROW + 2) * len(rows) + 3 * _ROW
    picture = Picture(width, map_top + map_QK.shape[0] * scale + _MARGIN)
    picture.write(_MARGIN, _MARGIN, title)
    for i, (name, weights) in enumerate(rows):
        y = top + i * (_ROW + 2)
        picture.write(_MARGIN, y + 3, name)
        strip = np.array([weights], np.float32) / max(*weights, 1e-9)
        picture.paste(_MARGIN + label, y, _glow(_stretched(strip, strip_width, _ROW)))
    lines = f"prompt lines 1 to {len(recording.lines)}"
    picture.write(_MARGIN + label, top + (_ROW + 2) * len(rows) + 2, lines)
    picture.write(_MARGIN + label, map_top - _ROW, "all of the reply, downwards, on all of the prompt, rightwards")
    bright = map_QK / max(float(map_QK.max(initial=0.0)), 1e-9)
    picture.paste(_MARGIN + label, map_top, _glow(_stretched(bright, map_QK.shape[1] * scale, map_QK.shape[0] * scale)))
    return picture.png()


def _fitted(map_QK: Floats) -> Floats:
    """At most as many rows and columns as there is room for; the largest of those that share one."""
    for axis, most in ((0, _TALLEST), (1, _WIDEST)):
        count = map_QK.shape[axis]
        if count > most:
            starts = np.arange(most) * count // most
            map_QK = np.maximum.reduceat(map_QK, starts, axis=axis)
    return map_QK


def _stretched(map_QK: Floats, width: int, height: int) -> Floats:
    rows = np.arange(height) * map_QK.shape[0] // max(height, 1)
    columns = np.arange(width) * map_QK.shape[1] // max(width, 1)
    stretched: Floats = map_QK[rows][:, columns]
    return stretched


def _glow(share_HW: Floats) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """Shares of 1 as colours; the root of a share, since most are small."""
    at_HW = np.sqrt(np.clip(share_HW, 0.0, 1.0)) * (len(_GLOW) - 1)
    low_HW = np.minimum(at_HW.astype(np.int64), len(_GLOW) - 2)
    part_HW1 = (at_HW - low_HW)[..., None]
    mixed_HW3 = _GLOW[low_HW] * (1 - part_HW1) + _GLOW[low_HW + 1] * part_HW1
    return np.asarray(mixed_HW3, np.uint8)
