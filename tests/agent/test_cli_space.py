"""`space`: shown, changed in one step, written back into the study file with its comments."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agent import cli
from agent.plain.opening import from_file
from agent.store import events, proposals, studies
from agent.store.connection import open_store
from agent.study.nouns import Draft, Source, TrialState
from agent.study.study_file import read_study_file
from tests.agent.schemas import checked
from tests.agent.stores import GOOD, SPACE, add_trial, fill
from trainers.contract import Failure, FailureKind

FILE = """\
# Mine.
[study]
name = "digits"
command = ["python", "train.py", "--lr", "{lr}", "--wd={wd}"]
objective = { metric = "loss" }

[space]
lr = { type = "float", low = 1e-5, high = 0.1, log = true, default = 1e-3 }  # above .1 it explodes
# weight decay hardly matters
wd = { type = "float", low = 0.0, high = 0.3 }

[defaults]
lr = 0.05
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "store.sqlite"
    with open_store(path) as store:
        fill(store)
    return path


@pytest.fixture
def digits(tmp_path: Path) -> Path:
    """A store with a script's study made from a file."""
    file = tmp_path / "study.toml"
    file.write_text(FILE)
    (tmp_path / "train.py").write_text("print()")
    path = tmp_path / "scripts.sqlite"
    with open_store(path) as store:
        study, _ = from_file(store, file, read_study_file(file))
        for lr, value in ((1e-3, 0.4), (2e-3, 0.3), (5e-2, 0.9)):
            add_trial(store, study, {"lr": lr, "wd": 0.1}, value=value)
        draft = Draft(source=Source.GP, params={"lr": 6e-2, "wd": 0.1})
        proposals.add(store, study.id, [draft])
    return path


def run(path: Path, *words: str) -> int:
    return cli.main(["space", *words, "--store", str(path)])


def test_it_shows_the_space_and_where_the_trials_lie(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(path, "toy") == 0
    said = capsys.readouterr().out
    assert "momentum" in said and "opt == 'sgd'" in said and "★" in said and "suggested: no change" in said


def test_as_json_it_is_what_the_docs_say(digits: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(digits, "digits", "--set", "lr.high=.01", "--json") == 0
    found = checked(capsys.readouterr().out, "space")
    assert found["saved"] and found["changes"] == ["lr: high 0.1 → 0.01"] and found["expired"] == [3]
    assert found["tried"]["lr"]["above"] == 1 and sum(found["tried"]["lr"]["cells"]) == 2
    assert "1 of 3 trials lies outside (lr 1); the search no longer learns from 1 value" in found["effects"]
    assert found["file"]["differs"] == ["lr: high 0.1 → 0.01"] and not found["file"]["written"]


def test_what_a_trial_without_memory_taught_is_shown_and_can_be_let_go_of(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(path, "toy", "--json") == 0
    (bound,) = checked(capsys.readouterr().out, "space")["bounds"]
    assert (bound["trial"], bound["from"], bound["with"]) == (2, {"layers": 8}, {"opt": "adam", "warm": False})
    assert run(path, "toy") == 0
    assert "learnt: nothing as large as t2, which ran out of memory: layers ≥ 8" in capsys.readouterr().out
    assert run(path, "toy", "--drop-bound", "t2", "--json") == 0
    assert checked(capsys.readouterr().out, "space")["bounds"] == []
    with open_store(path) as store:
        study = studies.get(store, "toy")
        said = [
            e.data.get("what") for e in events.since(store, study.id, 0) if e.kind is events.EventKind.STUDY_CHANGED
        ]
    assert (study.spec.unbounded, said) == ((2,), ["space without the bound learnt from t2"])
    assert run(path, "toy", "--drop-bound", "1") == 2
    assert "t1 bounds nothing. The study has learnt no bound." in capsys.readouterr().err


def test_a_change_is_one_entry_of_the_journal(digits: Path) -> None:
    with open_store(digits) as store:
        study = studies.get(store, "digits")
        before = events.last_id(store, study.id)
    assert run(digits, "digits", "--set", "lr.high=.01", "--set", "lr.low=1e-4", "--set", "wd.step=.1") == 0
    with open_store(digits) as store:
        kinds = [(str(e.kind), e.data.get("what", "")) for e in events.since(store, study.id, before)]
    assert kinds == [
        ("study_changed", "space lr: low 1e-05 → 0.0001; lr: high 0.1 → 0.01; wd: step – → 0.1"),
        ("decided", ""),
    ]


def test_a_dry_run_changes_nothing(digits: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(digits, "digits", "--set", "lr.high=.01", "--write", "--dry-run") == 0
    assert "proposal 3 would no longer fit and expires" in capsys.readouterr().out
    assert (digits.parent / "study.toml").read_text() == FILE
    with open_store(digits) as store:
        study = studies.get(store, "digits")
        assert study.spec.space.parameters["lr"].high == 0.1  # type: ignore[attr-defined]
        assert len(proposals.pending(store, study.id)) == 1


def test_a_bound_that_changes_sign_is_allowed_and_warned_of(digits: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(digits, "digits", "--set", "wd.low=-62") == 0
    shown = capsys.readouterr()
    assert "! wd reaches through 0 (low 0 → -62): be sure that it may" in shown.out
    assert "The space is changed." in shown.err
    assert run(digits, "digits", "--set", "wd.low=-70", "--dry-run") == 0
    assert "through 0" not in capsys.readouterr().out


def test_written_back_the_file_keeps_its_comments_and_reads_as_stored(digits: Path) -> None:
    assert run(digits, "digits", "--set", "lr.high=.01", "--set", "constraints=wd < .2", "--write") == 0
    file = digits.parent / "study.toml"
    text = file.read_text()
    for comment in ("# Mine.", "# above .1 it explodes", "# weight decay hardly matters"):
        assert comment in text
    assert "low = 1e-5, high = 0.01" in text
    with open_store(digits) as store:
        stored = studies.get(store, "digits").spec
        again = read_study_file(file)
        assert (again.space, again.defaults) == (stored.space, stored.defaults)
        from_file(store, file, again)  # and a run of it goes on with the study


def test_a_parameter_comes_and_goes_with_what_the_command_is_told(digits: Path) -> None:
    assert run(digits, "digits", "--set", "+mom", "--set", "mom.high=.9", "--set", "mom.when=wd > .1") == 0
    with open_store(digits) as store:
        spec = studies.get(store, "digits").spec
    assert spec.options["params"] == ["lr", "wd", "mom"] and spec.space.parameters["mom"].when is not None
    assert run(digits, "digits", "--set=-mom") == 0
    with open_store(digits) as store:
        assert studies.get(store, "digits").spec.options["params"] == ["lr", "wd"]


def test_defaults_that_no_longer_fit_are_let_go_so_that_the_study_goes_on(path: Path) -> None:
    with open_store(path) as store:
        study = studies.get(store, "toy")
        studies.update(store, study.id, study.spec.replace(defaults={"opt": "sgd", "layers": 4}), who="p", what="w")
    assert run(path, "toy", "--set", "opt.choices=adam,lamb", "--set", "momentum.when=none") == 0
    with open_store(path) as store:
        spec = studies.get(store, "toy").spec
        assert spec.defaults == {"layers": 4} and spec.first_config()["opt"] == "adam"


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ("lr.high=1e-6", "space.lr: low = 1e-05 is greater than high = 1e-06. Swap them"),
        ("lr.low=0", "space.lr: log = true needs low above 0, not 0. Raise low or drop log"),
        ("lr.default=5", "space.lr: its default does not fit: lr = 5 is above its upper bound 0.1"),
        ("layer.high=3", "space: there is no parameter 'layer'. Did you mean 'layers'?"),
        ("lr.hgh=3", "space.lr: a parameter has no 'hgh'. Did you mean 'high'?"),
        ("lr.low=soon", "low = 'soon' and high = 0.1 must be finite numbers"),
        ("lr=3", "'lr' names no key of a parameter"),
        ("lr.log=perhaps", "log = 'perhaps' is neither true nor false"),
        ("+depth", "forest has no parameter 'depth'"),
        ("-opt", "space.momentum: 'opt == 'sgd'' names 'opt', which is no parameter"),
        ("constraints=lr < speed", "'lr < speed' names 'speed', which is no parameter"),
        ("opt.choices=", "choices is empty"),
        ("opt.when=momentum > .5", "the conditions of opt, momentum depend on each other"),
        ("+1st", "'1st' is no name"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_done(
    path: Path, capsys: pytest.CaptureFixture[str], change: str, what: str
) -> None:
    assert run(path, "toy", "--set", "wd_is_not_there.low=1", f"--set={change}") == 2
    assert "there is no parameter 'wd_is_not_there'" in capsys.readouterr().err
    assert run(path, "toy", "--set", "layers.high=6", f"--set={change}") == 2
    assert what in capsys.readouterr().err
    with open_store(path) as store:
        assert studies.get(store, "toy").spec.space == SPACE


def test_what_the_command_needs_cannot_go(digits: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(digits, "digits", "--set=-wd") == 2
    assert "space.wd: the command needs {wd}: low = high fixes a parameter" in capsys.readouterr().err


def test_what_the_command_never_uses_is_said(digits: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(digits, "digits", "--set", "+mom", "--dry-run") == 0
    out = capsys.readouterr().out
    assert "the command never uses 'mom'" in out and "none has a value for mom, so the search begins anew" in out


def test_without_a_file_write_says_so(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(path, "toy", "--set", "lr.high=.05", "--write", "--json") == 2
    assert "there is no study.toml of 'toy' in it" in json.loads(capsys.readouterr().out)["error"]["what"]


def test_failures_are_counted_where_they_lie(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with open_store(path) as store:
        study = studies.get(store, "toy")
        failure = Failure(kind=FailureKind.CUDA_OUT_OF_MEMORY, message="m")
        add_trial(store, study, {**GOOD, "lr": 9e-2}, TrialState.FAILED, failure=failure)
    assert run(path, "toy", "--json") == 0
    cells = json.loads(capsys.readouterr().out)["tried"]["lr"]
    assert cells["cells"][-1] == cells["failed"][-1] == 1 and sum(cells["failed"]) == 2
    assert cells["best"] is not None
