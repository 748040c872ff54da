"""Samples of what the best model answered, for a report."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from agent.exports.report.svg import NARROW, Line, chart
from agent.exports.report.words import value
from agent.samples import Numbered, chosen, errors, of_trial, parted, tally
from agent.store.connection import Store
from agent.study.nouns import Trial
from trainers.samples import Samples, SamplesError, SeriesSample, TextSample

MOST_TEXTS, MOST_SERIES = 40, 6


def answers(store: Store, trials: Sequence[Trial], top: Trial | None) -> dict[str, Any] | None:
    """Those of the best trial, or else of the last that left any; None where none did."""
    for trial in [*([top] if top is not None else []), *reversed(trials)]:
        try:
            found = of_trial(store, trial)
        except SamplesError:  # a damaged file of one trial is no reason to have no report
            continue
        if found is not None and found.items:
            return _told(trial, found)
    return None


def _told(trial: Trial, found: Samples) -> dict[str, Any]:
    wrong = [one for one in chosen(found) if isinstance(one.sample, TextSample)]
    right = [one for one in chosen(found, everything=True) if isinstance(one.sample, TextSample) and one.sample.right]
    texts = [*wrong[:MOST_TEXTS], *right[: max(min(5, MOST_TEXTS - len(wrong)), 0)]]
    return {
        "number": trial.number,
        "tally": tally(found),
        "note": found.note,
        "texts": [_row(one) for one in texts],
        "more": max(len(wrong) - MOST_TEXTS, 0),
        "series": [_series(one) for one in found.series()[:MOST_SERIES]],
    }


def _row(one: Numbered) -> dict[str, Any]:
    sample = one.sample
    assert isinstance(sample, TextSample)
    answer, truth = parted(sample.answer, sample.truth)
    return {
        "number": one.number,
        "right": sample.right,
        "question": sample.question,
        "answer": answer,
        "truth": truth,
        "error": " · ".join(part for part in (sample.error, sample.when, sample.note) if part),
    }


def _series(sample: SeriesSample) -> dict[str, Any]:
    """The forecast as a chart: steps are counted from the first predicted value."""
    before = len(sample.context)
    lines = [
        Line(
            "context", "context", [float(i - before) for i in range(before + 1)], [*sample.context, *sample.truth[:1]]
        ),
        Line("truth", "truth", [float(i) for i in range(len(sample.truth))], sample.truth),
        Line("prediction", "prediction", [float(i) for i in range(len(sample.predicted))], sample.predicted),
    ]
    if not sample.truth or not before:
        lines[0] = Line("context", "context", [float(i - before) for i in range(before)], sample.context)
    found = errors(sample)
    said = [] if found is None else [f"MSE {value(found[0])}, MAE {value(found[1])}"]
    said += [f"from {sample.start}"] if sample.start else []
    said += [part for part in (sample.when, sample.note) if part]
    step = f"steps of {sample.time_step}" if sample.time_step else "step"
    drawing: Markup = chart(lines, x_title=step, y_title=sample.unit, upright=0.0 if before else None, size=NARROW)
    return {"title": sample.title or "series", "about": " · ".join(said), "drawing": drawing}
