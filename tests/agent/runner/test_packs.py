"""Queued trials of one shape start as one process, and stay trials of their own whatever happens to it."""

from __future__ import annotations

import json
import os
import signal

import pytest

from agent.plain.tables import trial_lines, trials_table
from agent.runner.pack_rates import Rates
from agent.runner.packs import parts
from agent.store import points, settings, trials
from agent.study import pack_words
from agent.study.nouns import TrialState
from agent.study.policy import PolicyKind
from agent.study.spec import Budget
from trainers import rundir
from trainers.contract import FailureKind
from trainers.engines import Slot

RAISES, FATAL = 1.0, -1.5  # of tests/plugin/together_trainer.py
SLOW = {"steps": 150, "pause": 0.02}


def together(bench, number: int) -> int:
    """How many trials were in the process of this one's latest attempt, as the trainer itself saw it."""
    run_dir = bench.run_dir(number)
    return int(next(rundir.all_reports(run_dir)).metrics["together"])


def supervisors(bench, *numbers: int) -> list[int]:
    return [rundir.supervisor_of(bench.run_dir(number))["pid"] for number in numbers]


def job(bench, number: int) -> dict:
    return trials.attempts(bench.store, bench.trial(number).id)[-1]["job"]


def wait_steps(bench, *numbers: int) -> None:
    bench.wait(lambda: all((bench.trial(n).last_step or 0) > 2 for n in numbers))


def test_trials_that_may_train_as_one_do_and_each_has_its_own_result(bench):
    bench.make_study(trainer_name="together", jobs=4, pack=4)
    numbers = bench.queue(4)
    ended = bench.wait_ended(*numbers)
    assert len(set(supervisors(bench, *numbers))) == 1
    assert [together(bench, n) for n in numbers] == [4] * 4
    assert len({bench.run_dir(n) for n in numbers}) == 4
    for trial in ended:
        assert trial.state is TrialState.COMPLETED
        assert points.curve(bench.store, trial.id, "loss").steps == list(range(20))
        assert sorted([*job(bench, trial.number)["with"], trial.number]) == numbers


def test_another_shape_starts_by_itself(bench):
    bench.make_study(trainer_name="together", jobs=4, pack=4)
    alike, other = bench.queue(2), bench.queue(1, x=-1.0, y=0.0)
    bench.wait_ended(*alike, *other)
    assert [together(bench, n) for n in (*alike, *other)] == [2, 2, 1]


def test_pack_1_means_never(bench):
    bench.make_study(trainer_name="together", jobs=4, pack=1, options={"gain": 50.0})
    numbers = bench.queue(3)
    bench.wait_ended(*numbers)
    assert [together(bench, n) for n in numbers] == [1] * 3


def test_a_pack_counts_its_trials_as_jobs_and_its_process_as_one_thread(bench):
    bench.make_study(trainer_name="together", jobs=3, pack=3, options=SLOW)
    numbers = bench.queue(5)
    bench.wait(lambda: len(trials.in_state(bench.store, TrialState.RUNNING)) == 3)
    wait_steps(bench, *numbers[:3])
    assert len(trials.in_state(bench.store, TrialState.QUEUED)) == 2
    assert sum(job(bench, n)["threads"] for n in numbers[:3]) == 1
    bench.wait_ended(*numbers)


def test_gpus_and_threads_are_shared_out_without_rest():
    shared = parts(Slot(("0",), 1.0, 2), 4)
    assert [slot.share for slot in shared] == [0.25] * 4
    assert sum(slot.threads for slot in shared) == 2
    assert all(slot.gpus == ("0",) for slot in shared)


# -- whether it pays ---------------------------------------------------------------


def test_what_is_measured_to_be_faster_is_packed_and_the_measurement_is_remembered(bench):
    bench.make_study(
        trainer_name="together", jobs=4, policy=PolicyKind.WATCH, options={"gain": 4.0, "steps": 40, "pause": 0.02}
    )
    _, *others = numbers = bench.queue(4)
    bench.wait_ended(*numbers)
    assert max(together(bench, n) for n in others) > 1
    (key,) = [row["key"] for row in bench.store.query("SELECT key FROM setting WHERE scope = 'packs'")]
    assert settings.take(bench.store, "packs", key)["1"] == pytest.approx(0.01)
    again = bench.queue(3)
    bench.wait_ended(*again)
    assert together(bench, again[0]) > 1


def test_what_gains_nothing_is_not_packed(bench):
    bench.make_study(trainer_name="together", jobs=4, policy=PolicyKind.WATCH, options={"gain": 1.0, "pause": 0.02})
    numbers = bench.queue(4)
    bench.wait_ended(*numbers)
    bench.wait(lambda: bench.store.query("SELECT key FROM setting WHERE scope = 'packs'"))
    again = bench.queue(3)
    bench.wait_ended(*again)
    assert [together(bench, n) for n in (*numbers, *again)] == [1] * 7


def test_where_time_is_a_trials_budget_none_shares_its_process_unasked(bench):
    options, budget = {"gain": 50.0}, Budget(trial_seconds=60.0)
    bench.make_study(trainer_name="together", jobs=4, policy=PolicyKind.WATCH, options=options, budget=budget)
    numbers = bench.queue(3)
    bench.wait_ended(*numbers)
    assert [together(bench, n) for n in numbers] == [1] * 3
    assert bench.store.query("SELECT key FROM setting WHERE scope = 'packs'") == []


def test_the_best_size_is_taken_and_a_small_gain_is_none():
    rates = Rates.of({1: 1.0, 2: 1.25, 4: 1.6, 8: 8.0})
    assert [rates.best(wanted) for wanted in (1, 2, 3, 4, 7, 8, 20)] == [1, 2, 3, 4, 7, 4, 4]
    assert Rates.of({1: 1.0, 2: 1.9, 4: 3.6}).best(4) == 1
    assert Rates.of({}).best(8) == 1
    assert Rates.of({1: 1.0, 2: 0.0}).best(8) == 1


# -- what happens to one, and what happens to all ------------------------------------


def test_a_stop_ends_one_and_the_others_complete(bench):
    bench.make_study(trainer_name="together", jobs=3, pack=3, options=SLOW)
    first, *others = numbers = bench.queue(3)
    wait_steps(bench, *numbers)
    trials.request_stop(bench.store, bench.trial(first), "enough")
    (stopped,) = bench.wait_ended(first)
    assert stopped.state is TrialState.STOPPED
    assert stopped.value is not None
    bench.wait(lambda: sum(job(bench, n)["threads"] for n in others) == 1)  # the thread has passed to those that run
    for trial in bench.wait_ended(*others):
        assert (trial.state, trial.attempts) == (TrialState.COMPLETED, 1)
        assert trial.last_step == SLOW["steps"] - 1


def test_ones_own_failure_is_typed_and_not_retried(bench):
    bench.make_study(trainer_name="together", jobs=3, pack=3)
    (bad,), good = bench.queue(1, x=0.5, y=RAISES), bench.queue(2)
    (failed,) = bench.wait_ended(bad)
    assert (failed.failure.kind, failed.attempts) == (FailureKind.EXCEPTION, 1)
    assert [t.state for t in bench.wait_ended(*good)] == [TrialState.COMPLETED] * 2
    assert together(bench, bad) == 3


def test_after_a_crash_each_runs_by_itself_and_the_culprit_is_found(bench):
    bench.make_study(trainer_name="together", jobs=3, pack=3, retries=0)
    good, (bad,) = bench.queue(2), bench.queue(1, x=0.5, y=FATAL)
    (failed,) = bench.wait_ended(bad)
    assert failed.failure.kind is FailureKind.SIGNAL
    assert failed.failure.signal == signal.SIGSEGV
    for trial in bench.wait_ended(*good):
        assert (trial.state, trial.attempts) == (TrialState.COMPLETED, 2)
        assert points.curve(bench.store, trial.id, "loss").steps == list(range(20))
        first, second = trials.attempts(bench.store, trial.id)
        assert first["outcome"]["failure"]["kind"] == FailureKind.LOST
        assert "pack" not in second["job"]


def test_a_shape_whose_pack_has_died_is_packed_half_as_large(bench):
    bench.make_study(trainer_name="together", jobs=4, pack=4)
    numbers = [*bench.queue(3), *bench.queue(1, x=0.5, y=FATAL)]
    bench.wait_ended(*numbers)
    again = bench.queue(4)
    bench.wait_ended(*again)
    assert [together(bench, n) for n in again] == [2] * 4


@pytest.mark.parametrize("whom", ["supervisor", "trainer"])
def test_a_killed_pack_is_lost_and_each_of_its_trials_run_again(bench, whom):
    bench.make_study(trainer_name="together", jobs=3, pack=3, options=SLOW)
    numbers = bench.queue(3)
    wait_steps(bench, *numbers)
    (pid,) = set(supervisors(bench, *numbers))
    victim = pid if whom == "supervisor" else children(pid)
    os.kill(victim, signal.SIGKILL)
    for trial in bench.wait_ended(*numbers):
        first, second = trials.attempts(bench.store, trial.id)
        assert trial.state is TrialState.COMPLETED
        assert first["outcome"]["failure"]["kind"] == FailureKind.LOST
        assert second["outcome"]["state"] == "completed"
        assert points.curve(bench.store, trial.id, "loss").steps == list(range(SLOW["steps"]))


def children(pid: int) -> int:
    from trainers import processes

    return processes.descendants(pid)[0].pid


def test_a_killed_runner_leaves_the_pack_running_and_the_next_one_misses_nothing(bench):
    bench.make_study(trainer_name="together", jobs=3, pack=3, options=SLOW)
    first, *others = numbers = bench.queue(3)
    wait_steps(bench, *numbers)
    bench.kill_runner()
    trials.request_stop(bench.store, bench.trial(first), "enough")
    (stopped,) = bench.wait_ended(first)
    assert stopped.state is TrialState.STOPPED
    for trial in bench.wait_ended(*others):
        assert trial.attempts == 1
        assert points.curve(bench.store, trial.id, "loss").steps == list(range(SLOW["steps"]))


def test_who_shared_a_process_is_said_where_a_trial_is_shown(bench):
    bench.make_study(trainer_name="together", jobs=4, pack=4)
    numbers = bench.queue(4)
    (trial, *_) = ended = bench.wait_ended(*numbers)
    assert json.loads((bench.run_dir(0) / rundir.EXIT).read_text())["together_with"] == [1, 2, 3]
    mates = trials.together(bench.store, bench.study.id)
    assert mates == {0: [1, 2, 3], 1: [0, 2, 3], 2: [0, 1, 3], 3: [0, 1, 2]}
    assert "completed with t0, t2, t3" in trials_table(bench.study, ended, mates)
    assert "process  one process with t1–t3" in trial_lines(bench.store, trial)


def test_trials_are_named_in_spans():
    assert pack_words.named([12, 3, 13, 14, 20]) == "t3, t12–t14, t20"
    assert pack_words.told([]) == ""
