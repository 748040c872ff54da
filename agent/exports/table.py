"""All trials as CSV, one a row."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any

from agent.study.nouns import Trial
from trainers.space import SearchSpace

LEADING = ("number", "state", "source", "value")
TRAILING = ("seconds", "failure")


def as_csv(trials: Sequence[Trial], space: SearchSpace) -> str:
    """Columns number, state, source, value, one a parameter, seconds, failure.

    A parameter named like another column is prefixed with `params.`. Inactive parameters are empty.
    """
    names = list(dict.fromkeys([*space.parameters, *(name for t in trials for name in t.params)]))
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([*LEADING, *map(_column, names), *TRAILING])
    for trial in trials:
        writer.writerow(_row(trial, names))
    return out.getvalue()


def _column(name: str) -> str:
    return f"params.{name}" if name in (*LEADING, *TRAILING) else name


def _row(trial: Trial, names: Sequence[str]) -> list[Any]:
    value = "" if trial.value is None else repr(trial.value)
    seconds = "" if trial.seconds is None else f"{trial.seconds:.3f}"
    failure = "" if trial.failure is None else str(trial.failure.kind)
    params = ["" if trial.params.get(name) is None else trial.params[name] for name in names]
    return [trial.number, trial.state, trial.source, value, *params, seconds, failure]
