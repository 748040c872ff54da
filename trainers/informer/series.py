"""A time series, and how it is read from a CSV."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from trainers.errors import nearest
from trainers.informer.csv_text import SeriesError, Table, read_table
from trainers.informer.dates import NoDateError, read_dates
from trainers.informer.spacing import evenly_spaced

DATE_NAMES = ("date", "datetime", "timestamp", "time", "ds")
MISSING = frozenset({"", "na", "n/a", "nan", "null", "none", "-", "?"})
_CHUNK = 20_000  # rows turned into numbers at a time
_SHOWN = 40  # characters of a cell in a message
_NUMBER = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*\Z")


@dataclass(frozen=True)
class Series:
    """Rows at equal distances in time. `target` is one of `columns`. `odd` is what was put right, or looks wrong."""

    dates_T: NDArray[np.datetime64]
    values_TC: NDArray[np.float64]
    columns: tuple[str, ...]
    target: str
    odd: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.values_TC)


def read_csv(
    path: Path,
    *,
    target: str | None = None,
    date: str | None = None,
    columns: Sequence[str] | None = None,
    target_only: bool = False,
    gaps: str = "refuse",
) -> Series:
    """The series in a CSV file: `columns`, or all but the date; `target_only` reads no more than the target, which is
    the last of them unless told. `gaps` is for missing rows and cells: `refuse`, `fill` or `join`.

    Raises SeriesError, or TunewrightError for an option that does not fit the file.
    """
    table = read_table(path)
    odd: list[str] = []
    _check_header(table)
    date_index = _date_index(table, date)
    names = _chosen(table, columns, date_index, odd)
    chosen_target = names[-1] if target is None else _find(table, target, "target")
    if chosen_target not in names:
        raise _option_error(table, "target", f"the target '{chosen_target}' is not among the columns {_list(names)}")
    names = (chosen_target,) if target_only else names
    values_TC = _numbers(table, [table.header.index(name) for name in names], may_miss=gaps == "fill")
    dates_T = _dates(table, date_index)
    dates_T, values_TC, said = evenly_spaced(table, dates_T, values_TC, names, gaps)
    return Series(dates_T, values_TC, names, chosen_target, (*odd, *said))


# -- columns ---------------------------------------------------------------------


def _check_header(table: Table) -> None:
    where = f"{table.path}:{table.header_line}"
    if sum(bool(_NUMBER.match(name)) for name in table.header) > len(table.header) / 2:
        remedy = "Write the names of the columns above the numbers."
        raise SeriesError("the first line holds numbers, not the names of columns", where=where, remedy=remedy)
    named = [name for name in table.header if name]
    twice = next((name for name in named if named.count(name) > 1), None)
    if twice is not None:
        raise SeriesError(f"two columns are called '{twice}'", where=where, remedy="Rename one of them.")


def _date_index(table: Table, date: str | None) -> int:
    """The column of dates: the one named, or else one called so, or else the first."""
    if date is not None:
        return table.header.index(_find(table, date, "date"))
    called = [i for i, name in enumerate(table.header) if name.lower() in DATE_NAMES]
    return called[0] if called else 0


def _chosen(table: Table, columns: Sequence[str] | None, date_index: int, odd: list[str]) -> tuple[str, ...]:
    if columns is not None:
        names = tuple(_find(table, name, "columns") for name in columns)
        if table.header[date_index] in names:
            raise _option_error(table, "columns", f"'{table.header[date_index]}' is the column of dates")
        return names
    names = tuple(name for i, name in enumerate(table.header) if name and i != date_index)
    if any(not name for i, name in enumerate(table.header) if i != date_index):
        odd.append(f"{table.path}: a column without a name is left out")
    if not names:
        raise SeriesError("there is no column beside the dates", where=f"{table.path}:{table.header_line}")
    return names


def _find(table: Table, name: str, option: str) -> str:
    if name not in table.header:
        raise _option_error(
            table, option, f"{table.path} has no column '{name}'", nearest(name, filter(None, table.header))
        )
    return name


def _option_error(table: Table, option: str, what: str, remedy: str = "") -> SeriesError:
    return SeriesError(what, where=f"options.{option}", remedy=remedy or f"The file has: {_list(table.header)}.")


def _list(names: Sequence[str]) -> str:
    return ", ".join(name for name in names if name)


# -- cells -----------------------------------------------------------------------


def _dates(table: Table, index: int) -> NDArray[np.datetime64]:
    try:
        return read_dates([row[index] for row in table.rows])
    except NoDateError as error:
        raise SeriesError(
            f"{error} (column '{table.header[index]}')",
            where=table.at(error.row),
            remedy='Write dates as 2024-01-31 13:00, or name their column: date = "…" under [options].',
        ) from None


def _numbers(table: Table, indices: Sequence[int], *, may_miss: bool) -> NDArray[np.float64]:
    parts = []
    for first in range(0, len(table.rows), _CHUNK):
        cells = [[row[i] for i in indices] for row in table.rows[first : first + _CHUNK]]
        try:
            part = np.array(cells, np.float64)
        except ValueError:
            part = None
        if part is None or not np.isfinite(part).all():
            part = _one_by_one(table, first, cells, indices, may_miss)
        parts.append(part)
    return np.concatenate(parts)


def _one_by_one(
    table: Table, first: int, cells: list[list[str]], indices: Sequence[int], may_miss: bool
) -> NDArray[np.float64]:
    """Numbers among which some are missing, or are none, which is then told."""
    part = np.full((len(cells), len(indices)), np.nan)
    for i, row in enumerate(cells):
        for j, text in enumerate(row):
            name, where = table.header[indices[j]], table.at(first + i)
            if text.strip().lower() in MISSING:
                if not may_miss:
                    raise _missing(table, name, indices[j], where)
            elif _NUMBER.match(text) and np.isfinite(float(text)):
                part[i, j] = float(text)
            else:
                raise _no_number(name, text, where)
    return part


def _missing(table: Table, name: str, index: int, where: str) -> SeriesError:
    count = sum(row[index].strip().lower() in MISSING for row in table.rows)
    more = f" (one of {count:,} in this column)" if count > 1 else ""
    remedy = 'Fill it in, or write gaps = "fill" under [options] to interpolate.'
    return SeriesError(f"{name} has no value here{more}", where=where, remedy=remedy)


def _no_number(name: str, text: str, where: str) -> SeriesError:
    if re.match(r"\s*[+-]?\d+,\d+\s*\Z", text):
        remedy = "Write a point before the decimals."
    else:
        remedy = "Correct it, or name the columns to use: columns = […] under [options]."
    return SeriesError(f"{name} = '{text[:_SHOWN]}' is no finite number", where=where, remedy=remedy)
