"""The runner: every queued trial runs once, every report arrives, every end has its reason."""

from __future__ import annotations

import json
import math
import os
import signal
import time

import pytest

from agent.runner.lock import runner_pid
from agent.store import events, points, trials
from agent.study.nouns import TrialState
from agent.study.spec import Budget
from trainers import processes, rundir
from trainers.contract import FailureKind


def test_a_queued_trial_runs_and_every_report_is_in_the_store(bench):
    bench.make_study()
    (trial,) = bench.wait_ended(*bench.queue())
    curve = points.curve(bench.store, trial.id, "loss")
    assert trial.state is TrialState.COMPLETED
    assert curve.steps == list(range(20))
    assert trial.value == curve.values[-1]
    assert trial.last_step == 19


def test_jobs_bound_how_many_run_at_once(bench):
    bench.make_study(jobs=2, options={"pause": 0.02})
    numbers = bench.queue(6)
    most = 0

    def ended():
        nonlocal most
        most = max(most, len(trials.in_state(bench.store, TrialState.RUNNING)))
        return all(bench.trial(n).state.ended for n in numbers)

    bench.wait(ended)
    assert most == 2


def test_two_runners_on_one_store_become_one(bench):
    from agent.runner.client import RunnerClient

    bench.make_study()
    clients = [RunnerClient(bench.store.path) for _ in range(4)]
    for client in clients:
        client.ensure()
    bench.wait_ended(*bench.queue(4))
    alive = [c for c in clients if c._process is not None and c._process.poll() is None]
    assert len(alive) == 1
    assert all(t["number"] == 1 for n in range(4) for t in trials.attempts(bench.store, bench.trial(n).id))


def test_a_killed_runner_leaves_the_trial_running_and_the_next_one_misses_nothing(bench):
    bench.make_study(options={"steps": 100, "pause": 0.02})
    (number,) = bench.queue()
    bench.wait(lambda: (bench.trial(number).last_step or 0) > 5)
    who = rundir.read_json(bench.run_dir(number) / rundir.STARTED)
    bench.kill_runner()
    time.sleep(0.3)
    assert processes.is_alive(who["pid"], who["mark"])
    (trial,) = bench.wait_ended(number)
    assert trial.attempts == 1
    assert points.curve(bench.store, trial.id, "loss").steps == list(range(100))


def test_a_trial_that_ends_while_no_runner_lives_is_taken_in_by_the_next(bench):
    bench.make_study(options={"steps": 30, "pause": 0.02})
    (number,) = bench.queue()
    bench.wait(lambda: bench.trial(number).last_step)
    run_dir = bench.run_dir(number)
    bench.kill_runner()
    while not (run_dir / rundir.EXIT).exists():
        time.sleep(0.02)
    (trial,) = bench.wait_ended(number)
    assert trial.state is TrialState.COMPLETED
    assert points.curve(bench.store, trial.id, "loss").steps == list(range(30))


def test_a_killed_worker_is_retried_and_the_attempt_recorded(bench):
    bench.make_study(options={"steps": 100, "pause": 0.02})
    (number,) = bench.queue()
    bench.wait(lambda: (bench.trial(number).last_step or 0) > 3)
    os.kill(rundir.read_json(bench.run_dir(number) / rundir.STARTED)["pid"], signal.SIGKILL)
    (trial,) = bench.wait_ended(number)
    attempts = trials.attempts(bench.store, trial.id)
    assert trial.state is TrialState.COMPLETED
    assert [a["outcome"]["state"] for a in attempts] == ["failed", "completed"]
    assert attempts[0]["outcome"]["failure"]["kind"] == FailureKind.LOST
    assert points.curve(bench.store, trial.id, "loss").steps == list(range(100))


def test_transient_failures_are_retried_only_so_often(bench):
    bench.make_study("killed", retries=2)
    (trial,) = bench.wait_ended(*bench.queue())
    assert trial.state is TrialState.FAILED
    assert trial.failure.kind is FailureKind.SIGNAL
    assert trial.attempts == 3


@pytest.mark.parametrize(
    ("task", "kind"),
    [
        ("import", FailureKind.IMPORT_ERROR),
        ("raise", FailureKind.EXCEPTION),
        ("silent", FailureKind.NO_METRIC),
        ("nan", FailureKind.NON_FINITE),
        ("segv", FailureKind.SIGNAL),
    ],
)
def test_a_deterministic_failure_is_typed_and_not_retried(bench, task, kind):
    bench.make_study(task)
    (trial,) = bench.wait_ended(*bench.queue())
    assert (trial.state, trial.failure.kind, trial.attempts) == (TrialState.FAILED, kind, 1)
    assert not trial.failure.transient


def test_stop_ends_a_running_trial_and_leaves_no_process(bench):
    bench.make_study("slow")
    (number,) = bench.queue()
    bench.wait(lambda: bench.trial(number).last_step)
    run_dir = bench.run_dir(number)
    trials.request_stop(bench.store, bench.trial(number), "enough")
    (trial,) = bench.wait_ended(number)
    assert trial.state is TrialState.STOPPED
    assert trial.value is not None
    assert processes.of_run(str(run_dir)) == []


def test_stop_ends_a_trial_that_ignores_every_signal(bench):
    bench.make_study("deaf")
    (number,) = bench.queue()
    bench.wait(lambda: (bench.run_dir(number) / rundir.STARTED).exists() if bench.trial(number).attempts else False)
    trials.request_stop(bench.store, bench.trial(number), "enough")
    (trial,) = bench.wait_ended(number)
    assert trial.state is TrialState.STOPPED


def test_a_queued_trial_that_is_stopped_never_starts(bench):
    bench.make_study("slow", jobs=1)
    first, second = bench.queue(2)
    trials.request_stop(bench.store, bench.trial(second), "changed my mind")
    assert bench.trial(second).state is TrialState.STOPPED
    trials.request_stop(bench.store, bench.trial(first), "that too")
    bench.wait_ended(first)
    assert bench.trial(second).attempts == 0


def test_the_time_limit_ends_a_trial_that_reports_with_its_value_and_one_that_hangs_as_a_timeout(bench):
    bench.make_study("slow", budget=Budget(trial_seconds=0.5))
    (slow,) = bench.wait_ended(*bench.queue())
    assert (slow.state, slow.cut_short) == (TrialState.COMPLETED, True)
    bench.make_study("hang", budget=Budget(trial_seconds=0.5))
    (hang,) = bench.wait_ended(*bench.queue())
    assert hang.failure.kind is FailureKind.TIMEOUT
    assert hang.seconds < 0.5 + 0.5 + 1.0  # the limit, the grace, and some slack of a busy machine


def test_the_total_budget_shortens_the_last_trial_and_holds_back_the_next(bench):
    bench.make_study("slow", jobs=1, budget=Budget(total_seconds=1.0))
    first, second = bench.queue(2)
    (trial,) = bench.wait_ended(first)
    assert trial.cut_short
    time.sleep(0.3)
    assert bench.trial(second).state is TrialState.QUEUED


def test_reports_written_by_a_foreign_hand_are_skipped_and_said(bench):
    bench.make_study("slow")
    (number,) = bench.queue()
    bench.wait(lambda: bench.trial(number).last_step)
    with open(bench.run_dir(number) / rundir.REPORTS, "ab") as file:
        file.write(
            b"\x00\xff garbage\n" + json.dumps({"step": 10**30, "at": 1, "metrics": {"loss": 1}}).encode() + b"\n"
        )
    kinds = lambda: [e.kind for e in events.since(bench.store, bench.study.id, 0)]  # noqa: E731
    bench.wait(lambda: events.EventKind.REPORTS_SKIPPED in kinds())
    trials.request_stop(bench.store, bench.trial(number), "enough")
    (trial,) = bench.wait_ended(number)
    assert math.isfinite(trial.value)


def test_a_run_folder_left_by_an_earlier_store_is_not_mistaken_for_this_ones(bench):
    bench.make_study()
    (trial,) = bench.wait_ended(*bench.queue())
    old = bench.run_dir(trial.number)
    bench.store.conn.execute("DELETE FROM attempt")
    bench.store.conn.execute("UPDATE trial SET state = 'queued', attempts = 0, ended_at = NULL, value = NULL")
    (again,) = bench.wait_ended(trial.number)
    assert bench.run_dir(again.number) != old
    assert again.state is TrialState.COMPLETED


def test_the_runner_of_a_deleted_store_ends(bench):
    bench.make_study()
    bench.wait_ended(*bench.queue())
    pid = runner_pid(bench.store.path)
    bench.store.path.unlink()
    until = time.monotonic() + 10
    while processes.look(pid) is not None:
        assert time.monotonic() < until
        time.sleep(0.05)
