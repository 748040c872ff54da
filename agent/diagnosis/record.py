"""What is known of one ended trial, and of its neighbours; read from a run folder or made from the store."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from agent.diagnosis.curves import Curve
from agent.diagnosis.log import Log
from agent.study.nouns import TrialState
from trainers import rundir
from trainers.contract import Failure, FailureKind, Limits, Objective
from trainers.space import Config, SearchSpace


@dataclass(frozen=True, kw_only=True)
class TrialRecord:
    """One ended trial. Without a `space` no change of params is suggested.

    `stop_reason` is what was said when a stopped or pruned trial was asked to end. `ended_at` is in Unix
    seconds, on the clock of the reports.
    """

    params: Config
    objective: Objective
    state: TrialState
    space: SearchSpace | None = None
    value: float | None = None
    cut_short: bool = False
    failure: Failure | None = None
    curves: Mapping[str, Curve] = field(default_factory=dict)
    log: Log = Log()
    wall_seconds: float | None = None
    cpu_seconds: float | None = None
    peak_host_bytes: int | None = None
    ended_at: float | None = None
    limits: Limits = Limits()
    seeds: tuple[int, ...] = ()
    number: int | None = None
    trainer: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    stop_reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Peer:
    """Another trial of the study, in brief. `steps` is the last step it reported."""

    number: int
    params: Config
    state: TrialState
    value: float | None = None
    seconds: float | None = None
    steps: int | None = None
    verdict: str = ""
    healthy: bool | None = None  # what its own diagnosis said, where there is one


def from_run_dir(path: Path, *, space: SearchSpace | None = None, number: int | None = None) -> TrialRecord:
    """Reads `config.json`, `reports.jsonl`, `log.txt` and `exit.json`.

    A missing exit.json means that the worker was lost. Raises OSError or ValueError when
    config.json cannot be read.
    """
    config = rundir.read_config(path)
    end = rundir.read_json(path / rundir.EXIT) or _lost()
    curves = curves_of(rundir.all_reports(path))
    state = TrialState(end["state"])
    goal = curves.get(config.objective.metric)
    value = (
        config.objective.value(goal.values.tolist()) if goal is not None and state is not TrialState.FAILED else None
    )
    return TrialRecord(
        params=config.params,
        objective=config.objective,
        state=state,
        space=space,
        value=value,
        cut_short=bool(end.get("cut_short")),
        failure=Failure.from_dict(end["failure"]) if end.get("failure") else None,
        curves=curves,
        log=Log.of_path(path / rundir.LOG),
        wall_seconds=end.get("wall_seconds"),
        cpu_seconds=end.get("cpu_seconds"),
        peak_host_bytes=end.get("peak_host_bytes"),
        ended_at=end.get("ended_at"),
        limits=config.limits,
        seeds=(config.seed,),
        number=config.trial if number is None else number,
        trainer=config.trainer,
        options=config.options,
        stop_reason=str((rundir.read_json(path / rundir.STOP) or {}).get("reason", "")),
    )


def _lost() -> dict[str, Any]:
    failure = Failure(kind=FailureKind.LOST, message="the worker left no exit.json")
    return {"state": "failed", "failure": failure.to_dict()}


def curves_of(reports: Iterable[tuple[int, float, Mapping[str, float]]]) -> dict[str, Curve]:
    """Curves by metric from `(step, at, metrics)` reports, in the order the metrics first appear."""
    points: dict[str, list[tuple[int, float, float]]] = defaultdict(list)
    for step, at, metrics in reports:
        for name, value in metrics.items():
            points[name].append((step, value, at))
    return {name: Curve.of(name, *zip(*found, strict=True)) for name, found in points.items()}
