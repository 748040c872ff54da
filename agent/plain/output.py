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
PIPE_WIDTH = 10_000  # a table in a pipe is never folded


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
    """Aligned columns, as wide as the terminal at most; columns whose index is in `right` end flush."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(width=None if sys.stdout.isatty() else PIPE_WIDTH, highlight=False)
    grid = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for index, name in enumerate(header):
        grid.add_column(Text(clean(name)), justify="right" if index in right else "left", overflow="fold")
    for row in rows:
        grid.add_row(*(Text(clean(cell)) for cell in row))
    with console.capture() as captured:
        console.print(grid)
    return "\n".join(line.rstrip() for line in captured.get().splitlines())


def number(value: float | None, digits: int = 6) -> str:
    """A measured value in a few digits; a dash when there is none."""
    return "–" if value is None else f"{value:.{digits}g}"


def param(value: Any) -> str:
    """A parameter's value as a person writes it."""
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def config_line(params: Mapping[str, Any]) -> str:
    """`lr=0.001 batch_size=64`."""
    return " ".join(f"{name}={param(value)}" for name, value in params.items())
