"""A CSV file as a header and rows of cells, each with its line."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from trainers.errors import TunewrightError

SEPARATORS = ",;\t|"
_NO_TEXT = "Give a text file with a header line, a column of dates and columns of numbers."
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_LONGEST_CELL = 1 << 16  # characters: beyond it a quotation mark has been forgotten


class SeriesError(TunewrightError):
    """A file that is no time series we can use."""


@dataclass(frozen=True)
class Table:
    """`rows[i]` stands in line `lines[i]` of the file, the header in line `header_line`."""

    path: Path
    header: tuple[str, ...]
    header_line: int
    rows: list[list[str]]
    lines: list[int]

    def at(self, row: int) -> str:
        """Where a row stands, for a message."""
        return f"{self.path}:{self.lines[row]}"


def read_table(path: Path) -> Table:
    """The file's cells as text. Raises SeriesError where it cannot be read or is no table."""
    text = _decoded(path, _bytes(path))
    separator = _separator(text)
    parsed = _parsed(path, text, separator)
    header_line, header = next(parsed, (1, []))
    if len(header) < 2:
        remedy = "Separate the columns by commas, semicolons, tabs or bars."
        raise SeriesError("the first line names fewer than two columns", where=f"{path}:{header_line}", remedy=remedy)
    rows, lines = [], []
    for line, cells in parsed:
        if len(cells) != len(header):
            what = (
                f"{len(cells)} cell{'' if len(cells) == 1 else 's'}, where the first line names {len(header)} columns"
            )
            raise SeriesError(
                what, where=f"{path}:{line}", remedy="Correct this line, or quote what holds a separator."
            )
        rows.append(cells)
        lines.append(line)
    if not rows:
        raise SeriesError("there is a header and no row below it", where=str(path), remedy=_NO_TEXT)
    return Table(path, tuple(name.strip() for name in header), header_line, rows, lines)


def _bytes(path: Path) -> bytes:
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise SeriesError("there is no such file", where=str(path), remedy="Check the path.") from None
    except IsADirectoryError:
        raise SeriesError("this is a folder", where=str(path), remedy="Name the CSV file in it.") from None
    except OSError as error:
        what = f"it cannot be read ({error.strerror})"
        raise SeriesError(what, where=str(path), remedy="Check its permissions.") from None
    if not data.strip():
        raise SeriesError("the file is empty", where=str(path), remedy=_NO_TEXT)
    return data


def _decoded(path: Path, data: bytes) -> str:
    if data.startswith(_UTF_16):
        raise SeriesError("this is UTF-16", where=str(path), remedy="Save it as UTF-8.")
    if (place := data.find(b"\0")) >= 0:
        line = data.count(b"\n", 0, place) + 1
        raise SeriesError("this is no text: it holds zero bytes", where=f"{path}:{line}", remedy=_NO_TEXT)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise SeriesError("this is not UTF-8 text", where=f"{path}:{line}", remedy="Save it as UTF-8.") from None


def _separator(text: str) -> str:
    """The one that the first line that is not blank has most of."""
    header = text.lstrip().partition("\n")[0]
    return max(SEPARATORS, key=header.count)


def _parsed(path: Path, text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    """Line number and cells of each row that is not blank."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=True)
    before = csv.field_size_limit(_LONGEST_CELL)
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield reader.line_num, cells
    except csv.Error as error:
        what = f"this line is no CSV ({error})"
        raise SeriesError(what, where=f"{path}:{reader.line_num}", remedy="Look for a stray quotation mark.") from None
    finally:
        csv.field_size_limit(before)
