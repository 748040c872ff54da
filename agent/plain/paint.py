"""Colours and markdown for a terminal that can show them; elsewhere the words alone."""

from __future__ import annotations

import re
import sys
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

# What a line is about, found in the words themselves: every front prints the same sentences.
_STYLES = {
    "good": "green",
    "bad": "red",
    "run": "cyan",
    "ask": "yellow",
    "name": "bold",
    "label": "dim",
    "change": "bold",
}
_WORDS = tuple(
    re.compile(pattern, re.MULTILINE)
    for pattern in (
        r"(?P<good>\b(completed|done|best so far|the best)\b)",
        r"(?P<bad>\b(failed|diverged|risk)\b)",
        r"(?P<run>\b(running|started)\b)",
        r"(?P<ask>\b(proposal \d+|waits|waiting|the agent asks|the stopping rule asks|accept \d+|decline \d+)\b)",
        r"(?P<name>\bt\d+\b)",
        r"^(?P<label>  (why|expect|cost|risk|same|near) )",
        r"(?P<change>→ \S+)",
    )
)


@cache
def _console() -> Console | None:
    """Of stdout, or None where colours cannot or should not be shown."""
    from rich.console import Console
    from rich.theme import Theme

    console = Console(file=sys.stdout, theme=Theme({f"say.{name}": style for name, style in _STYLES.items()}))
    return console if console.is_terminal and console.color_system and not console.no_color else None


def painted(text: str) -> str:
    """`text`, which holds no control characters, with the escapes of its colours where stdout shows them."""
    console = _console()
    if console is None:
        return text
    from rich.text import Text

    shown = Text(text)
    for pattern in _WORDS:
        shown.highlight_regex(pattern, style_prefix="say.")
    with console.capture() as capture:
        console.print(shown, end="", soft_wrap=True)
    return capture.get()


def prose(text: str) -> str:
    """A paragraph of markdown as the terminal can show it. Links are shown, not made clickable: a model wrote them."""
    console = _console()
    if console is None:
        return text
    from rich.markdown import Markdown

    with console.capture() as capture:
        console.print(Markdown(text, hyperlinks=False), width=min(console.width, 100))
    return capture.get().rstrip("\n")


def paragraphs(text: str, whole: bool) -> tuple[list[str], str]:
    """The paragraphs of growing markdown that can be printed, and what must wait: a paragraph that may still grow, a
    block of code that is not closed."""
    done: list[str] = []
    kept: list[str] = []
    fenced = False
    for line in text.splitlines(keepends=True):
        fenced ^= line.lstrip().startswith("```")
        if line.strip() or fenced:
            kept.append(line)
        elif kept:
            done.append("".join(kept))
            kept = []
        if kept and not fenced and line.lstrip().startswith("```") and line.endswith("\n"):
            done.append("".join(kept))
            kept = []
    left = "".join(kept)
    return ([*done, left], "") if whole and left.strip() else (done, left)
