"""CPU time of a frame of the trials' table: 10,000 rows, 500 updates a second, four frames a second, at 180×50.

Ours is the panel of the study's screen: each of 125 running trials a frame has another step and value. The peer is
Textual's DataTable with as many rows and columns, the same two cells of the same rows updated. In turns.
"""

from __future__ import annotations

import random
import statistics
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from agent.tui import messages as told
from benchmarks.curves import running
from benchmarks.frames import FrameApp, measured, p95
from benchmarks.harness import Figure

ROWS, LIVE, UPDATES = 10_000, 500, 125
GOAL = 8.0


def figures(*, quick: bool) -> list[Figure]:
    frames, repeats = (20, 1) if quick else (60, 3)
    kinds = ("Ours", "Sorted", "Peer")
    rounds = [{k: measured(f"benchmarks.table:{k}", frames) for k in kinds} for _ in range(repeats)]
    found = {k: [ms for one in rounds for ms in one[k]] for k in kinds}
    peer = statistics.median(found["Peer"])
    made = []
    for kind, what in {"Ours": "", "Sorted": ", sorted by what changes"}.items():
        name = f"frame of the table: {ROWS:,} rows, {UPDATES} of them changed{what}"
        ms, worst = statistics.median(found[kind]), p95(found[kind])
        made.append(Figure(name, ms, peer, "CPU-ms", "DataTable", f"≤ {GOAL:g}", ms <= GOAL, repeats))
        made.append(Figure(f"{name}: p95", worst, None, "CPU-ms", "", f"≤ {GOAL:g}", worst <= GOAL, repeats))
    return made


class Ours(FrameApp):
    """The panel as the study's screen has it, the newest trials on top."""

    CSS = "#table { height: 1fr; } #filter { display: none; }"
    sort = "#"

    def __init__(self) -> None:
        super().__init__()
        from agent.store.connection import open_store
        from agent.tui.back.follower import Follower
        from agent.tui.ink.themes import DARK, themes
        from agent.tui.model import StudyModel
        from agent.tui.view import ViewState
        from agent.tui.widgets.trials_panel import TrialsPanel

        for theme in themes():
            self.register_theme(theme)
        self.theme = DARK
        with tempfile.TemporaryDirectory() as folder, open_store(Path(folder) / "store.sqlite") as store:
            opened = Follower(store, running(store, 1, ended=1)).opened()
        ended, live = opened.trials
        rows = [replace(ended if i < ROWS - LIVE else live, id=i + 1, number=i, params=_params(i)) for i in range(ROWS)]
        self.model = StudyModel(replace(opened, trials=tuple(rows)))
        self.rng = random.Random(0)
        self.panel = TrialsPanel(lambda: 1.7e9)
        self.panel.load(self.model, ViewState(sort=self.sort))

    def compose(self) -> Any:
        yield self.panel

    def step(self, number: int) -> None:
        changed = self.rng.sample(range(ROWS - LIVE, ROWS), UPDATES)
        fresh = [replace(self.model.trials[n], last_step=number, last_value=self.rng.random()) for n in changed]
        self.model.apply(told.TrialsChanged(tuple(fresh)))
        self.panel.update(ROWS - 1)


def _params(i: int) -> dict[str, float]:
    return {f"p{j}": (i * 7919 + j) % ROWS / ROWS for j in range(4)}


class Sorted(Ours):
    sort = "step"


class Peer(FrameApp):
    """Textual's own table."""

    COLUMNS = ("#", "state", "by", "p0", "p1", "p2", "p3", "loss", "Δbest", "step", "time")

    def __init__(self) -> None:
        super().__init__()
        from textual.widgets import DataTable

        self.rng = random.Random(0)
        self.table: DataTable[str] = DataTable(cursor_type="row")

    def compose(self) -> Any:
        yield self.table

    def on_mount(self) -> None:
        for name in self.COLUMNS:
            self.table.add_column(name, key=name, width=9)
        for row in reversed(range(ROWS)):
            self.table.add_row(*(f"{row}.{i}" for i in range(len(self.COLUMNS))), key=str(row))
        super().on_mount()

    def step(self, number: int) -> None:
        for row in self.rng.sample(range(ROWS - LIVE, ROWS), UPDATES):
            self.table.update_cell(str(row), "step", str(number))
            self.table.update_cell(str(row), "loss", f"{self.rng.random():.4f}")
