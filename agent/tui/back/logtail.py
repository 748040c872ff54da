"""Reads a text file in stretches: its end as it grows, or the lines around one of them; never the whole of a large one.

The file may not exist yet, may be cut or replaced by another, and may hold anything.
"""

from __future__ import annotations

import codecs
import stat
from pathlib import Path
from typing import BinaryIO, NamedTuple

from agent.tui.back.logfind import find, opened
from agent.tui.text import log_line
from trainers import rundir
from trainers.errors import TunewrightError

LINES_AROUND = 2_000
COUNTED = 128 << 20  # bytes through which lines are counted: a trial's own log is at most half of it
_TAIL_BYTES = 1 << 20
_BEHIND = 2 << 20  # bytes: what grows faster than it can be read is followed at its end
_CHUNK = 4 << 20
_LONGEST = 128 << 10  # bytes shown of one line
_SEAM = 64  # bytes before the offset that tell whether the file is still the same


class Growth(NamedTuple):
    """Lines that have ended, and the unfinished one. `first` is their number where they do not follow on those told
    before: the file was cut, replaced, or is ahead of the reader."""

    lines: list[str]
    partial: str
    first: int | None = None


class LogTail:
    """Follows one file. `counted` says whether line numbers are the file's own; else they begin at what was read."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.counted = True
        self._file: tuple[int, int] | None = None  # device and inode
        self._forget()

    def _forget(self) -> None:
        self._offset, self._seam = 0, b""
        self._rest, self._cut = b"", 0  # the unfinished line, and how many of its bytes are left out
        self._known = (0, 0)  # an offset, and the line breaks before it

    # -- what is told ------------------------------------------------------------

    @property
    def size(self) -> int:
        """In bytes; 0 for what is not there."""
        try:
            return self.path.stat().st_size
        except OSError:
            return 0

    @property
    def problem(self) -> str:
        """Why nothing can be read, in a few words; empty when something can."""
        try:
            opened(self.path).close()
            return ""
        except FileNotFoundError:
            if self._file is not None:
                return "the file is gone"
            return "nothing printed" if self.path.name == rundir.LOG else "no such file"
        except OSError as error:
            return error.strerror or str(error)

    def end(self) -> tuple[int, list[str]]:
        """The 1-based number of the first of the file's last lines (up to 1 MiB), and the lines.

        `grown` goes on from there.
        """
        known = self._known
        if not self._is_same():
            known = (0, 0)
        self._forget()
        self._file = self._identity()
        start = max(self.size - _TAIL_BYTES, 0)
        try:
            first = 1 + self._count_lines(known, start)
        except OSError:
            return 1, []
        self._offset = start
        lines = self._read()
        if start and lines:  # the first one is cut
            return first + 1, lines[1:]
        return first, lines

    def grown(self) -> Growth:
        """What has been written since the last call."""
        if self._file is None:
            self._file = self._identity()
        elif not self._is_same() or self.size - self._offset > _BEHIND:
            first, lines = self.end()
            return Growth(lines, self._partial(), first)
        return Growth(self._read(), self._partial())

    def around(self, line: int) -> tuple[int, list[str]]:
        """The number of the first line of a stretch around `line`, and the stretch. Raises TunewrightError where the
        line lies too far into the file."""
        first = max(line - LINES_AROUND, 1)
        found: list[str] = []
        number, read = 1, 0
        try:
            with opened(self.path) as file:
                while number <= line + LINES_AROUND and read < COUNTED and (raw := file.readline(_LONGEST)):
                    more = 0 if raw.endswith(b"\n") else _skip_line(file)
                    read += len(raw) + more
                    if number >= first:
                        found.append(_text(raw, cut=more))
                    number += 1
        except OSError:
            return 1, []
        if not found and read >= COUNTED:
            raise TunewrightError(f"line {line} is too far into the file", where=str(self.path))
        return first, found

    def find(self, needle: str, line: int, by: int) -> int | None:
        """The nearest line after (`by` > 0) or before `line` that holds `needle`, upper and lower case alike, or else
        the first from the other end. None where there is none, or where the file is too large to be searched."""
        return None if self.size > COUNTED else find(self.path, needle, line, by)

    # -- reading -----------------------------------------------------------------

    def _identity(self) -> tuple[int, int] | None:
        try:
            found = self.path.stat()
        except OSError:
            return None
        return (found.st_dev, found.st_ino) if stat.S_ISREG(found.st_mode) else None

    def _is_same(self) -> bool:
        """Whether the file goes on where it was left: a file that is gone for now does."""
        here = self._identity()
        if here is None or self._file is None:
            return here is None
        if here != self._file or self.size < self._offset:
            return False
        try:
            with opened(self.path) as file:
                file.seek(self._offset - len(self._seam))
                return file.read(len(self._seam)) == self._seam
        except OSError:
            return True

    def _count_lines(self, known: tuple[int, int], until: int) -> int:
        """Line breaks before `until`, from a place where they are known on; 0, and not `counted`, where that is far."""
        at, count = known if known[0] <= until else (0, 0)
        self.counted = until - at <= COUNTED and (self.counted or at == 0)
        if not self.counted or at == until:
            return count
        with opened(self.path) as file:
            file.seek(at)
            while at < until and (chunk := file.read(min(_CHUNK, until - at))):
                count += chunk.count(b"\n")
                at += len(chunk)
        self._known = (at, count)
        return count

    def _read(self) -> list[str]:
        """Lines that have ended since the offset; what follows them is kept."""
        try:
            with opened(self.path) as file:
                file.seek(self._offset)
                data = file.read(_TAIL_BYTES)
        except OSError:
            return []
        self._offset += len(data)
        self._seam = (self._seam + data)[-_SEAM:]
        head, *others = data.split(b"\n")
        self._extend(head)
        if not others:
            return []
        lines = [_text(self._rest, cut=self._cut), *map(_text, others[:-1])]
        self._rest, self._cut = b"", 0
        self._extend(others[-1])
        return lines

    def _extend(self, more: bytes) -> None:
        """Adds to the unfinished line, of which a bounded part is kept."""
        if self._cut and b"\r" not in more:
            self._cut += len(more)
            return
        whole = _last_state(self._rest + more)
        self._rest, self._cut = whole[:_LONGEST], max(len(whole) - _LONGEST, 0)

    def _partial(self) -> str:
        return _text(self._rest, cut=self._cut, final=False)


def _last_state(raw: bytes) -> bytes:
    """What a progress bar left on the line, with the return it may have ended with."""
    if b"\r" not in raw:
        return raw
    body = raw.rstrip(b"\r")
    return body.rsplit(b"\r", 1)[-1] + raw[len(body) :][:1]


def _skip_line(file: BinaryIO) -> int:
    """Passes over the rest of a line that is longer than what is shown of it; how many bytes that is."""
    skipped = 0
    while skipped < COUNTED and (piece := file.readline(_LONGEST)):
        if piece.endswith(b"\n"):
            return skipped + len(piece) - 1
        skipped += len(piece)
    return skipped


def _text(raw: bytes, *, cut: int = 0, final: bool = True) -> str:
    """A line as it is shown. `cut` counts bytes of it that are left out."""
    raw = _last_state(raw)
    left_out = cut + max(len(raw) - _LONGEST, 0)
    decoder = codecs.getincrementaldecoder("utf-8")("backslashreplace")
    text = log_line(decoder.decode(raw[:_LONGEST], final=final and not left_out))
    return f"{text} …+{left_out:,} bytes" if left_out else text
