"""The report's charts of a study: how far it came, and how its trials learnt."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from agent.exports.report.svg import Dot, Line, chart
from agent.exports.report.words import value
from agent.store import points
from agent.store.connection import Store
from agent.store.studies import Study
from agent.study.nouns import Trial, TrialState

MOST = 8  # curves that can be told apart
_SHAPES = {TrialState.FAILED: "cross"}


@dataclass(frozen=True)
class Figure:
    """A chart, what it shows, and its legend: a class and a name each."""

    title: str
    drawing: Markup
    legend: tuple[tuple[str, str], ...] = ()


def figures(store: Store, study: Study, trials: Sequence[Trial], top: Trial | None) -> list[Figure]:
    found = [_progress(study, trials, top), _learning(store, study, trials, top)]
    return [one for one in found if one.drawing]


def _progress(study: Study, trials: Sequence[Trial], top: Trial | None) -> Figure:
    """Each trial's value, and the best so far."""
    objective, starred = study.spec.objective, None if top is None else top.number
    having = [t for t in trials if t.value is not None and math.isfinite(t.value)]
    ordered = sorted(having, key=lambda t: t.number)
    xs, ys, so_far = [], [], None
    for trial in ordered:
        reached = trial.value or 0.0
        if trial.state is TrialState.COMPLETED and (so_far is None or objective.better(reached, so_far)):
            so_far = reached
        if so_far is not None:
            xs.append(float(trial.number))
            ys.append(so_far)
    dots = [
        Dot(
            float(t.number),
            t.value or 0.0,
            "best" if t.number == starred else f"state-{t.state}",
            f"t{t.number} {t.state}, {t.source}: {value(t.value)}",
            "star" if t.number == starred else _SHAPES.get(t.state, "circle"),
        )
        for t in ordered
    ]
    drawing = chart(
        [Line("the best so far", "so-far", xs, ys, stepped=True)], dots, x_title="trial", y_title=objective.metric
    )
    legend = (("so-far", "the best so far"), ("dot-completed", "a trial"), ("star-best", "the best"))
    return Figure("Progress", drawing, legend)


def _learning(store: Store, study: Study, trials: Sequence[Trial], top: Trial | None) -> Figure:
    """The curves of the best trials, and of the last ones that failed."""
    objective, starred = study.spec.objective, None if top is None else top.number
    ranked = sorted(
        (t for t in trials if t.value is not None), key=lambda t: (objective.sign * (t.value or 0.0), t.number)
    )
    failed = [t for t in trials if t.state is TrialState.FAILED][-2:]
    chosen = list({t.number: t for t in (*ranked[: MOST - len(failed)], *failed)}.values())
    lines = []
    for place, trial in enumerate(chosen):
        curve = points.curve(store, trial.id, objective.metric)
        if len(curve.steps) > 1:
            name = f"t{trial.number} {'★ ' if trial.number == starred else ''}{value(trial.value)}"
            lines.append(Line(name, f"c{place}", [float(s) for s in curve.steps], curve.values))
    drawing = chart(lines[::-1], x_title="step", y_title=objective.metric)  # the best on top
    return Figure("Learning curves", drawing, tuple((one.css, one.label) for one in lines))
