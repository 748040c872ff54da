"""Puts rows in order of time and makes sure that they are equally far apart."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from trainers.informer.csv_text import SeriesError, Table
from trainers.informer.dates import Dates

Values = NDArray[np.float64]
_SECOND = np.timedelta64(1, "s")
_UNITS = ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second"))
_AS_THEY_ARE = "to take the rows as they come."
_MOST_FILLED = 10  # rows filled in for each that the file has


def evenly_spaced(
    table: Table, dates_T: Dates, values_TC: Values, names: Sequence[str], gaps: str
) -> tuple[Dates, Values, list[str]]:
    """The rows in order, none missing, and what was done to them, in words.

    `refuse` takes no gap; `fill` interpolates missing rows and cells in a straight line; `join` takes the rows as if
    there were none. Raises SeriesError for what remains: dates that come twice, distances that are no multiples.
    """
    said: list[str] = []
    order_T = np.argsort(dates_T, kind="stable")
    if (np.diff(order_T) != 1).any():
        said.append(f"{table.path}: the rows are not in order of time; they have been sorted")
    dates_T, values_TC = dates_T[order_T], values_TC[order_T]
    _refuse_twice(table, dates_T, order_T)
    if gaps != "join" and len(dates_T) > 2 and not _is_monthly(dates_T):
        place_T, step = _places(table, dates_T, order_T)
        if gaps == "refuse":
            _refuse_gap(table, dates_T, order_T, place_T, step)
        missing = int(place_T[-1]) + 1 - len(dates_T)
        if missing > _MOST_FILLED * len(dates_T):
            what = f"{_rows(missing)} missing of {int(place_T[-1]) + 1:,}, counted in steps of {interval(step)}"
            raise SeriesError(what, where=str(table.path), remedy="Resample the file to equal distances.")
        if missing:
            dates_T, values_TC = _with_rows(dates_T, values_TC, place_T, step)
            said.append(f"{table.path}: {_rows(missing)} missing and interpolated")
    if gaps == "fill":
        said += _interpolate(table, dates_T, values_TC, names, len(order_T))
    return dates_T, values_TC, said


def interval(seconds: int) -> str:
    """A distance in time, in words: `1 hour`, `15 minutes`."""
    size, unit = next((size, unit) for size, unit in _UNITS if seconds % size == 0)
    count = seconds // size
    return f"{count:,} {unit}{'' if count == 1 else 's'}"


def _refuse_twice(table: Table, dates_T: Dates, order_T: NDArray[np.int64]) -> None:
    twice_N = np.flatnonzero(np.diff(dates_T) == 0 * _SECOND)
    if len(twice_N):
        first, second = sorted(order_T[twice_N[0] : twice_N[0] + 2])
        more = f"; {len(twice_N):,} dates do" if len(twice_N) > 1 else ""
        raise SeriesError(
            f"{_text(dates_T[twice_N[0]])} comes twice, first in line {table.lines[first]}{more}",
            where=table.at(second),
            remedy="Keep one row of each date; write time zones where a clock was put back.",
        )


def _is_monthly(dates_T: Dates) -> bool:
    """Whether rows are so many months apart, which days and hours are not."""
    months_T = dates_T.astype("datetime64[M]")
    into_T = dates_T - months_T
    apart = np.unique(np.diff(months_T.astype(np.int64)))
    ends_T = (months_T + 1).astype("datetime64[s]") - dates_T
    same_place = (into_T == into_T[0]).all() or (ends_T == ends_T[0]).all()
    return bool(len(apart) == 1 and apart[0] > 0 and same_place)


def _places(table: Table, dates_T: Dates, order_T: NDArray[np.int64]) -> tuple[NDArray[np.int64], int]:
    """Each row's place on the line of time, counted in the distance that most rows have, and that in seconds."""
    apart_T = (np.diff(dates_T) / _SECOND).astype(np.int64)
    distances, counts = np.unique(apart_T, return_counts=True)
    step = int(distances[counts.argmax()])
    off_N = np.flatnonzero(apart_T % step)
    if len(off_N):
        row = order_T[off_N[0] + 1]
        raise SeriesError(
            f"{_text(dates_T[off_N[0] + 1])} is {interval(int(apart_T[off_N[0]]))} after the row before, "
            f"where rows are {interval(step)} apart",
            where=table.at(row),
            remedy=f'Resample the file to equal distances, or write gaps = "join" under [options] {_AS_THEY_ARE}',
        )
    return np.concatenate([[0], np.cumsum(apart_T // step)]), step


def _refuse_gap(
    table: Table, dates_T: Dates, order_T: NDArray[np.int64], place_T: NDArray[np.int64], step: int
) -> None:
    gap_N = np.flatnonzero(np.diff(place_T) > 1)
    if len(gap_N):
        first = gap_N[0]
        missing = int(place_T[first + 1] - place_T[first]) - 1
        all_missing = int(place_T[-1]) + 1 - len(place_T)
        more = f" and {all_missing - missing:,} elsewhere" if all_missing > missing else ""
        raise SeriesError(
            f"{_rows(missing)} missing before {_text(dates_T[first + 1])}{more}; rows are {interval(step)} apart",
            where=table.at(order_T[first + 1]),
            remedy=f'Write gaps = "fill" under [options] to interpolate, or "join" {_AS_THEY_ARE}',
        )


def _with_rows(dates_T: Dates, values_TC: Values, place_T: NDArray[np.int64], step: int) -> tuple[Dates, Values]:
    rows = int(place_T[-1]) + 1
    wide_TC = np.full((rows, values_TC.shape[1]), np.nan)
    wide_TC[place_T] = values_TC
    return dates_T[0] + np.arange(rows) * np.timedelta64(step, "s"), wide_TC


def _interpolate(table: Table, dates_T: Dates, values_TC: Values, names: Sequence[str], had: int) -> list[str]:
    """Fills what is missing, in place. A column that begins or ends with nothing cannot be."""
    place_T = np.arange(len(values_TC))
    filled = 0
    for column, name in enumerate(names):
        known_T = ~np.isnan(values_TC[:, column])
        if not known_T.any():
            raise SeriesError(f"{name} has no value at all", where=str(table.path), remedy="Leave the column out.")
        if not (known_T[0] and known_T[-1]):
            end = "first" if not known_T[0] else "last"
            raise SeriesError(
                f"{name} has no value in the {end} row ({_text(dates_T[0 if end == 'first' else -1])})",
                where=str(table.path),
                remedy=f"There is nothing to interpolate from: fill it in, or cut the {end} rows off.",
            )
        filled += int((~known_T).sum())
        values_TC[:, column] = np.interp(place_T, place_T[known_T], values_TC[known_T, column])
    cells = filled - (len(values_TC) - had) * len(names)
    return [f"{table.path}: {_cells(cells)} missing and interpolated"] if cells else []


def _rows(count: int) -> str:
    return "1 row is" if count == 1 else f"{count:,} rows are"


def _cells(count: int) -> str:
    return "1 cell is" if count == 1 else f"{count:,} cells are"


def _text(date: np.datetime64) -> str:
    return str(date).replace("T", " ")
