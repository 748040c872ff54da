"""Rows of coloured text on stdout, for commands that show what the app shows."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from agent.plain.output import clean

if TYPE_CHECKING:
    from agent.tui.text import Part


def print_rows(rows: Sequence[Sequence[Part]]) -> None:
    """Without colours into a pipe, with NO_COLOR and on a dumb terminal."""
    plain = not sys.stdout.isatty() or "NO_COLOR" in os.environ or os.environ.get("TERM", "dumb") == "dumb"
    if plain:
        for row in rows:
            print(clean("".join(text for text, _ in row)).rstrip())
        return
    from rich.console import Console
    from rich.text import Text

    from agent.tui.ink.palettes import DARK_COLOURS

    console = Console(highlight=False, soft_wrap=True)
    for row in rows:
        line = Text(end="")
        for text, role in row:
            line.append(clean(text), DARK_COLOURS.style(role) if role else "")
        console.print(line)
