"""What must be right about a series before any trial runs on it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainers.errors import TunewrightError
from trainers.informer.ett import FILES
from trainers.informer.options import Options, read_options
from trainers.informer.series import Series
from trainers.informer.sources import checksum, file_of, load
from trainers.informer.tasks import find
from trainers.parameters import CategoricalParameter, NumberParameter
from trainers.space import SearchSpace


def settle(
    task_name: str, options: Mapping[str, Any], space: SearchSpace, folder: Path
) -> tuple[dict[str, Any], list[str]]:
    """See trainers.settling. The file's path becomes absolute, and its checksum goes with it, so that all trials of a
    study see the same data."""
    task, settled = find(task_name), dict(options)
    given = read_options(task, options)
    if given.path is not None:
        settled["path"] = str((folder / Path(given.path).expanduser()).resolve())
        given = read_options(task, settled)
    series = load(task, given)
    odd = list(series.odd)
    if task.data != "synthetic":
        path = file_of(task, given)
        settled |= {"path": str(path), "sha256": checksum(path)}
        odd += _as_published(task.data, path, settled["sha256"])
    longest = _longest(space)
    rows = split_rows(given, series)
    check_windows(rows, longest, given.pred_len, _narrower(rows[0] - given.pred_len))
    return settled, [*odd, *constant_columns(series, rows[0])]


def _as_published(data: str, path: Path, sha256: str | None) -> list[str]:
    """A warning where an ETT task is given another file. Raises TunewrightError where that is the other ETT file."""
    if data not in FILES or sha256 == FILES[data].sha256:
        return []
    if other := next((file.name for file in FILES.values() if file.sha256 == sha256), None):
        what = f"this is {other}, and the task's is {FILES[data].name}"
        raise TunewrightError(what, where=str(path), remedy="Name the other file, its folder, or another task.")
    return [f"{path}: this is not {FILES[data].name} as published"]


def split_rows(options: Options, series: Series) -> tuple[int, int, int]:
    """The rows of training, validation and test. Raises TunewrightError when the series has fewer."""
    rows = options.protocol.rows(len(series))
    if sum(rows) > len(series):
        raise TunewrightError(
            f"the protocol takes {sum(rows):,} rows, and the series has {len(series):,}",
            where="options.protocol",
            remedy='Write protocol = "ratio", or fewer rows: [train, validation, test].',
        )
    return rows


def check_windows(rows: tuple[int, int, int], seq_len: int, pred_len: int, remedy: str = "") -> None:
    """Raises TunewrightError when a part has not a single window."""
    train, val, test = rows
    if train < seq_len + pred_len:
        raise TunewrightError(
            f"training has {train:,} rows, and one window takes {seq_len + pred_len:,}: "
            f"seq_len {seq_len:,} + pred_len {pred_len:,}",
            where="seq_len",
            remedy=remedy or "Make seq_len smaller.",
        )
    for part, count in (("validation", val), ("test", test)):
        if count < pred_len:
            raise TunewrightError(
                f"{part} has {count:,} rows, fewer than the {pred_len:,} of one forecast",
                where="options.protocol",
                remedy="Give it more, as protocol = [train, validation, test], or forecast less far.",
            )


def constant_columns(series: Series, train_rows: int) -> list[str]:
    """A warning for each column that does not change in training. Raises TunewrightError when that is the target."""
    flat_C = is_constant(series.values_TC[:train_rows])
    flat = [name for name, is_flat in zip(series.columns, flat_C, strict=True) if is_flat]
    if series.target in flat:
        raise TunewrightError(
            f"'{series.target}' has the same value in all {train_rows:,} rows of training",
            where="options.target",
            remedy="Choose another target, or another split.",
        )
    return [f"column '{name}' has the same value in all {train_rows:,} rows of training" for name in flat]


def is_constant(values_TC: NDArray[np.float64]) -> NDArray[np.bool_]:
    return np.asarray(values_TC.max(0) == values_TC.min(0))


def _longest(space: SearchSpace) -> int:
    parameter = space.parameters["seq_len"]
    if isinstance(parameter, CategoricalParameter):
        return max(int(choice or 0) for choice in parameter.choices)
    assert isinstance(parameter, NumberParameter)
    return int(parameter.high)


def _narrower(most: int) -> str:
    if most < 1:
        return "Take a longer series, give training more of it, or forecast less far."
    return f"Write in [space] a seq_len that ends at {most:,} or before."
