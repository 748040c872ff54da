"""`tunewright confirm`: the best configs run again, really, and what is concluded of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agent.cli import main
from agent.store import proposals, studies, trials
from agent.store.connection import open_store
from agent.study.nouns import Source, TrialState
from agent.study.spec import Budget, StudySpec
from tests.agent.stores import add_trial, toy_store
from trainers import catalog


@pytest.fixture
def store_path(tmp_path: Path) -> Path:
    """A study of cheap and noisy trees: three configs, one run each, made up; t1 owes its value to luck."""
    trainer, task = catalog.load("forest"), "decision_tree-iris"
    spec = StudySpec(
        name="s", trainer="forest", task=task, space=trainer.space(task), objective=trainer.objective(task),
        budget=Budget(trials=3),
    )  # fmt: skip
    with open_store(tmp_path / "store.sqlite") as store:
        study = studies.create(store, spec, tmp_path)
        base = trainer.defaults(task)
        for leaf, value in ((0.01, 0.94), (0.45, 0.99), (0.3, 0.5)):
            add_trial(store, study, {**base, "min_samples_leaf": leaf}, value=value, source=Source.RANDOM)
    return tmp_path / "store.sqlite"


def test_the_best_are_run_again_and_the_lucky_one_falls_back(store_path: Path, capsys) -> None:
    assert main(["confirm", "s", "--top", "2", "--seeds", "2", "--json", "--store", str(store_path)]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert [one["number"] for one in answer["confirmed"]] == [0, 1]  # the best by its new runs first
    lucky = answer["confirmed"][1]
    assert lucky["value"] == 0.99 and lucky["mean"] < 0.9 and lucky["seeds"] == len(lucky["values"]) == 2
    assert "t0" in answer["verdict"]
    with open_store(store_path) as store:
        found = trials.all_trials(store, studies.get(store, "s").id)
    assert [(t.seed, t.state) for t in found[3:]] == [(1, TrialState.COMPLETED), (2, TrialState.COMPLETED)] * 2


def test_proposed_only_they_wait_for_the_policy(store_path: Path, capsys) -> None:
    assert main(["confirm", "s", "--top", "1", "--propose", "--json", "--store", str(store_path)]) == 0
    [made] = json.loads(capsys.readouterr().out)["proposals"]
    assert (made["seeds"], made["state"]) == (5, "pending")
    assert main(["confirm", "s", "--store", str(store_path)]) == 2  # it waits already
    assert "is this config already" in capsys.readouterr().err
    with open_store(store_path) as store:
        assert len(proposals.pending(store, studies.get(store, "s").id)) == 1


def test_what_cannot_be_confirmed_is_said(store_path: Path, tmp_path: Path, capsys) -> None:
    with open_store(store_path) as store:
        study = studies.get(store, "s")
        studies.update(store, study.id, study.spec.replace(budget=Budget(total_seconds=0.5)), who="test", what="total")
    assert main(["confirm", "s", "--store", str(store_path)]) == 2
    assert "the study's total time is spent" in capsys.readouterr().err
    assert main(["confirm", "s", "--top", "0", "--store", str(store_path)]) == 2


def test_show_tells_seeds_mean_deviation_and_the_lead(tmp_path: Path, capsys) -> None:
    path = toy_store(tmp_path / "store.sqlite")
    with open_store(path) as store:
        study = studies.get(store, "toy")
        best = trials.get(store, study.id, 1)
        for value in (0.27, 0.26):
            add_trial(store, study, best.params, value=value)
    assert main(["show", "toy", "--json", "--store", str(path)]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert (shown["best"]["number"], shown["best"]["seeds"], shown["best"]["value"]) == (1, 3, pytest.approx(0.26))
    assert [t["seeds"] for t in shown["trials"] if t["config"] == 1] == [3, 3, 3]
    assert shown["trials"][1]["deviation"] == pytest.approx(0.01)
    assert shown["noise"]["source"] == "from 3 runs of one config, so a rough figure"
    assert shown["lead"].startswith("t1 is better than t0 by")
    assert main(["show", "toy", "--store", str(path)]) == 0
    text = capsys.readouterr().out
    assert "t1 ×3" in text and "0.26 ± 0.01" in text and "lead " in text
