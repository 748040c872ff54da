"""Text for people and JSON for scripts, on stdout; messages on stderr."""

from __future__ import annotations

import json
import math
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def clean(text: str) -> str:
    """`text` without what could steer a terminal; line breaks and tabs stay."""
    return _CONTROL.sub("�", text)


def strict(value: Any) -> Any:
    """`value` as strict JSON can hold it: nan and infinities become null, paths text."""
    if isinstance(value, Mapping):
        return {str(k): strict(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [strict(v) for v in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return str(value) if isinstance(value, Path) else value


def emit(document: Mapping[str, Any]) -> None:
    """Prints one JSON document on stdout."""
    print(json.dumps(strict(document), indent=2, allow_nan=False), flush=True)


def say(text: str) -> None:
    """A message to the person, on stderr."""
    print(clean(text), file=sys.stderr, flush=True)


def table(header: Sequence[str], rows: Sequence[Sequence[str]], *, right: Sequence[int] = ()) -> str:
    """Aligned columns, never folded; those whose index is in `right` end flush."""
    from rich.cells import cell_len

    lines = [[" ".join(clean(cell).split("\n")) for cell in row] for row in (header, *rows)]
    widths = [max(map(cell_len, column)) for column in zip(*lines, strict=True)]

    def padded(index: int, cell: str) -> str:
        space = " " * (widths[index] - cell_len(cell))
        return space + cell if index in right else cell + space

    return "\n".join("  ".join(padded(i, cell) for i, cell in enumerate(line)).rstrip() for line in lines)


def number(value: float | None, digits: int = 6) -> str:
    """A measured value in a few digits; a dash when there is none."""
    return "–" if value is None else f"{value:.{digits}g}"


def param(value: Any) -> str:
    """A parameter's value as a person writes it."""
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def config_line(params: Mapping[str, Any]) -> str:
    """`lr=0.001 batch_size=64`."""
    return " ".join(f"{name}={param(value)}" for name, value in params.items())
