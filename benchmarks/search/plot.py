"""Curves of the mean regret by trial, a figure a group of tasks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from agent.tui.pictures import files
from agent.tui.pictures.plots import Figure, Line, plots
from agent.tui.pictures.svg import PAPER
from benchmarks.search.driver import Run, read


def draw(runs: Path, path: Path, tasks: Sequence[str], methods: Sequence[str]) -> None:
    """Writes `path`, PNG or SVG: the groups `tasks` beside each other, of each the curves of `methods`."""
    found: dict[tuple[str, str], list[Run]] = defaultdict(list)
    for one in read(runs):
        if not one.given:
            found[one.task.split("/")[0], one.method].append(one)
    figures = [
        Figure(
            title=f"{group}: mean normalised regret by trial",
            lines=[
                _line(method, found[group, method], place)
                for place, method in enumerate(methods)
                if (group, method) in found
            ],
            log_y=True,
        )
        for group in tasks
    ]
    files.write(path, plots(figures, PAPER), force=True)


def _line(method: str, runs: Sequence[Run], place: int) -> Line:
    """The mean over tasks of the mean over seeds, over as many trials as all of them have."""
    length = min(len(one.losses) for one in runs)
    of_task: dict[str, list[list[float]]] = defaultdict(list)
    for one in runs:
        of_task[one.task].append(list(one.regrets())[:length])
    ys = np.mean([np.mean(rows, axis=0) for rows in of_task.values()], axis=0)
    return Line(
        label=method,
        role=f"curve:{place}",
        xs=[float(n) for n in range(1, length + 1)],
        ys=[float(y) for y in ys],
        dashed=method.startswith("optuna") or "naive" in method,
    )
