"""Trials that promise too little are ended early and taken up again: a real runner, real trials."""

from __future__ import annotations

import json
import math
import time
from dataclasses import replace

import pytest

from agent.runner.active import activate
from agent.runner.pruning import Pruning
from agent.store import actions, events, pausing, points, proposals, studies, trials
from agent.store.connection import open_store
from agent.study.nouns import ActionKind, Draft, ProposalState, Source, TrialState
from agent.study.policy import Policy, PolicyKind
from agent.study.stopping_spec import StoppingSpec
from tests.agent.stores import GOOD, add_trial, make_study
from trainers import rundir
from trainers.engines import Slot
from trainers.errors import TunewrightError

STEPS, PAUSE = 40, 0.05


def study(bench, rule: str = "median", policy: str = PolicyKind.WATCH, **stopping):
    bench.make_study("steady", options={"steps": STEPS, "pause": 0.0}, jobs=1)
    change(bench, policy=Policy(kind=policy), stopping=StoppingSpec(rule=rule, **{"trials": 3, **stopping}))


def change(bench, **fields) -> None:
    studies.update(bench.store, bench.study.id, bench.study.spec.replace(**fields), who="test", what="it")
    bench.study = studies.by_id(bench.store, bench.study.id)


def run(bench, x: float, *, source: Source = Source.GP, pause: float = 0.0) -> int:
    """Queues one trial that falls towards x²; returns its number."""
    change(bench, options={"steps": STEPS, "pause": pause})
    [proposal] = proposals.add(bench.store, bench.study.id, [Draft(source=source, params={"x": x, "y": 0.0})])
    number = proposals.approve(bench.store, proposal, actor="policy")
    bench.client.ensure()
    return number


def good(bench, n: int = 3) -> list[int]:
    """Trials that complete, with values about 0, .01, .02."""
    numbers = [run(bench, 0.1 * i) for i in range(n)]
    bench.wait_ended(*numbers)
    assert all(bench.trial(i).state is TrialState.COMPLETED for i in numbers)
    return numbers


def last_step(bench, number: int) -> int:
    return points.curve(bench.store, bench.trial(number).id, "loss").steps[-1]


def test_a_hopeless_trial_is_pruned_with_its_reason_its_value_and_what_it_would_have_come_to(bench):
    study(bench)
    good(bench)
    number = run(bench, 1.5, pause=PAUSE)
    [trial] = bench.wait_ended(number)
    assert trial.state is TrialState.PRUNED and trial.pruning
    assert trial.planned_steps == STEPS
    assert last_step(bench, number) < STEPS
    assert "is worse than the median" in trial.stop_requested and "of 3 trials" in trial.stop_requested
    assert trial.value == pytest.approx(1.5**2 + math.exp(-last_step(bench, number) / 8))
    assert bench.trial(2).value < trial.estimate <= trial.value and trial.judged == trial.estimate
    stop = json.loads((bench.run_dir(number) / rundir.STOP).read_text())
    assert stop == {"reason": trial.stop_requested, "prune": True}
    asked = [e for e in events.since(bench.store, bench.study.id, 0) if e.kind is events.EventKind.STOP_REQUESTED]
    assert [(e.trial_id, e.data["prune"]) for e in asked] == [(trial.id, True)]


def test_no_rule_no_pruning_and_the_default_config_and_the_best_so_far_run_to_their_end(bench):
    study(bench, rule="none")
    good(bench)
    assert bench.wait_ended(run(bench, 1.5))[0].state is TrialState.COMPLETED
    change(bench, stopping=StoppingSpec(rule="median", trials=3))
    assert bench.wait_ended(run(bench, 1.6, source=Source.DEFAULT))[0].state is TrialState.COMPLETED


def test_under_ask_a_card_proposes_the_end_and_nothing_is_stopped_before_it_is_approved(bench):
    study(bench, policy=PolicyKind.ASK)
    good(bench)
    number = run(bench, 1.5, pause=PAUSE)
    [card] = bench.wait(lambda: actions.pending(bench.store, bench.study.id))
    assert card.kind is ActionKind.STOP_TRIAL
    assert (card.body["trial"], card.body["prune"], card.body["attempt"]) == (number, True, 1)
    assert "is worse than the median" in card.reason and "taken up again, it would start anew" in card.reason
    [trial] = bench.wait_ended(number)
    assert trial.state is TrialState.COMPLETED and trial.estimate is None
    bench.wait(lambda: not actions.pending(bench.store, bench.study.id))
    [settled] = actions.settled(bench.store, bench.study.id, ActionKind.STOP_TRIAL)
    assert settled.state is ProposalState.EXPIRED


def test_a_declined_card_is_not_shown_again_for_that_attempt(bench):
    study(bench, policy=PolicyKind.ASK)
    good(bench)
    number = run(bench, 1.5, pause=PAUSE)
    [card] = bench.wait(lambda: actions.pending(bench.store, bench.study.id))
    actions.settle(bench.store, card, ProposalState.REJECTED)
    bench.wait_ended(number)
    assert len(actions.settled(bench.store, bench.study.id, ActionKind.STOP_TRIAL)) == 1


def test_a_pruned_trial_goes_on_from_its_checkpoint_and_its_curve_is_one(bench):
    study(bench)
    good(bench)
    number = run(bench, 1.5, pause=PAUSE)
    [pruned] = bench.wait_ended(number)
    cut = last_step(bench, number)
    pausing.resume(bench.store, pruned, "let us see", who="person")
    assert bench.trial(number).state is TrialState.QUEUED
    bench.client.ensure()
    [whole] = bench.wait_ended(number)
    assert whole.state is TrialState.COMPLETED and whole.attempts == 2 and whole.kept
    assert whole.estimate is None and whole.stop_requested is None
    assert points.curve(bench.store, whole.id, "loss").steps == list(range(1, STEPS + 1))
    second = [r.step for r in rundir.all_reports(bench.run_dir(number))]
    assert second == list(range(cut + 1, STEPS + 1))
    assert whole.value == pytest.approx(1.5**2 + math.exp(-STEPS / 8))


def test_a_trial_in_another_state_is_not_taken_up_again(bench):
    study(bench)
    [number] = good(bench, 1)
    with pytest.raises(TunewrightError, match=r"t0 is completed.*Only a pruned or stopped"):
        pausing.resume(bench.store, bench.trial(number), "", who="person")


def test_one_that_waits_to_be_taken_up_again_and_is_stopped_is_pruned_as_before(bench):
    study(bench)
    good(bench)
    [pruned] = bench.wait_ended(run(bench, 1.5, pause=PAUSE))
    bench.kill_runner()
    pausing.resume(bench.store, pruned, "", who="person")
    trials.request_stop(bench.store, bench.trial(pruned.number), "no")
    after = bench.trial(pruned.number)
    assert (after.state, after.value, after.estimate) == (TrialState.PRUNED, pruned.value, pruned.estimate)


def test_asha_pauses_at_a_rung_and_takes_up_again_what_others_have_made_one_of_the_best(bench):
    study(bench, rule="asha", trials=2, eta=2, warmup=0.4)  # one rung, half way
    good(bench, 2)
    middling = run(bench, 0.6, pause=PAUSE)
    [paused] = bench.wait_ended(middling)
    assert paused.state is TrialState.PRUNED and "ranks 3 of 3: the best 1 go on" in paused.stop_requested
    assert STEPS / 2 <= last_step(bench, middling) < STEPS
    worse = [run(bench, 1.0 + 0.1 * i, pause=PAUSE) for i in range(3)]
    bench.wait_ended(*worse)
    resumed = bench.wait(lambda: bench.trial(middling).attempts == 2 and bench.trial(middling))
    [ended] = bench.wait_ended(middling)
    assert ended.state is TrialState.COMPLETED and resumed.attempts == 2
    told = [e for e in events.since(bench.store, bench.study.id, 0) if e.kind is events.EventKind.TRIAL_RESUMED]
    assert [e.trial_id for e in told] == [ended.id]
    assert told[0].data["who"] == "asha" and "among the best 3 of 6" in told[0].data["reason"]
    assert points.curve(bench.store, ended.id, "loss").steps == list(range(1, STEPS + 1))


def test_a_trial_that_is_stopped_while_it_waits_for_a_verdict_is_stopped_and_not_pruned(bench):
    study(bench, policy=PolicyKind.ASK)
    good(bench)
    number = run(bench, 1.5, pause=PAUSE)
    bench.wait(lambda: actions.pending(bench.store, bench.study.id))
    trials.request_stop(bench.store, bench.trial(number), "enough")
    [trial] = bench.wait_ended(number)
    assert trial.state is TrialState.STOPPED and not trial.pruning
    assert not pausing.prune(bench.store, trial.id, 1, "too late", None)


def test_a_runner_that_takes_over_judges_what_an_earlier_one_started(bench):
    study(bench, rule="none")
    good(bench)
    number = run(bench, 1.5, pause=PAUSE)
    bench.wait(lambda: bench.trial(number).last_step)
    bench.kill_runner()
    change(bench, stopping=replace(bench.study.spec.stopping, rule="median"))
    time.sleep(0.1)
    assert bench.wait_ended(number)[0].state is TrialState.PRUNED


def test_an_attempt_that_finds_everything_done_completes_with_what_the_earlier_one_reported(bench):
    study(bench)
    good(bench)
    number = run(bench, 1.5, pause=PAUSE)
    [pruned] = bench.wait_ended(number)
    (bench.run_dir(number) / rundir.CHECKPOINT / "step").write_text(str(STEPS))
    pausing.resume(bench.store, pruned, "", who="person")
    bench.client.ensure()
    [whole] = bench.wait_ended(number)
    assert (whole.state, whole.failure, whole.value) == (TrialState.COMPLETED, None, pruned.value)


def test_a_rule_that_fails_ends_nothing(tmp_path, monkeypatch, caplog):
    with open_store(tmp_path / "store.sqlite") as store:
        made = make_study(store, stopping=StoppingSpec(rule="median"))
        number = add_trial(store, made, GOOD, TrialState.RUNNING, reports=[1.0, 0.5])
        [attempt] = trials.open_attempts(store)
        active = activate(store, attempt, Slot())
        active.follow.fresh = True
        monkeypatch.setattr("agent.runner.pruning.judge", lambda *_, **__: 1 / 0)
        assert Pruning(store).look([active]) is False
        assert "ZeroDivisionError" in caplog.text
        assert trials.get(store, made.id, number).stop_requested is None
