"""What a model is trained on: standardised columns, time features, and the windows of each split.

The protocol is that of the paper's published code: three parts in order of time, the scaler fitted on the first, each
part's windows forecasting its own rows only, their inputs reaching back into the part before. All windows count.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainers.informer.checks import check_windows, is_constant, split_rows
from trainers.informer.options import read_options
from trainers.informer.series import Series
from trainers.informer.sources import load
from trainers.informer.tasks import Task

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Part:
    """The windows of one split: window `i` has the inputs of rows `first + i` up to `seq_len` of them, and forecasts
    the `pred_len` rows after those."""

    first: int
    windows: int

    def __len__(self) -> int:
        return self.windows

    @property
    def starts_N(self) -> NDArray[np.int64]:
        """The first row of each window's inputs."""
        return np.arange(self.first, self.first + self.windows)


@dataclass(frozen=True)
class Splits:
    """All rows, standardised, and where each split's windows begin.

    `inputs_TC` are the columns the model sees, `targets` the indices among them of what it forecasts. `time_TF` are
    the rows' time features. Row `r` was measured at `dates_T[r]`; column `c` in the file's units is
    `inputs_TC[:, c] * std_C[c] + mean_C[c]`.
    """

    inputs_TC: Floats
    time_TF: Floats
    targets: tuple[int, ...]
    train: Part
    val: Part
    test: Part
    seq_len: int
    pred_len: int
    columns: tuple[str, ...]
    dates_T: NDArray[np.datetime64]
    mean_C: NDArray[np.float64]
    std_C: NDArray[np.float64]


def splits(task: Task, options: Mapping[str, Any], config: Mapping[str, Any]) -> Splits:
    """The data of a trial. `config` says `seq_len`; the rest of it does not matter here.

    Raises TunewrightError for options or a file that will not do.
    """
    given = read_options(task, options)
    series = load(task, given)
    rows = split_rows(given, series)
    seq_len, pred_len = config["seq_len"], given.pred_len
    check_windows(rows, seq_len, pred_len)
    mean_C, std_C = _scale(series.values_TC[: rows[0]])
    parts = _parts(rows, seq_len, pred_len)
    used = sum(rows)
    return Splits(
        inputs_TC=((series.values_TC[:used] - mean_C) / std_C).astype(np.float32),
        time_TF=time_features(series.dates_T[:used]),
        targets=targets(task, series),
        train=parts[0],
        val=parts[1],
        test=parts[2],
        seq_len=seq_len,
        pred_len=pred_len,
        columns=series.columns,
        dates_T=series.dates_T[:used],
        mean_C=mean_C,
        std_C=std_C,
    )


def _scale(train_TC: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean and standard deviation of each column; a constant one is divided by 1, and so all zeros."""
    return train_TC.mean(0), np.where(is_constant(train_TC), 1.0, train_TC.std(0))


def targets(task: Task, series: Series) -> tuple[int, ...]:
    return tuple(range(len(series.columns))) if task.features == "m" else (series.columns.index(series.target),)


def _parts(rows: tuple[int, int, int], seq_len: int, pred_len: int) -> tuple[Part, Part, Part]:
    train, val, test = rows
    return (
        Part(0, train - seq_len - pred_len + 1),
        Part(train - seq_len, val - pred_len + 1),
        Part(train + val - seq_len, test - pred_len + 1),
    )


def time_features(dates_T: NDArray[np.datetime64]) -> Floats:
    """Month, day of the month, weekday (from Monday) and hour of each row, -.5 to .5; also the minute where rows are
    not on the hour."""
    days_T, months_T = dates_T.astype("datetime64[D]"), dates_T.astype("datetime64[M]")
    minutes_T = (dates_T - days_T).astype("timedelta64[m]").astype(np.int64)
    month_T = months_T.astype(np.int64) % 12
    day_T = (days_T - months_T.astype("datetime64[D]")).astype(np.int64)
    weekday_T = (days_T.astype(np.int64) + 3) % 7  # the first of January 1970 was a Thursday
    columns = [month_T / 11, day_T / 30, weekday_T / 6, minutes_T // 60 / 23]
    if (minutes_T % 60).any():
        columns.append(minutes_T % 60 / 59)
    return (np.stack(columns, 1) - 0.5).astype(np.float32)
