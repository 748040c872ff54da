"""Where a task's series comes from."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from trainers.errors import TunewrightError
from trainers.informer import synthetic
from trainers.informer.options import Options
from trainers.informer.series import Series, read_csv
from trainers.informer.tasks import Task

ETT = {"etth1": "ETTh1.csv", "etth2": "ETTh2.csv"}
VARIABLE = "TUNEWRIGHT_ETT"  # a folder that holds the ETT files


def load(task: Task, options: Options) -> Series:
    """The task's series: the target alone for features `s`. Raises TunewrightError when it cannot be had."""
    series = synthetic.series() if task.data == "synthetic" else read_csv(file_of(task, options), options.target)
    if task.features != "s":
        return series
    column = series.columns.index(series.target)
    return replace(series, values_TC=series.values_TC[:, column : column + 1], columns=(series.target,))


def file_of(task: Task, options: Options) -> Path:
    """The file of a task that has one."""
    if options.path is not None:
        path = Path(options.path).expanduser()
        return path / ETT[task.data] if task.data in ETT and path.is_dir() else path
    if task.data == "csv":
        raise TunewrightError("a csv task needs a file", where="options.path", remedy='Write path = "series.csv".')
    return Path(os.environ.get(VARIABLE, ".")) / ETT[task.data]
