"""The exception a log ends with: `trainers.stderr` finds it, here it gets its place in the log."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from agent.diagnosis.log import Line, Log
from trainers import stderr

_KEPT = 2000  # lines from the end in which it is looked for
_HEADER = "Traceback (most recent call last):"
_FRAME = re.compile(r'File "([^"]+)", line \d+')
_CHAINED = re.compile(r"The above exception was the direct cause|During handling of the above exception")
_SCORING = re.compile(r"/metrics/_(regression|classification|ranking)")
_LIBRARY = ("site-packages", "dist-packages", "/lib/python", "<frozen", "<string>")


@dataclass(frozen=True)
class Raised:
    """An exception as it was printed. `line` is where its message stands, `frame` the last frame in the
    script's own code; both None when the text is not in the log."""

    name: str
    message: str
    line: Line | None
    frame: Line | None = None
    files: tuple[str, ...] = ()  # of all frames, innermost first
    cause: Raised | None = None  # what it was raised from

    @property
    def text(self) -> str:
        return f"{self.name}: {self.message}" if self.message else self.name


def last_exception(log: Log, fallback: str = "") -> Raised | None:
    """The last exception printed in `log`; else the one in `fallback`, a traceback that was kept elsewhere."""
    if found := _read(log.lines[-_KEPT:]):
        return found
    found = _read(Log.of_text(fallback).lines) if fallback else None
    return found and replace(found, line=log.with_text(found.message), frame=None, cause=None)


def _read(lines: Sequence[Line]) -> Raised | None:
    printed = stderr.last_exception(stderr.clean("\n".join(line.text for line in lines)))
    if printed is None:
        return None
    first = printed.text.strip().split("\n", 1)[0]
    says = re.compile(rf"\b{re.escape(printed.name)}\b.*{re.escape(first)}")
    at = next((i for i in reversed(range(len(lines))) if says.search(lines[i].text)), None)
    if at is None:
        return Raised(printed.name, printed.text, None)
    start = _start(lines, at)
    frames = [(line, match[1]) for line in reversed(lines[start:at]) if (match := _FRAME.search(line.text))]
    own = next((line for line, file in frames if not any(part in file for part in _LIBRARY)), None)
    message = _whole(first, lines[at + 1 :])
    return Raised(printed.name, message, lines[at], own, tuple(file for _, file in frames), _cause(lines[:start]))


def _start(lines: Sequence[Line], at: int) -> int:
    """Where the traceback that ends at index `at` begins."""
    for i in reversed(range(at)):
        if _HEADER in lines[i].text:
            return i
    return max(0, at - 10)  # Python prints a SyntaxError's place without a header


def _cause(before: Sequence[Line]) -> Raised | None:
    chained = any(_CHAINED.search(line.text) for line in before[-4:])
    return _read(before[-_KEPT:]) if chained else None


def _whole(message: str, rest: Sequence[Line]) -> str:
    """torch puts the telling half of some messages on the lines that follow."""
    more = [line.text.strip() for line in rest[:6]]
    end = next((i for i, text in enumerate(more) if not text or _HEADER in text), len(more))
    return " ".join([message.strip(), *more[:end]]).strip()[:600]


def nan_was_scored(raised: Raised | None) -> bool:
    """Whether scikit-learn refused NaN among predictions: its inputs it calls X and y."""
    if raised is None or "NaN" not in raised.message or "Input X" in raised.message:
        return False
    return any(_SCORING.search(file) for file in raised.files)
