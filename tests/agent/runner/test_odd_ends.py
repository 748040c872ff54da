"""What one odd trial or study must not do to the runner, the others, or the budget."""

from __future__ import annotations

import os
import signal
import time

import pytest

from agent.store import proposals, studies, trials
from agent.study.budget import busy_seconds
from agent.study.nouns import Draft, Source, TrialState
from trainers import rundir
from trainers.contract import FailureKind


def test_hours_for_which_the_machine_was_off_are_not_spent(bench):
    bench.make_study("slow", retries=0)
    (number,) = bench.queue()
    bench.wait(lambda: bench.trial(number).last_step)
    run_dir = bench.run_dir(number)
    bench.kill_runner()
    os.kill(rundir.supervisor_of(run_dir)["pid"], signal.SIGKILL)
    bench.store.conn.execute("UPDATE attempt SET launched_at = launched_at - 7200")
    then = time.time() - 7140
    for entry in run_dir.iterdir():
        os.utime(entry, (then, then))
    (trial,) = bench.wait_ended(number)
    assert trial.failure.kind is FailureKind.LOST
    spent = busy_seconds(trials.busy_intervals(bench.store, bench.study.id, time.time()))
    assert spent == pytest.approx(60, abs=30)


def test_a_trainer_that_is_no_longer_installed_fails_its_trials_not_the_runner(bench):
    bench.make_study()
    spec = bench.study.spec.replace(name="gone", trainer="gone")
    gone = studies.create(bench.store, spec, bench.store.folder)
    (proposal,) = proposals.add(bench.store, gone.id, [Draft(source=Source.PERSON, params={"x": 1.0, "y": 1.0})])
    proposals.approve(bench.store, proposal, actor="person")
    (fine,) = bench.wait_ended(*bench.queue())
    assert fine.state is TrialState.COMPLETED
    bench.wait(lambda: trials.get(bench.store, gone.id, 0).state.ended)
    failure = trials.get(bench.store, gone.id, 0).failure
    assert failure.kind is FailureKind.BAD_ARGUMENT
    assert "there is no trainer 'gone'" in failure.message


@pytest.mark.parametrize("name", ["x" * 300, "日" * 200, "a\nb", "..", "../../etc", "con / aux:*?", " "])
def test_any_study_name_makes_a_folder_inside_runs(bench, name):
    bench.make_study()
    study = studies.create(bench.store, bench.study.spec.replace(name=name), bench.store.folder)
    bench.study = study
    (trial,) = bench.wait_ended(*bench.queue())
    assert trial.state is TrialState.COMPLETED
    assert bench.run_dir(trial.number).resolve().parents[1] == (bench.store.folder / "runs").resolve()
