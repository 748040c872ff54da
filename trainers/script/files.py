"""Follows text files that a script writes: the one named in TUNEWRIGHT_REPORTS, and CSV logs."""

from __future__ import annotations

import csv
import glob
import os
from collections.abc import Sequence
from pathlib import Path

from trainers.script import jsonline
from trainers.script.declared import CsvMetric
from trainers.script.recorder import Recorder

_READ = 1 << 20
_CHECKED = 256  # bytes before the offset by which a rewritten file is told from a longer one


class Tail:
    """Whole new lines of one file; starts over when the file was rewritten."""

    def __init__(self, path: str, offset: int = 0) -> None:
        self.path = path
        self._offset = offset
        self._before = self._read_at(max(offset - _CHECKED, 0), min(offset, _CHECKED)) if offset else b""
        self._stamp: tuple[int, ...] = ()

    def read(self, *, last: bool = False) -> tuple[bool, bytes]:
        """Whether the file was rewritten, and the whole lines since the last call (all of them then).
        `last` also takes a line without its newline."""
        stamp = self._look()
        if not stamp or (stamp == self._stamp and not last):
            return False, b""
        self._stamp = stamp
        rewritten = bool(self._offset) and not self._continues(stamp[0])
        if rewritten:
            self._offset, self._before = 0, b""
        data = self._read_at(self._offset, -1)
        data = data if last else data[: data.rfind(b"\n") + 1]
        self._offset += len(data)
        self._before = (self._before + data)[-_CHECKED:]
        return rewritten, data

    def _look(self) -> tuple[int, ...]:
        try:
            status = os.stat(self.path)
        except OSError:
            return ()
        return (status.st_size, status.st_mtime_ns, status.st_ino)

    def _continues(self, size: int) -> bool:
        start = self._offset - len(self._before)
        return size >= self._offset and self._read_at(start, len(self._before)) == self._before

    def _read_at(self, start: int, count: int) -> bytes:
        try:
            with open(self.path, "rb") as file:
                file.seek(start)
                return file.read(count)
        except OSError:
            return b""


class ReportsFile:
    """JSON lines that the script appends to the file named in TUNEWRIGHT_REPORTS."""

    def __init__(self, path: Path, recorder: Recorder) -> None:
        self._tail, self._recorder = Tail(str(path)), recorder

    def poll(self, *, last: bool = False) -> None:
        _, data = self._tail.read(last=last)
        for line in data.decode("utf-8", "replace").split("\n"):
            if found := jsonline.parse(line.strip()):
                self._recorder.guessed(*found)


class CsvFiles:
    """Columns of the CSV files that match one pattern, such as Lightning's metrics.csv.

    Rows that stood there before the script began are not this trial's and are passed over.
    """

    def __init__(self, metrics: Sequence[CsvMetric], pattern: str, recorder: Recorder) -> None:
        self._metrics, self._pattern, self._recorder = metrics, pattern, recorder
        self._files = {path: _CsvFile(path, os.path.getsize(path)) for path in matches(pattern)}

    def poll(self, *, last: bool = False) -> None:
        for path in matches(self._pattern):
            file = self._files.setdefault(path, _CsvFile(path))
            file.poll(self._metrics, self._recorder, last)


class _CsvFile:
    """One file: its header, how many rows were read, and what they said."""

    def __init__(self, path: str, old_size: int = 0) -> None:
        self._tail = Tail(path, old_size)
        self._header: list[str] = _first_row(path) if old_size else []
        self._row = 0
        self._reported: dict[tuple[str, int], str] = {}

    def poll(self, metrics: Sequence[CsvMetric], recorder: Recorder, last: bool) -> None:
        rewritten, data = self._tail.read(last=last)
        if rewritten:  # with another column, or anew: Lightning does so when a metric first appears
            self._header, self._row = [], 0
        for line in data.decode("utf-8-sig", "replace").split("\n"):
            cells = _cells(line)
            if cells and not self._header:
                self._header = cells
                recorder.others.update(cells)
            elif cells:
                self._take(dict(zip(self._header, cells, strict=False)), metrics, recorder)

    def _take(self, row: dict[str, str], metrics: Sequence[CsvMetric], recorder: Recorder) -> None:
        for metric in metrics:
            value = jsonline.number(row.get(metric.column))
            step = jsonline.number(row.get(metric.step)) if metric.step else self._row
            if value is None or step is None or step != step // 1:  # a blank cell, or no whole step
                continue
            key = (metric.name, int(step))
            if self._reported.get(key) != repr(value):
                self._reported[key] = repr(value)
                recorder.exact(int(step), {metric.name: value})
        self._row += 1


def _first_row(path: str) -> list[str]:
    with open(path, "rb") as file:
        return _cells(file.readline(_READ).decode("utf-8-sig", "replace"))


def _cells(line: str) -> list[str]:
    """The cells of one line. Lines are read one by one, so that a stray quote spoils no other."""
    try:
        row = next(csv.reader([line.replace("\0", "").rstrip("\r\n")]), [])
    except csv.Error:  # a cell of more than 128 KiB
        return []
    return [cell.strip() for cell in row]


def matches(pattern: str) -> list[str]:
    """The files that match a glob pattern, in order."""
    return sorted(path for path in glob.glob(pattern, recursive=True) if os.path.isfile(path))
