"""Metrics in files that appear while a script runs: TensorBoard events and CSV logs, read as the trainer does."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from agent.guide.nouns import FoundMetric
from agent.guide.trying import names
from agent.guide.trying.proposing import Points
from trainers.script import jsonline
from trainers.script.declared import CsvMetric, TensorboardMetric
from trainers.script.events import BrokenRecord, scalars
from trainers.script.files import CsvFiles
from trainers.script.recorder import Recorder
from trainers.script.tensorboard import EventFiles

_MOST_FILES, _LARGEST = 20, 64 << 20
_VARYING = re.compile(r"\d[\d_.:T-]*")  # version_3, 2024-01-02_10-00-00: another in each run
_STEPS = ("step", "global_step", "iteration", "iter", "epoch")


def find(folder: Path, paths: Sequence[str], as_written: Callable[[str], str]) -> list[FoundMetric]:
    """The metrics in `paths` (seen from `folder`); `as_written` makes of a path what stands in the study file."""
    found: dict[str, FoundMetric] = {}
    for path in [p for p in paths if _fits(folder / p)][:_MOST_FILES]:
        pattern = as_written(path)
        metrics = _of_csv(folder / path, pattern) if path.endswith(".csv") else _of_events(folder / path, pattern)
        for metric in metrics:
            found.setdefault(metric.name, metric)
    return list(found.values())


def pattern_of(path: str) -> str:
    """`path` with what differs from run to run as a wildcard: `logs/version_3/m.csv` → `logs/version_*/m.csv`."""
    *folders, name = path.split(os.sep)
    name = "*tfevents*" if "tfevents" in name else name
    varying = [_VARYING.sub("*", part) for part in folders]
    return "/".join([*(re.sub(r"[*][^*]*[*]", "*", part) for part in varying), name])


def _fits(path: Path) -> bool:
    try:
        return (path.suffix == ".csv" or "tfevents" in path.name) and 0 < path.stat().st_size < _LARGEST
    except OSError:
        return False


def _of_events(path: Path, pattern: str) -> list[FoundMetric]:
    tags: dict[str, None] = {}
    try:
        with path.open("rb") as file:
            tags = dict.fromkeys(scalar.tag for scalar in scalars(file))
    except (BrokenRecord, OSError):
        return []
    specs = {tag: {"tensorboard": pattern, "tag": tag} for tag in tags if names.worth_watching(tag)}
    made = [TensorboardMetric(tag, pattern, tag) for tag in specs]
    points = _read_back(path, lambda where, recorder: EventFiles(made, where, recorder))
    return _metrics(path, specs, points)


def _of_csv(path: Path, pattern: str) -> list[FoundMetric]:
    try:
        with path.open(encoding="utf-8-sig", errors="replace") as file:
            header = [cell.strip() for cell in file.readline(1 << 16).split(",")]
    except OSError:
        return []
    if len(header) < 2 or any(jsonline.number(cell) is not None for cell in header):
        return []
    step = next((name for name in _STEPS if name in header), None)
    columns = [name for name in header if name and name != step and names.worth_watching(name)]
    specs = {name: {"csv": pattern, "column": name} | ({"step": step} if step else {}) for name in columns}
    made = [CsvMetric(name, pattern, name, step) for name in columns]
    points = _read_back(path, lambda where, recorder: CsvFiles(made, where, recorder))
    return _metrics(path, specs, points)


def _read_back(path: Path, reader: Callable[[str, Recorder], Any]) -> Points:
    """What the trainer's reader makes of the file. It passes over what stood there before it was made: hence a copy."""
    points = Points()
    with tempfile.TemporaryDirectory(prefix="tunewright-") as folder:
        follower = reader(os.path.join(folder, "*"), Recorder(points))
        shutil.copyfile(path, os.path.join(folder, path.name))
        follower.poll(last=True)
    return points


def _metrics(path: Path, specs: dict[str, dict[str, Any]], points: Points) -> list[FoundMetric]:
    found = []
    for name, spec in specs.items():
        seen = points.by_name.get(name, [])
        if not seen or not (names.known(name) or len({repr(value) for _, value in seen}) >= 3):
            continue
        way, said = names.direction(name, [value for _, value in seen])
        where = f"{path.name} ({'csv' if 'csv' in spec else 'TensorBoard'})"
        found.append(FoundMetric(name=name, spec=spec, seen=tuple(seen[-1000:]), where=where, direction=way, sure=said))
    return found
