"""A study as an Optuna storage: a SQLite file for `optuna.load_study` and optuna-dashboard."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.store import points
from agent.store.connection import Store
from agent.store.studies import Study
from agent.study.nouns import Trial, TrialState
from trainers.errors import SpaceError
from trainers.space import SearchSpace

if TYPE_CHECKING:
    from optuna.trial import FrozenTrial

STATES = {
    TrialState.QUEUED: "WAITING",
    TrialState.RUNNING: "RUNNING",
    TrialState.COMPLETED: "COMPLETE",
    TrialState.PRUNED: "PRUNED",
    TrialState.STOPPED: "PRUNED",
    TrialState.FAILED: "FAIL",
}


def write(path: Path, store: Store, study: Study, trials: Sequence[Trial]) -> None:
    """Writes a new storage at `path`, which must not exist, with `study` under its own name.

    Numbers are kept. A trial's user attributes say its source, rationale, state and failure; its
    intermediate values are the objective's reports, the last one where a step was reported twice.
    Raises OSError when the file cannot be written.
    """
    from optuna import logging
    from optuna.exceptions import StorageInternalError
    from optuna.storages import RDBStorage
    from sqlalchemy.exc import SQLAlchemyError

    verbosity = logging.get_verbosity()
    logging.set_verbosity(logging.WARNING)  # it would announce the study on stderr
    try:
        storage = RDBStorage(f"sqlite:///{path}")
        spec = study.spec
        study_id = storage.create_new_study([_direction(spec.objective.direction)], spec.name)
        for key in ("trainer", "task", "search", "seed"):
            storage.set_study_user_attr(study_id, key, getattr(spec, key))
        names = [spec.objective.metric]  # as Study.set_metric_names stores them
        storage.set_study_system_attr(study_id, "study:metric_names", names)
        _insert(storage, study_id, _frozen_trials(store, study, trials))
        storage.engine.dispose()
    except (SQLAlchemyError, StorageInternalError) as error:
        raise OSError(f"SQLite: {error.__cause__ or error}") from error
    finally:
        logging.set_verbosity(verbosity)


def _direction(name: str) -> Any:
    from optuna.study import StudyDirection

    return StudyDirection[name.upper()]


def _frozen_trials(store: Store, study: Study, trials: Sequence[Trial]) -> Iterator[FrozenTrial]:
    reasons = {
        row["id"]: row["rationale"]
        for row in store.query("SELECT id, rationale FROM proposal WHERE study_id = ?", (study.id,))
    }
    for trial in trials:
        curve = points.curve(store, trial.id, study.spec.objective.metric)
        reports = dict(zip(curve.steps, curve.values, strict=True))
        yield _frozen(trial, study.spec.space, reports, reasons.get(trial.proposal_id, ""))


def _frozen(trial: Trial, space: SearchSpace, reports: dict[int, float], rationale: str) -> FrozenTrial:
    """One trial in Optuna's terms. A config that does not fit the space as it is now has no params
    there, since Optuna wants one distribution a parameter; it is kept as `outside_space`."""
    from optuna.trial import TrialState as OptunaState
    from optuna.trial import create_trial

    from trainers.distributions import optuna_trial

    attrs: dict[str, Any] = {"source": str(trial.source), "state": str(trial.state), "seed": trial.seed}
    attrs |= {"rationale": rationale} if rationale else {}
    attrs |= {"failure": trial.failure.to_dict()} if trial.failure else {}
    try:
        params, distributions = optuna_trial(space, trial.params)
    except SpaceError:
        params, distributions = {}, {}
        attrs["outside_space"] = trial.params
    frozen = create_trial(
        state=OptunaState[STATES[trial.state]],
        value=trial.value,
        params=params,
        distributions=distributions,
        user_attrs=attrs,
        intermediate_values=reports,
    )
    frozen.number = trial.number
    frozen.datetime_start = _moment(trial.started_at or trial.ended_at)  # one stopped in the queue never started
    frozen.datetime_complete = _moment(trial.ended_at)
    return frozen


def _moment(at: float | None) -> datetime | None:
    return None if at is None else datetime.fromtimestamp(at)


def _insert(storage: Any, study_id: int, trials: Iterable[FrozenTrial]) -> None:
    """Inserts in bulk through Optuna's own table models.

    `Study.add_trials` looks every report up before it writes it: 2.1 s for 50 trials of 100 reports,
    where this takes some ms.
    """
    from optuna.storages._rdb import models
    from sqlalchemy import insert

    rows: dict[Any, list[dict[str, Any]]] = defaultdict(list)  # trials first: the others refer to them
    for trial_id, trial in enumerate(trials, start=1):
        for table, row in _rows(models, study_id, trial_id, trial):
            rows[table].append(row)
    with storage.engine.begin() as connection:
        for table, found in rows.items():
            connection.execute(insert(table.__table__), found)


def _rows(models: Any, study_id: int, trial_id: int, trial: FrozenTrial) -> Iterator[tuple[Any, dict[str, Any]]]:
    from optuna.distributions import distribution_to_json

    # The model knows how the installed Optuna stores moments; its columns are read back from it.
    moments = models.TrialModel(datetime_start=trial.datetime_start, datetime_complete=trial.datetime_complete)
    stored = {"datetime_start": moments._datetime_start_utc, "datetime_complete": moments._datetime_complete_utc}
    yield models.TrialModel, {
        "trial_id": trial_id, "study_id": study_id, "number": trial.number, "state": trial.state, **stored,
    }  # fmt: skip
    for name, value in trial.params.items():
        distribution = trial.distributions[name]
        internal, text = distribution.to_internal_repr(value), distribution_to_json(distribution)
        yield models.TrialParamModel, {
            "trial_id": trial_id, "param_name": name, "param_value": internal, "distribution_json": text,
        }  # fmt: skip
    if trial.value is not None:
        value, kind = models.TrialValueModel.value_to_stored_repr(trial.value)
        yield models.TrialValueModel, {"trial_id": trial_id, "objective": 0, "value": value, "value_type": kind}
    for key, attr in trial.user_attrs.items():
        yield models.TrialUserAttributeModel, {"trial_id": trial_id, "key": key, "value_json": json.dumps(attr)}
    for step, report in trial.intermediate_values.items():
        value, kind = models.TrialIntermediateValueModel.intermediate_value_to_stored_repr(report)
        yield models.TrialIntermediateValueModel, {
            "trial_id": trial_id, "step": step, "intermediate_value": value, "intermediate_value_type": kind,
        }  # fmt: skip
