"""Amounts of memory as people write them: `8GiB`, `500MB`."""

from __future__ import annotations

import math
import re

from trainers.errors import TunewrightError

_PREFIXES = "KMGT"
_UNITS = {f"{p}iB": 1024**i for i, p in enumerate(_PREFIXES, 1)} | {"B": 1}
_ALL = {name.lower(): size for name, size in _UNITS.items()} | {
    f"{p}B".lower(): 1000**i for i, p in enumerate(_PREFIXES, 1)
}
_SIZE = re.compile(r"(\d+(?:\.\d*)?)\s*([a-z]+)", re.IGNORECASE)


def parse_size(text: str) -> int:
    """Bytes in `text`, at least 1. GiB are powers of 1024, GB of 1000. Raises TunewrightError."""
    match = _SIZE.fullmatch(text.strip())
    factor = _ALL.get(match[2].lower()) if match else None
    size = float(match[1]) * factor if match and factor else 0.0
    if not 1 <= size < math.inf:
        raise TunewrightError(f"'{text}' is no amount of memory", remedy="Write for example 8GiB or 500MB.")
    return round(size)


def format_size(size: int) -> str:
    """The shortest text that `parse_size` reads back exactly: `8GiB`, `1536MiB`, `1000001B`."""
    unit, factor = max(((u, f) for u, f in _UNITS.items() if size % f == 0), key=lambda pair: pair[1])
    return f"{size // factor}{unit}"


def rough_size(count: float) -> str:
    """To three digits or so, for reading only: `512 B`, `48.2 MiB`, `1.25 GiB`."""
    if count < 1024:
        return f"{count:.0f} B"
    unit, factor = next((u, f) for u, f in reversed(_UNITS.items()) if f <= count and f > 1)
    return f"{count / factor:.3g} {unit}" if count < 1000 * factor else f"{count / factor:.0f} {unit}"
