"""Dates as people and programs write them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial

import numpy as np
from numpy.typing import NDArray

Dates = NDArray[np.datetime64]

_PLAIN = re.compile(r"\d{4}-\d\d-\d\d([ T]\d\d:\d\d(:\d\d(\.\d+)?)?)?\Z")
_UNIX = re.compile(r"\d{9,10}(\.\d+)?\Z|\d{12,13}\Z")
_MILLISECONDS = 1e11  # a Unix time above counts these
_DAYS = ("%Y/%m/%d", "%Y-%m", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y")
_CLOCKS = ("", " %H:%M", " %H:%M:%S")
_SHOWN = 40  # characters of a cell in a message


class NoDateError(ValueError):
    """`row` is the first that holds no date, or one written otherwise than those above."""

    def __init__(self, row: int, text: str) -> None:
        super().__init__(f"'{text[:_SHOWN]}' is no date" if text else "the date is missing")
        self.row = row


def read_dates(cells: Sequence[str]) -> Dates:
    """The cells as dates, to the second, all written alike; those with a time zone are turned into UTC.

    Where `01/02/2024` can be read two ways, the one by which rows are equally far apart is taken. Raises NoDateError.
    """
    texts = [cell.strip() for cell in cells]
    if all(map(_PLAIN.match, texts)):
        try:
            return np.array(texts, "datetime64[s]")
        except ValueError:
            pass  # a 13th month: found below, with its row
    wrong, read = 0, []
    for reader in _READERS:
        dates = [date for text in texts if (date := reader(text)) is not None] if reader(texts[0]) else []
        if len(dates) == len(texts):
            read.append(np.array(dates, "datetime64[s]"))
        else:
            wrong = max(wrong, _first_wrong(reader, texts))
    if not read:
        raise NoDateError(wrong, texts[wrong])
    return min(read, key=_uneven)


def _first_wrong(reader: Callable[[str], datetime | None], texts: Sequence[str]) -> int:
    return next(row for row, text in enumerate(texts) if reader(text) is None)


def _uneven(dates_T: Dates) -> int:
    """How many rows are not as far from the row before as most are."""
    _, counts = np.unique(np.diff(dates_T), return_counts=True)
    return len(dates_T) - int(counts.max(initial=0))


def _iso(text: str) -> datetime | None:
    try:
        date = datetime.fromisoformat(text)
    except ValueError:
        return None
    return date if date.tzinfo is None else date.astimezone(UTC).replace(tzinfo=None)


def _unix(text: str) -> datetime | None:
    if not _UNIX.match(text):
        return None
    number = float(text)
    return datetime.fromtimestamp(number / 1000 if number > _MILLISECONDS else number, UTC).replace(tzinfo=None)


def _written(text: str, form: str) -> datetime | None:
    try:
        return datetime.strptime(text, form)
    except ValueError:
        return None


_READERS: tuple[Callable[[str], datetime | None], ...] = (
    _iso,
    _unix,
    *(partial(_written, form=day + clock) for day in _DAYS for clock in _CLOCKS),
)
