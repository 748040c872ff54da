"""Bracket studies as they are used: true time limits, several trials at once, killed and gone on with; their samples."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from itertools import combinations
from pathlib import Path

import pytest

from agent.runner.lock import runner_pid
from agent.store import points
from agent.store.connection import open_store
from agent.study.nouns import Trial, TrialState
from tests.agent.schemas import checked
from tests.agent.scripts import trials_in, workplace
from tests.agent.terminals import COMMAND, environment, tunewright

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

NAME = "brackets"
STUDY = """
[study]
name = "brackets"
trainer = "bracket"
task = "{task}"
policy = "watch"
search = "random"
budget = {{ trials = {trials} }}

[engine]
jobs = {jobs}
pack = 1

[options]
train_samples = {samples}

[space]
lr = {{ type = "float", low = 1e-3, high = 1e-2, log = true, default = 5e-3 }}
epochs = {{ type = "int", low = {epochs}, high = {epochs}, default = {epochs} }}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    with workplace(tmp_path) as place:
        yield place


def write(folder: Path, *, task: str = "gru-small", trials: int = 4, jobs: int = 1, samples: int = 600) -> None:
    """Trials of a second each, unless `samples` says otherwise."""
    text = STUDY.format(task=task, trials=trials, jobs=jobs, samples=samples, epochs=4)
    (folder / "study.toml").write_text(text)


def known(folder: Path) -> list[Trial]:
    return trials_in(folder, NAME) if (folder / "store.sqlite").exists() else []


def until(holds: Callable[[], object], seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it never came about"
        time.sleep(0.1)


def last(folder: Path, trial: Trial) -> dict[str, float]:
    """The last value of each metric."""
    with open_store(folder / "store.sqlite") as store:
        return {name: value for name, (_, value) in points.latest(store, trial.id).items()}


@pytest.mark.parametrize("task", ["gru-clean", "transformer-clean"])
def test_a_time_limit_yields_the_best_checkpoints_score_and_its_errors(folder: Path, task: str) -> None:
    write(folder, task=task, trials=1, samples=100_000)
    done = tunewright("run", "study.toml", "--budget", "6s", "--json", cwd=folder, timeout=120)
    assert checked(done.stdout, "run")["trials"]["completed"] == 1, done.stderr
    [trial] = known(folder)
    assert (trial.state, trial.cut_short) == (TrialState.COMPLETED, True)
    found = last(folder, trial)
    assert found["test_exact"] >= 0 and trial.value is not None
    shown = checked(tunewright("samples", NAME, "0", "--json", cwd=folder).stdout, "samples")
    assert shown["asked"] == 1000
    assert shown["wrong"] == round(1000 * (1 - trial.value))


def test_five_trials_run_at_once(folder: Path) -> None:
    write(folder, trials=5, jobs=5, samples=3_000)
    done = tunewright("run", "study.toml", "--jobs", "5", "--json", cwd=folder, timeout=200)
    assert checked(done.stdout, "run")["trials"]["completed"] == 5, done.stderr
    for one, other in combinations(known(folder), 2):
        assert one.started_at and one.ended_at and other.started_at and other.ended_at
        assert one.started_at < other.ended_at and other.started_at < one.ended_at
    assert len({trial.value for trial in known(folder)}) > 1


def test_killed_in_the_middle_a_study_goes_on_with_what_it_would_have_done(folder: Path, tmp_path: Path) -> None:
    write(folder)
    run = subprocess.Popen(
        [*COMMAND, "run", "study.toml", "--headless"],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=environment(),
    )
    until(lambda: any(t.state.ended for t in known(folder)))
    until(lambda: any(t.last_step for t in known(folder) if not t.state.ended))
    run.kill()
    run.wait()
    if pid := runner_pid(folder / "store.sqlite"):
        os.kill(pid, signal.SIGKILL)
    done = tunewright("run", NAME, "--json", cwd=folder, timeout=200)
    assert checked(done.stdout, "run")["trials"]["completed"] == 4, done.stderr
    undisturbed = tmp_path / "undisturbed"
    undisturbed.mkdir()
    write(undisturbed)
    assert tunewright("run", "study.toml", "--headless", cwd=undisturbed, timeout=200).returncode == 0
    one, other = known(folder), known(undisturbed)
    assert [(t.params, t.value) for t in one] == [(t.params, t.value) for t in other]
    assert [t.attempts for t in one] == [1, 1, 1, 1]
