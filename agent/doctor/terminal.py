"""What the terminal can show."""

from __future__ import annotations

import os
import shutil
import sys
from typing import Any

from agent.doctor.problem import Problem

SMALLEST = (80, 24)


def terminal(problems: list[Problem]) -> dict[str, Any]:
    """Size, colours and encoding of the terminal on stdout, or of the pipe that stands there."""
    from rich.console import Console

    columns, rows = shutil.get_terminal_size(SMALLEST)
    there, kind = sys.stdout.isatty(), os.environ.get("TERM", "")
    encoding = (sys.stdout.encoding or "ascii").lower()
    unicode = encoding.startswith("utf")
    if there and (columns < SMALLEST[0] or rows < SMALLEST[1]):
        problems.append(
            Problem("warning", f"the terminal is {columns}x{rows}", "terminal", "Make it at least 80x24 for the app.")
        )
    if there and kind in ("", "dumb"):
        problems.append(
            Problem("warning", f"TERM is '{kind}'", "terminal", "The app needs more; use 'tunewright repl'.")
        )
    if there and not unicode:
        problems.append(
            Problem("warning", f"the encoding is {encoding}", "terminal", "Set LANG to a UTF-8 locale, e.g. C.UTF-8.")
        )
    return {
        "tty": there,
        "columns": columns,
        "rows": rows,
        "term": kind,
        "colors": Console().color_system if there else None,
        "no_color": bool(os.environ.get("NO_COLOR")),
        "encoding": encoding,
        "unicode": unicode,
    }
