"""Where a task's series comes from."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from trainers.errors import TunewrightError
from trainers.informer import synthetic
from trainers.informer.ett import FILES, VARIABLE, data_folder
from trainers.informer.options import Options
from trainers.informer.series import Series, read_csv
from trainers.informer.tasks import Task


def load(task: Task, options: Options) -> Series:
    """The task's series; for features `s` it holds the target alone. Raises TunewrightError when it cannot be had."""
    target_only = task.features == "s"
    if task.data == "synthetic":
        return _with_target(synthetic.series(), options.target, target_only)
    path = file_of(task, options)
    if options.sha256 is not None and checksum(path) != options.sha256:
        raise TunewrightError(
            "the file is another than when the study was made",
            where=str(path),
            remedy="Put the old one back, or begin a study of another name: it would compare trials on different data.",
        )
    return read_csv(
        path,
        target=options.target,
        date=options.date,
        columns=options.columns,
        target_only=target_only,
        gaps=options.gaps,
    )


def file_of(task: Task, options: Options) -> Path:
    """The file of a task that has one. Raises TunewrightError where there is none."""
    if options.path is None and task.data == "csv":
        raise TunewrightError("a csv task needs a file", where="options.path", remedy='Write path = "series.csv".')
    if task.data == "csv":
        return Path(str(options.path)).expanduser()
    places = list(_ett_places(FILES[task.data].name, options.path))
    found = next((path for path in places if path.is_file()), None)
    if found is None:
        raise TunewrightError(
            f"{task.name} needs {FILES[task.data].name}, and it is not there",
            where=str(places[0]),
            remedy="Download it with 'tunewright data ett', or name it: options = { path = \"…\" }.",
        )
    return found


def _ett_places(name: str, told: str | None) -> Iterator[Path]:
    """Where the file may be: as told, or else in the folder of the variable, or where `tunewright data ett` puts it."""
    if told is not None:
        path = Path(told).expanduser()
        yield path / name if path.is_dir() else path
        return
    if folder := os.environ.get(VARIABLE):
        yield Path(folder).expanduser() / name
        return
    yield data_folder() / name


def checksum(path: Path) -> str | None:
    """The SHA-256 of a file; None where it cannot be read."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return None


def _with_target(series: Series, target: str | None, target_only: bool) -> Series:
    name = target or series.target
    if name not in series.columns:
        listed = ", ".join(series.columns)
        raise TunewrightError(f"there is no column '{name}'", where="options.target", remedy=f"There are: {listed}.")
    if not target_only:
        return replace(series, target=name)
    column = series.columns.index(name)
    return replace(series, values_TC=series.values_TC[:, column : column + 1], columns=(name,), target=name)
