"""Stopping rules and taking trials up again from the command line, on a script of the person's own."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from agent.store import studies
from agent.store.connection import open_store
from agent.study.nouns import TrialState
from agent.study.study_file import parse_study, to_toml
from tests.agent.schemas import checked
from tests.agent.scripts import trials_in, until_ended, workplace
from tests.agent.terminals import tunewright

SCRIPT = """
import json, os, pathlib, signal, sys, time
x, steps, keeps = float(sys.argv[1]), int(sys.argv[2]), sys.argv[3] == "keeps"
ended = []
signal.signal(signal.SIGTERM, lambda *_: ended.append(1))
step = 0
if keeps and "TUNEWRIGHT_RESUME" in os.environ:
    step = int(pathlib.Path(os.environ["TUNEWRIGHT_RESUME"], "step").read_text())
while step < steps and not ended:
    step += 1
    print(json.dumps({"step": step, "loss": x * x + 1 / step}), flush=True)
    time.sleep(0.001 if x < 1 else 0.03)
if keeps:
    pathlib.Path(os.environ["TUNEWRIGHT_CHECKPOINT"], "step").write_text(str(step))
"""
STUDY = """
[study]
name = "quick"
command = [{python}, "train.py", "{{x}}", "{{steps}}", "{keeps}"]
objective = {{ metric = "loss" }}
budget = {{ trials = 8 }}
search = "random"
seed = 3

[space]
x = {{ type = "float", low = 0.0, high = 2.0, default = 0.1 }}
steps = {{ type = "int", low = 40, high = 41 }}

[stopping]
rule = "{rule}"
trials = 2
steps = "steps"
"""


@pytest.fixture
def folder(tmp_path: Path):
    with workplace(tmp_path) as place:
        yield place


def write(folder: Path, keeps: str = "keeps", rule: str = "median") -> Path:
    (folder / "train.py").write_text(SCRIPT)
    path = folder / "study.toml"
    path.write_text(STUDY.format(python=json.dumps(sys.executable), keeps=keeps, rule=rule))
    return path


def test_a_script_is_pruned_and_goes_on_from_its_own_checkpoint(folder: Path) -> None:
    write(folder)
    done = tunewright("run", "study.toml", "--policy", "auto", "--json", cwd=folder)
    found = checked(done.stdout, "run")
    assert done.returncode == 0 and found["trials"]["pruned"] > 0
    assert "is pruned: at step" in done.stderr and "is worse than the median" in done.stderr
    pruned = next(t for t in trials_in(folder) if t.state is TrialState.PRUNED and t.params["x"] > 1)  # a slow one
    again = tunewright("resume", "quick", str(pruned.number), "--json", cwd=folder)
    told = checked(again.stdout, "resume")
    assert told == {"study": "quick", "trial": pruned.number, "state": told["state"], "from_checkpoint": True}
    after = until_ended(folder)[pruned.number]
    assert (after.state, after.attempts, after.failure) == (TrialState.COMPLETED, 2, None)
    assert after.last_step == after.params["steps"]


def test_a_script_without_checkpoints_is_said_to_start_anew(folder: Path) -> None:
    write(folder, keeps="forgets")
    assert tunewright("run", "study.toml", "--policy", "auto", cwd=folder).returncode == 0
    pruned = next(t for t in trials_in(folder) if t.state is TrialState.PRUNED)
    again = tunewright("resume", "quick", f"t{pruned.number}", cwd=folder)
    assert again.stdout == f"t{pruned.number} left no checkpoint: it starts again from its first step\n"
    until_ended(folder)


def test_the_flag_wins_over_the_file_and_a_trial_that_completed_is_not_resumed(folder: Path) -> None:
    write(folder)
    done = tunewright("run", "study.toml", "--policy", "auto", "--stop-rule", "none", "--json", cwd=folder)
    assert checked(done.stdout, "run")["trials"]["pruned"] == 0
    with open_store(folder / "store.sqlite", create=False) as store:
        assert studies.get(store, "quick").spec.stopping.rule == "none"
    refused = tunewright("resume", "quick", "0", cwd=folder)
    assert refused.returncode == 2
    assert "t0 is completed" in refused.stderr and "Only a pruned or stopped trial" in refused.stderr


@pytest.mark.parametrize(
    ("was", "now", "said"),
    [
        ('rule = "median"', 'rule = "medain"', "median"),
        ('steps = "steps"', 'steps = "stepz"', "'stepz' is neither a number nor a parameter"),
        ("trials = 2", "trials = 0", "at least 1"),
        ("trials = 2", "eta = 1", "at least 2"),
        ("trials = 2", "warmup = 1.5", "at most 1"),
        ("trials = 2", "warm_up = 0.5", "unknown key 'warm_up'"),
    ],
)
def test_what_is_wrong_in_the_table_is_said_with_its_key(folder: Path, was: str, now: str, said: str) -> None:
    path = write(folder)
    path.write_text(path.read_text().replace(was, now))
    done = tunewright("run", "study.toml", "--policy", "auto", cwd=folder)
    assert done.returncode == 2 and said in done.stderr and "stopping." in done.stderr
    assert not (folder / "store.sqlite").exists()


def test_a_written_study_file_reads_back_with_its_rule(folder: Path) -> None:
    path = write(folder)
    spec = parse_study(path.read_text(), path)
    assert parse_study(to_toml(spec, folder), path).stopping == spec.stopping
    assert spec.stopping.planned({"steps": 40}) == 40
