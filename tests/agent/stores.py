"""Studies with a history, made through the store's own functions, for tests that need no real run."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from agent.store import points, proposals, studies, trials
from agent.store.connection import Store
from agent.store.studies import Study
from agent.study.nouns import Draft, Source, TrialState
from agent.study.spec import Budget, StudySpec
from trainers.contract import Failure, FailureKind, Objective
from trainers.space import SearchSpace

SPACE = SearchSpace.from_dict(
    {
        "parameters": {
            "lr": {"type": "float", "low": 1e-5, "high": 1e-1, "log": True},
            "opt": {"type": "categorical", "choices": ["sgd", "adam"]},
            "momentum": {"type": "float", "low": 0.0, "high": 1.0, "when": "opt == 'sgd'"},
            "layers": {"type": "int", "low": 1, "high": 8},
            "warm": {"type": "categorical", "choices": [True, False, None]},
        }
    }
)
GOOD = {"lr": 1e-3, "opt": "sgd", "momentum": 0.9, "layers": 2, "warm": None}
OOM = Failure(kind=FailureKind.CUDA_OUT_OF_MEMORY, message="asked 2 GiB, free 1 GiB", exit_code=1)


def spec(name: str = "toy", **changes: Any) -> StudySpec:
    made = StudySpec(
        name=name, trainer="forest", task="svm-wine", space=SPACE, objective=Objective("loss"), budget=Budget(trials=6)
    )
    return made.replace(**changes)


def make_study(store: Store, **changes: Any) -> Study:
    return studies.create(store, spec(**changes), store.folder)


def add_trial(
    store: Store,
    study: Study,
    params: Mapping[str, Any],
    state: TrialState = TrialState.COMPLETED,
    *,
    value: float | None = None,
    reports: Sequence[float] = (),
    failure: Failure | None = None,
    source: Source = Source.GP,
) -> int:
    """Proposes, approves and, unless queued, runs one trial to `state`. Returns its number."""
    draft = Draft(source=source, params=dict(params), rationale="it looked promising")
    [proposal] = proposals.add(store, study.id, [draft])
    number = proposals.approve(store, proposal, actor="person")
    trial = trials.get(store, study.id, number)
    if state is TrialState.QUEUED:
        return number
    attempt = trials.claim(store, trial.id, f"runs/{study.name}/{number}")
    assert attempt is not None
    with store.transaction():
        metric = points.Metrics(store).id(study.spec.objective.metric)
        points.append(store, [(attempt.id, metric, step, v, time.time()) for step, v in enumerate(reports)])
    if state.ended:
        trials.end(
            store, attempt, state, value=value, failure=failure, outcome={}, retry=False, ended_at=time.time() + 1
        )
    return number


def fill(store: Store) -> Study:
    """A study named toy with one trial of each state; t1 is the best."""
    study = make_study(store)
    add_trial(store, study, GOOD, value=0.5, reports=[0.9, 0.5], source=Source.DEFAULT)
    add_trial(
        store,
        study,
        {"lr": 2e-3, "opt": "adam", "layers": 3, "warm": True},
        value=0.25,
        reports=[0.8, float("nan"), 0.25],
    )
    add_trial(store, study, {"lr": 5e-2, "opt": "adam", "layers": 8, "warm": False}, TrialState.FAILED, failure=OOM)
    add_trial(store, study, {"lr": 3e-3, "opt": "adam", "layers": 3, "warm": True}, TrialState.STOPPED, reports=[0.7])
    add_trial(
        store, study, {"lr": 4e-3, "opt": "adam", "layers": 3, "warm": True}, TrialState.PRUNED, reports=[float("inf")]
    )
    add_trial(store, study, {"lr": 6e-3, "opt": "adam", "layers": 3, "warm": True}, TrialState.RUNNING, reports=[0.6])
    add_trial(store, study, {"lr": 7e-3, "opt": "adam", "layers": 3, "warm": True}, TrialState.QUEUED)
    return study


def toy_store(path: Path) -> Path:
    """A store file at `path` holding `fill`'s study."""
    from agent.store.connection import open_store

    with open_store(path) as store:
        fill(store)
    return path
