"""The exported storage is one Optuna and optuna-dashboard open, with everything we know in it."""

from __future__ import annotations

import json
import math
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from wsgiref.simple_server import WSGIRequestHandler, make_server

import optuna
import pytest
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.trial import TrialState as OptunaState
from optuna_dashboard import wsgi

from agent.exports import export
from agent.store import points, studies
from agent.store import trials as trial_rows
from agent.store.connection import open_store
from agent.study.nouns import TrialState
from tests.agent.stores import GOOD, add_trial, fill, make_study, spec
from trainers.contract import Objective
from trainers.space import SearchSpace


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The URL of the storage exported from the study that has a trial of each state."""
    folder = tmp_path_factory.mktemp("optuna")
    with open_store(folder / "store.sqlite") as store:
        export(store, fill(store), "optuna", output=folder / "study.db")
    return f"sqlite:///{folder / 'study.db'}"


@pytest.fixture(scope="module")
def loaded(exported: str) -> optuna.Study:
    return optuna.load_study(study_name="toy", storage=exported)


class TestLoadStudy:
    def test_states_keep_their_numbers(self, loaded: optuna.Study) -> None:
        states = [OptunaState.COMPLETE, OptunaState.COMPLETE, OptunaState.FAIL, OptunaState.PRUNED, OptunaState.PRUNED]
        assert [t.state for t in loaded.trials] == [*states, OptunaState.RUNNING, OptunaState.WAITING]
        assert [t.number for t in loaded.trials] == list(range(7))

    def test_the_best_trial_is_the_best_trial(self, loaded: optuna.Study) -> None:
        assert (loaded.best_trial.number, loaded.best_value) == (1, 0.25)
        assert loaded.best_params == {"lr": 2e-3, "opt": "adam", "layers": 3, "warm": True}

    def test_values_come_back_in_their_own_types(self, loaded: optuna.Study) -> None:
        assert loaded.trials[0].params == GOOD
        assert [type(v) for v in loaded.trials[0].params.values()] == [type(v) for v in GOOD.values()]

    def test_distributions_are_those_of_the_space(self, loaded: optuna.Study) -> None:
        assert loaded.trials[0].distributions == {
            "lr": FloatDistribution(1e-5, 1e-1, log=True),
            "opt": CategoricalDistribution(("sgd", "adam")),
            "momentum": FloatDistribution(0.0, 1.0),
            "layers": IntDistribution(1, 8),
            "warm": CategoricalDistribution((True, False, None)),
        }

    def test_reports_come_with_nan_and_infinity(self, loaded: optuna.Study) -> None:
        assert loaded.trials[0].intermediate_values == {0: 0.9, 1: 0.5}
        assert math.isnan(loaded.trials[1].intermediate_values[1])
        assert loaded.trials[4].intermediate_values == {0: math.inf}

    def test_attributes_say_who_and_why(self, loaded: optuna.Study) -> None:
        attrs = loaded.trials[2].user_attrs
        assert (attrs["source"], attrs["rationale"]) == ("gp", "it looked promising")
        assert attrs["failure"]["kind"] == "cuda_out_of_memory"
        assert loaded.trials[3].user_attrs["state"] == "stopped"
        assert loaded.user_attrs["trainer"] == "forest"
        assert loaded.metric_names == ["loss"]

    def test_moments_are_those_of_the_trial(self, loaded: optuna.Study) -> None:
        first = loaded.trials[0]
        assert first.datetime_start is not None and first.datetime_complete is not None
        assert abs((datetime.now() - first.datetime_start).total_seconds()) < 3600
        assert 0.9 < (first.duration.total_seconds() if first.duration else 0) < 30
        assert loaded.trials[6].datetime_start is None

    def test_a_sampler_goes_on_from_it(self, exported: str) -> None:
        """In memory, so that the exported file stays as it is."""
        memory = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=0))
        memory.add_trials(
            [t for t in optuna.load_study(study_name="toy", storage=exported).trials if t.state.is_finished()]
        )
        trial = memory.ask()
        assert 1e-5 <= trial.suggest_float("lr", 1e-5, 1e-1, log=True) <= 1e-1


def test_maximize_is_kept(tmp_path: Path) -> None:
    with open_store(tmp_path / "store.sqlite") as store:
        study = make_study(store, objective=Objective("loss", "maximize"))
        add_trial(store, study, GOOD, value=0.5)
        add_trial(store, study, {**GOOD, "layers": 3}, value=0.75)
        export(store, study, "optuna", output=tmp_path / "o.db")
    found = optuna.load_study(study_name="toy", storage=f"sqlite:///{tmp_path / 'o.db'}")
    assert (found.direction, found.best_trial.number) == (optuna.study.StudyDirection.MAXIMIZE, 1)


def test_the_last_report_of_a_step_counts(tmp_path: Path) -> None:
    with open_store(tmp_path / "store.sqlite") as store:
        study = make_study(store)
        number = add_trial(store, study, GOOD, TrialState.RUNNING, reports=[0.9, 0.8])
        attempt = trial_rows.attempts(store, trial_rows.get(store, study.id, number).id)[0]["id"]
        with store.transaction():
            points.append(store, [(attempt, points.Metrics(store).id("loss"), 1, 0.7, 0.0)])
        export(store, study, "optuna", output=tmp_path / "o.db")
    found = optuna.load_study(study_name="toy", storage=f"sqlite:///{tmp_path / 'o.db'}")
    assert found.trials[0].intermediate_values == {0: 0.9, 1: 0.7}


def test_a_config_outside_an_edited_space_is_kept_as_an_attribute(tmp_path: Path) -> None:
    with open_store(tmp_path / "store.sqlite") as store:
        study = make_study(store)
        add_trial(store, study, GOOD, value=0.5)
        space = SearchSpace.from_dict({"parameters": {"lr": {"type": "float", "low": 0.01, "high": 0.1}}})
        studies.update(store, study.id, spec(space=space), who="person", what="narrower")
        export(store, studies.get(store, "toy"), "optuna", output=tmp_path / "o.db")
    found = optuna.load_study(study_name="toy", storage=f"sqlite:///{tmp_path / 'o.db'}")
    assert found.trials[0].params == {}
    assert found.trials[0].user_attrs["outside_space"] == GOOD


class Silent(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        """The test's output is not a server log."""


@contextmanager
def served(storage: str) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, wsgi(storage), handler_class=Silent)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_optuna_dashboard_shows_the_study(exported: str) -> None:
    """Its own server over a real socket, asked what its page asks."""
    with served(exported) as url:
        with urllib.request.urlopen(f"{url}/api/studies", timeout=30) as answer:
            [summary] = json.load(answer)["study_summaries"]
        assert summary["study_name"] == "toy"
        with urllib.request.urlopen(f"{url}/api/studies/{summary['study_id']}?after=0", timeout=30) as answer:
            detail = json.load(answer)
    assert len(detail["trials"]) == 7
    assert detail["best_trials"][0]["number"] == 1


def test_thousands_of_reports_are_written_in_bulk(tmp_path: Path) -> None:
    """Statements, not seconds: the number of INSERTs does not grow with the number of reports."""
    with open_store(tmp_path / "store.sqlite") as store:
        study = make_study(store)
        for layers in range(1, 9):
            add_trial(store, study, {**GOOD, "layers": layers}, value=0.5, reports=[1 / (i + 1) for i in range(500)])
        executed: list[str] = []
        from sqlalchemy import event
        from sqlalchemy.engine import Engine

        def note(_c: object, _cur: object, statement: str, *_: object) -> None:
            executed.append(statement)

        event.listen(Engine, "before_cursor_execute", note)
        try:
            export(store, study, "optuna", output=tmp_path / "o.db")
        finally:
            event.remove(Engine, "before_cursor_execute", note)
    assert sum("INSERT INTO trial" in statement for statement in executed) <= 5
    found = optuna.load_study(study_name="toy", storage=f"sqlite:///{tmp_path / 'o.db'}")
    assert sum(len(t.intermediate_values) for t in found.trials) == 4000
