"""Records made by hand, for tests of one thing at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from agent.diagnosis.curves import Curve
from agent.diagnosis.log import Log
from agent.diagnosis.record import TrialRecord
from agent.study.nouns import TrialState
from trainers.contract import Failure, FailureKind, Objective
from trainers.space import SearchSpace

SPACE = SearchSpace.from_dict(
    {
        "parameters": {
            "lr": {"type": "float", "low": 1e-6, "high": 1.0, "log": True},
            "batch_size": {"type": "categorical", "choices": [16, 32, 64]},
            "dropout": {"type": "float", "low": 0.0, "high": 0.9},
            "layers": {"type": "int", "low": 1, "high": 8},
        }
    }
)
PARAMS = {"lr": 0.01, "batch_size": 32, "dropout": 0.1, "layers": 3}


def curve(metric: str, values: Sequence[float], every: int = 1, seconds: float = 1.0) -> Curve:
    n = len(values)
    return Curve.of(metric, [i * every for i in range(n)], values, [1e9 + i * seconds for i in range(n)])


def record(curves: Mapping[str, Sequence[float]] | None = None, log: str = "", **more: Any) -> TrialRecord:
    """A completed trial with SPACE and PARAMS unless told otherwise."""
    fields: dict[str, Any] = {
        "params": PARAMS,
        "space": SPACE,
        "objective": Objective("val_loss"),
        "state": TrialState.COMPLETED,
        "number": 7,
        "curves": {name: curve(name, values) for name, values in (curves or {}).items()},
        "log": Log.of_text(log),
    }
    return TrialRecord(**(fields | more))


def failed(log: str, kind: FailureKind = FailureKind.NONZERO_EXIT, **more: Any) -> TrialRecord:
    failure = Failure(kind=kind, exit_code=1, message=more.pop("message", ""), **more.pop("failure", {}))
    return record(log=log, state=TrialState.FAILED, failure=failure, **more)
