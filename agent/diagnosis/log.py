"""A trial's log, read within bounds: its beginning and its end, with true line numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

HEAD_BYTES = 256 << 10
TAIL_BYTES = 2 << 20
_CHUNK = 1 << 20
_LINE_CHARS = 2000  # of a longer line, this much of its end is kept: progress bars overwrite one line for ever
_INVISIBLE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


@dataclass(frozen=True)
class Line:
    """One line of a log; `number` counts from 1 as an editor does."""

    number: int
    text: str


@dataclass(frozen=True)
class Log:
    """The lines that were kept, in order. Where `total` is more than their number, the middle was left out."""

    lines: tuple[Line, ...] = ()
    total: int = 0

    @classmethod
    def of_text(cls, text: str) -> Log:
        lines = _split(text.encode(errors="replace"), first=1)
        return cls(lines, len(lines))

    @classmethod
    def of_path(cls, path: Path) -> Log:
        """Reads at most about 2.3 MB; the rest only to count its lines. No file gives an empty log."""
        try:
            with open(path, "rb") as file:
                size = file.seek(0, 2)
                file.seek(0)
                return _read_all(file) if size <= HEAD_BYTES + TAIL_BYTES else _read_ends(file, size)
        except FileNotFoundError:
            return cls()

    def backwards(self, limit: int | None = None) -> Iterator[Line]:
        """The last `limit` kept lines (all when None), last first."""
        yield from reversed(self.lines if limit is None else self.lines[-limit:])

    def last(self, pattern: re.Pattern[str], limit: int | None = None) -> Line | None:
        """The last line in which `pattern` occurs, among the last `limit` kept ones."""
        return next((line for line in self.backwards(limit) if pattern.search(line.text)), None)

    def with_text(self, text: str) -> Line | None:
        """The last line that contains `text`."""
        return next((line for line in self.backwards() if text in line.text), None) if text else None


def _read_all(file: BinaryIO) -> Log:
    lines = _split(file.read(), first=1)
    return Log(lines, len(lines))


def _read_ends(file: BinaryIO, size: int) -> Log:
    head = file.read(HEAD_BYTES)
    start = size - TAIL_BYTES
    before = _newlines(file, start)
    file.seek(start)
    tail = file.read(TAIL_BYTES)  # not to the end: the file may still grow
    if b"\n" in tail[:-1]:  # begin at a whole line
        cut = tail.index(b"\n") + 1
        before, tail = before + 1, tail[cut:]
    head = head[: head.rfind(b"\n") + 1]
    first, last = _split(head, first=1), _split(tail, first=before + 1)
    return Log((*first, *last), last[-1].number)


def _newlines(file: BinaryIO, end: int) -> int:
    file.seek(0)
    count, left = 0, end
    while left and (chunk := file.read(min(_CHUNK, left))):
        count += chunk.count(b"\n")
        left -= len(chunk)
    return count


def _split(data: bytes, first: int) -> tuple[Line, ...]:
    rows = data.split(b"\n")
    if not rows[-1]:
        rows.pop()
    return tuple(Line(first + i, _clean(row)) for i, row in enumerate(rows))


def _clean(row: bytes) -> str:
    """What a terminal would show in the end: colours gone, and of a line drawn over with \\r the last."""
    text = row[-4 * _LINE_CHARS :].decode(errors="replace").rstrip("\r ")
    text = _INVISIBLE.sub("", text.rsplit("\r", 1)[-1])
    return text[-_LINE_CHARS:]
