"""CPU time of a frame with five curves of 10,000 points each that grow by ten points a frame, in a terminal of 180×50.

Ours is the whole panel (heading, plot, legend) of a real model; as it is, looked at closely, and as a grid of four
metrics. The peer is textual-plotext's plot with the same curves, which plots all points it is given. In turns.
"""

from __future__ import annotations

import math
import random
import statistics
import tempfile
from pathlib import Path
from typing import Any

from agent.tui import messages as told
from benchmarks.frames import FrameApp, measured, p95
from benchmarks.harness import Figure

CURVES, POINTS, GROWTH = 5, 10_000, 10
METRICS = ("loss", "train_loss", "accuracy", "grad_norm")
GOAL = 15.0


def figures(*, quick: bool) -> list[Figure]:
    frames, repeats = (20, 1) if quick else (60, 3)
    kinds = ("Ours", "Close", "Grid", "Peer")
    rounds = [{k: measured(f"benchmarks.curves:{k}", frames) for k in kinds} for _ in range(repeats)]
    found = {k: [ms for one in rounds for ms in one[k]] for k in kinds}
    peer = statistics.median(found["Peer"])
    made = []
    names = {"Ours": "whole", "Close": "looked at closely", "Grid": f"{len(METRICS)} metrics in a grid"}
    for kind, what in names.items():
        name = f"frame of {CURVES} growing curves × {POINTS:,} points, {what}"
        ms, worst = statistics.median(found[kind]), p95(found[kind])
        if kind == "Grid":  # four times as many curves: nothing was promised, and the peer has no such thing
            made.append(Figure(name, ms, None, "CPU-ms", "", "–", True, repeats))
            continue
        made.append(Figure(name, ms, peer, "CPU-ms", "textual-plotext", f"≤ {GOAL:g}", ms <= GOAL, repeats))
        made.append(Figure(f"{name}: p95", worst, None, "CPU-ms", "", f"≤ {GOAL:g}", worst <= GOAL, repeats))
    return made


def value(curve: int, step: int, rng: random.Random) -> float:
    return 0.3 + 0.05 * curve + 2 * math.exp(-step / 3000) + 0.03 * rng.random()


class Ours(FrameApp):
    """The panel as the study's screen has it."""

    CSS = "#plot { height: 1fr; padding: 0 1; }"
    metrics: tuple[str, ...] = METRICS[:1]
    window: tuple[float, float] | None = None

    def __init__(self) -> None:
        super().__init__()
        from agent.store.connection import open_store
        from agent.tui.back.follower import Follower
        from agent.tui.charts.shown import give_colours
        from agent.tui.ink.themes import DARK, themes
        from agent.tui.model import StudyModel
        from agent.tui.view import ViewState
        from agent.tui.widgets.curves_panel import CurvesPanel

        for theme in themes():
            self.register_theme(theme)
        self.theme = DARK
        self.desk = None  # no store behind it
        with tempfile.TemporaryDirectory() as folder, open_store(Path(folder) / "store.sqlite") as store:
            self.model = StudyModel(Follower(store, running(store, CURVES)).opened())
        self.rng, self.at = random.Random(0), POINTS
        self.view = ViewState(grid=len(self.metrics) > 1)
        self.trials = list(self.model.trials.values())
        give_colours(self.view, self.trials)
        self.model.apply(told.MetricsFound(self.metrics))
        for metric in self.metrics:
            for trial in self.trials:
                self.model.apply(told.CurveLoaded(trial.id, metric, *self._points(trial.number, 0, POINTS)))
        self.panel = CurvesPanel()

    def compose(self) -> Any:
        yield self.panel

    def _points(self, curve: int, start: int, end: int) -> tuple[Any, Any, Any]:
        steps = tuple(range(start, end))
        return steps, tuple(value(curve, s, self.rng) for s in steps), tuple(1.7e9 + 0.5 * s for s in steps)

    def step(self, number: int) -> None:
        for metric in self.metrics:
            for trial in self.trials:
                points = self._points(trial.number, self.at, self.at + GROWTH)
                self.model.apply(told.CurveGrew(trial.id, metric, *points))
        self.at += GROWTH
        if self.window is not None:
            self.view.x_window, self.view.follows = list(self.window), True
        self.panel.update(self.model, self.view, self.metrics[0], self.trials, None)


class Close(Ours):
    """The newest half, following."""

    window = (POINTS / 2, POINTS)


class Grid(Ours):
    metrics = METRICS


class Peer(FrameApp):
    """textual-plotext's own widget."""

    def __init__(self) -> None:
        super().__init__()
        from textual_plotext import PlotextPlot

        self.rng, self.at = random.Random(0), POINTS
        self.steps = [list(range(POINTS)) for _ in range(CURVES)]
        self.values = [[value(c, s, self.rng) for s in range(POINTS)] for c in range(CURVES)]
        self.plot = PlotextPlot()

    def compose(self) -> Any:
        yield self.plot

    def step(self, number: int) -> None:
        plot = self.plot.plt
        plot.clear_data()
        for curve in range(CURVES):
            new = range(self.at, self.at + GROWTH)
            self.steps[curve] += new
            self.values[curve] += [value(curve, s, self.rng) for s in new]
            plot.plot(self.steps[curve], self.values[curve], marker="braille", label=f"t{curve}")
        self.at += GROWTH
        self.plot.refresh()


def running(store: Any, count: int, *, ended: int = 0) -> Any:
    """A study with `count` trials that run, and `ended` ones before them."""
    from agent.store import proposals, studies, trials
    from agent.study.nouns import Draft, Source
    from agent.study.spec import StudySpec
    from benchmarks.opening import complete
    from trainers.contract import Objective
    from trainers.space import FloatParameter, SearchSpace

    store.conn.execute("PRAGMA synchronous = OFF")
    space = SearchSpace([FloatParameter(name=f"p{i}", low=0.0, high=1.0) for i in range(4)])
    spec = StudySpec(name="bench", trainer="forest", space=space, objective=Objective("loss"))
    study = studies.create(store, spec, store.folder)
    total = count + ended
    drafts = [
        Draft(source=Source.RANDOM, params={f"p{j}": (i + j) / (total + 4) for j in range(4)}) for i in range(total)
    ]
    for i, proposal in enumerate(proposals.add(store, study.id, drafts)):
        number = proposals.approve(store, proposal, actor="policy")
        if i < ended:
            complete(store, study.id, number, 1)
        else:
            assert trials.claim(store, trials.get(store, study.id, number).id, f"runs/bench/{number}") is not None
    return study
