"""Reads a trial's log.txt in stretches: its end as it grows, or the lines around one of them."""

from __future__ import annotations

from pathlib import Path

from agent.tui.text import log_line

LINES_AROUND = 2_000
_TAIL_BYTES = 1 << 20
_CHUNK = 4 << 20
_LONGEST = 32 << 10  # bytes shown of one line


class LogTail:
    """Follows one file, which may not exist yet and may hold anything."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._offset = 0
        self._rest = b""

    def end(self) -> tuple[int, list[str]]:
        """The 1-based number of the first of the file's last lines (up to 1 MiB), and the lines.

        `grown` goes on from there.
        """
        self._offset, self._rest = 0, b""
        try:
            start = max(self.path.stat().st_size - _TAIL_BYTES, 0)
            first = 1 + (self._count_lines(start) if start else 0)
        except OSError:
            return 1, []
        self._offset = start
        lines = self._read_lines()
        if start and lines:  # the first one is cut
            return first + 1, lines[1:]
        return first, lines

    def _count_lines(self, until: int) -> int:
        count = 0
        with open(self.path, "rb") as file:
            while until > 0 and (chunk := file.read(min(_CHUNK, until))):
                count += chunk.count(b"\n")
                until -= len(chunk)
        return count

    def _read_lines(self) -> list[str]:
        """Lines that have ended since the offset; what follows them is kept."""
        try:
            with open(self.path, "rb") as file:
                file.seek(self._offset)
                data = file.read(_TAIL_BYTES)
        except OSError:
            return []
        self._offset += len(data)
        *whole, self._rest = (self._rest + data).split(b"\n")
        self._rest = self._rest[-_LONGEST:]
        return [_text(raw) for raw in whole]

    def grown(self) -> tuple[list[str], str]:
        """Lines that have ended since the last call, at most 1 MiB of them, and the unfinished one after them."""
        lines = self._read_lines()
        return lines, _text(self._rest)

    def around(self, line: int) -> tuple[int, list[str]]:
        """The number of the first line of a stretch around `line`, and the stretch."""
        first = max(line - LINES_AROUND, 1)
        found: list[str] = []
        number = 1
        try:
            with open(self.path, "rb") as file:
                while number <= line + LINES_AROUND and (raw := file.readline(_LONGEST)):
                    if number >= first:
                        found.append(_text(raw))
                    number += raw.endswith(b"\n")
        except OSError:
            return 1, []
        return first, found


def _text(raw: bytes) -> str:
    return log_line(raw[-_LONGEST:].decode("utf-8", "replace"))
