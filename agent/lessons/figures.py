"""Numbers in a text, and whether they stand anywhere in what it is about."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

_NUMBER = re.compile(r"(?<![\w.])[-+−]?(?:(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?|\.\d+)(?:[eE][-+]?\d+)?")
_ROUNDED = 0.06  # of a number: 0.00019 may be told as 2e-4


def figures(text: str) -> list[float]:
    return [value for _, value in _found(text)]


def only_known(text: str, known: Iterable[float]) -> list[str]:
    """The numbers of `text`, as written, that are none of `known`, not even rounded or as a percentage."""
    values = list(known)
    return [said for said, value in _found(text) if not any(_close(value, v) for v in values)]


def _found(text: str) -> list[tuple[str, float]]:
    found = []
    for match in _NUMBER.finditer(text):
        said = match.group()
        try:
            found.append((said, float(said.replace(",", "").replace("−", "-"))))
        except (ValueError, OverflowError):
            found.append((said, math.nan))
    return found


def _close(said: float, known: float) -> bool:
    return any(math.isclose(said, scale * known, rel_tol=_ROUNDED, abs_tol=1e-12) for scale in (1, 100, -1))
