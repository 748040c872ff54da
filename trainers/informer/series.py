"""A time series, and how it is read from a CSV."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Series:
    """Rows at equal distances in time. `target` is one of `columns`."""

    dates_T: NDArray[np.datetime64]
    values_TC: NDArray[np.float64]
    columns: tuple[str, ...]
    target: str

    def __len__(self) -> int:
        return len(self.values_TC)


def read_csv(path: Path, target: str | None = None) -> Series:
    """A first reading: a `date` column first, numbers behind it."""
    header, *lines = path.read_text(encoding="utf-8-sig").splitlines()
    columns = tuple(header.split(",")[1:])
    cells = [line.split(",") for line in lines]
    return Series(
        dates_T=np.array([row[0] for row in cells], "datetime64[s]"),
        values_TC=np.array([row[1:] for row in cells], np.float64),
        columns=columns,
        target=target or columns[-1],
    )
