"""The loop every front shares: real proposer process, real runner, real trials."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from agent.runner.lock import runner_pid
from agent.session import Session
from agent.standing import Status
from agent.store import diagnoses, proposals, studies, trials
from agent.store.connection import open_store
from agent.study.nouns import ProposalState, Source, TrialState
from agent.study.policy import Policy, PolicyKind
from agent.study.spec import Budget, EngineSpec, StudySpec
from trainers import catalog
from trainers.errors import SpaceError, TunewrightError

Make = Callable[..., Session]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    """Opens sessions on one store; `make(name, task, …)` makes the study when it is new."""
    path = tmp_path / "store.sqlite"
    opened: list[Session] = []

    def session(name: str = "s", task: str = "fine", ahead: int = 0, **changes) -> Session:
        store = open_store(path)
        study = studies.find(store, name)
        if study is None:
            trainer = catalog.load("quick")
            spec = StudySpec(
                name=name,
                trainer="quick",
                task=task,
                space=trainer.space(task),
                objective=trainer.objective(task),
                defaults=trainer.defaults(task),
                **{"search": "random", "policy": Policy(kind=PolicyKind.WATCH), "budget": Budget(trials=4), **changes},
            )
            study = studies.create(store, spec, tmp_path)
        opened.append(Session(store, study, ahead=ahead))
        return opened[-1]

    yield session
    for one in opened:
        one.close()
        one.store.close()
    if pid := runner_pid(path):
        os.kill(pid, signal.SIGTERM)


def drive(session: Session, until: Callable[[Status], bool], seconds: float = 60) -> Status:
    end = time.monotonic() + seconds
    while not until(status := session.tick()):
        assert time.monotonic() < end, f"waited in vain: {status}"
        time.sleep(0.02)
    return status


def finished(status: Status) -> bool:
    return status.state == "finished"


def test_watch_runs_the_whole_budget_and_diagnoses_every_trial(make):
    session = make()
    status = drive(session, finished)
    assert [t.state for t in session.trials] == [TrialState.COMPLETED] * 4
    assert status.ended == 4
    assert set(diagnoses.all_of(session.store, session.study.id)) == {t.id for t in session.trials}
    assert session.trials[0].source is Source.DEFAULT
    clause = proposals.decision(session.store, session.trials[1].proposal_id).clause
    assert clause.startswith("watch")


def test_ask_runs_nothing_until_the_person_says_so(make):
    session = make(policy=Policy(kind=PolicyKind.ASK), ahead=1)
    status = drive(session, lambda s: s.state == "waiting")
    time.sleep(0.3)
    assert session.tick().running == 0
    (proposal,) = proposals.pending(session.store, session.study.id)
    session.approve(proposal, {"x": 0.5, "y": 0.5})
    status = drive(session, lambda s: s.ended == 1)
    assert session.trials[0].params == {"x": 0.5, "y": 0.5}
    assert session.trials[0].source is Source.PERSON
    assert proposals.get(session.store, proposal.id).state is ProposalState.EDITED
    assert status.pending <= 1


def test_an_edit_outside_the_space_is_refused_and_the_proposal_still_waits(make):
    session = make(policy=Policy(kind=PolicyKind.ASK), ahead=1)
    drive(session, lambda s: s.pending == 1)
    (proposal,) = proposals.pending(session.store, session.study.id)
    with pytest.raises(SpaceError, match="x = 9 is above its upper bound 2"):
        session.approve(proposal, {"x": 9, "y": 0})
    assert proposals.get(session.store, proposal.id).state is ProposalState.PENDING


def test_a_rejected_config_is_not_proposed_again(make):
    session = make(policy=Policy(kind=PolicyKind.ASK), ahead=1)
    seen = []
    for _ in range(4):
        drive(session, lambda s: s.pending == 1)
        (proposal,) = proposals.pending(session.store, session.study.id)
        session.reject(proposal, "not this")
        seen.append(tuple(proposal.params.values()))
    assert len(set(seen)) == 4
    assert session.trials == []


def test_auto_until_stops_at_its_clause_and_then_asks(make):
    session = make(policy=Policy(kind=PolicyKind.AUTO_UNTIL, trials=2), budget=Budget(trials=10))
    status = drive(session, lambda s: s.state == "waiting")
    assert len(session.trials) == 2
    assert status.pending == 1


def test_ask_unless_safe_asks_for_what_is_far_from_everything_completed(make):
    session = make(policy=Policy(kind=PolicyKind.ASK_UNLESS_SAFE, nearness=0.1), budget=Budget(trials=10))
    drive(session, lambda s: s.state == "waiting")
    session.approve(proposals.pending(session.store, session.study.id)[0])
    drive(session, lambda s: s.ended == 1 and s.pending == 1)
    for proposal in proposals.pending(session.store, session.study.id):
        session.reject(proposal)
    session.propose({"x": 1.01, "y": 1.0})
    drive(session, lambda s: s.ended == 2)
    assert "safe" in proposals.decision(session.store, session.trials[1].proposal_id).clause


def test_two_sessions_on_one_study_spend_its_budget_once(make):
    one, two = make(budget=Budget(trials=8), engine=EngineSpec(jobs=2)), make()
    end = time.monotonic() + 60
    while not (finished(one.tick()) and finished(two.tick())):
        assert time.monotonic() < end
        time.sleep(0.01)
    found = trials.all_trials(one.store, one.study.id)
    assert [t.number for t in found] == list(range(8))
    assert len({tuple(t.params.values()) for t in found}) == 8


@pytest.mark.parametrize("search", ["random", "tpe"])
def test_a_resumed_study_goes_on_as_an_uninterrupted_one(make, search):
    whole = make("whole", search=search, budget=Budget(trials=9))
    drive(whole, finished)
    for part in range(3):
        session = make("parts", search=search, budget=Budget(trials=9))
        drive(session, lambda s, part=part: s.ended >= 3 * (part + 1))
        session.close()
    last = make("parts")
    drive(last, finished)
    assert [t.params for t in last.trials] == [t.params for t in whole.trials]


def test_the_total_time_ends_the_study_and_what_waits_in_it(make):
    session = make("t", "slow", budget=Budget(total_seconds=1.0), policy=Policy(kind=PolicyKind.WATCH))
    status = drive(session, finished)
    assert status.reason == "the total time is spent"
    assert session.trials[0].state is TrialState.COMPLETED
    assert session.trials[0].cut_short
    assert proposals.pending(session.store, session.study.id) == []


def test_stop_ends_a_running_trial_and_a_second_stop_says_so(make):
    session = make("stop", "slow", budget=Budget(trials=1))
    drive(session, lambda s: s.running == 1)
    session.stop(session.trials[0])
    drive(session, finished)
    assert session.trials[0].state is TrialState.STOPPED
    with pytest.raises(TunewrightError, match="already ended"):
        session.stop(session.trials[0])


def test_a_search_with_nothing_more_to_say_finishes_the_study(make):
    session = make(search="default", budget=Budget(trials=50))
    assert "nothing more to propose" in drive(session, finished).reason
    assert len(session.trials) == 1


def test_a_config_already_tried_is_not_taken_twice(make):
    session = make(budget=Budget(trials=1))
    drive(session, finished)
    with pytest.raises(TunewrightError, match="t0 has already tried this config"):
        session.propose(dict(session.trials[0].params))


def test_policy_and_budget_changes_reach_the_other_fronts(make):
    one, two = make(policy=Policy(kind=PolicyKind.ASK), ahead=1), make()
    one.set_policy(Policy(kind=PolicyKind.WATCH))
    one.set_budget(Budget(trials=2))
    drive(two, finished)
    assert two.spec.policy.kind == PolicyKind.WATCH
    assert len(two.trials) == 2


def test_a_killed_proposer_is_replaced_and_the_proposal_is_the_same(make):
    calm, shot = (
        make("calm", search="tpe", budget=Budget(trials=3)),
        make("shot", search="tpe", budget=Budget(trials=3)),
    )
    drive(calm, finished)
    for _ in range(2):
        drive(shot, lambda s: shot._preparation.busy)
        os.kill(shot._preparation._client._helper.pid, signal.SIGKILL)
    drive(shot, finished)
    assert [t.params for t in shot.trials] == [t.params for t in calm.trials]


@pytest.mark.parametrize(("wanted", "said"), [(2, "wants 2 GPUs"), (0.5, "wants 0.5 of a GPU")])
def test_a_study_that_wants_more_gpus_than_there_are_says_so_instead_of_waiting_for_ever(
    make, monkeypatch, wanted, said
):
    monkeypatch.setattr("trainers.engines.devices.count", lambda: 0)
    session = make(engine=EngineSpec(gpus_per_trial=wanted))
    status = drive(session, finished)
    assert said in status.reason and "this machine shows 0" in status.reason
    assert status.queued == 1


# -- seeds ---------------------------------------------------------------------


def test_with_one_job_no_config_is_proposed_before_the_seeds_of_the_last_have_ended(make):
    session = make(seeds=3, budget=Budget(trials=7), search="tpe")
    drive(session, finished)
    found = session.trials
    assert [t.seed for t in found] == [0, 1, 2, 0, 1, 2, 0]  # the last group has what the budget left
    assert [t.proposal_id for t in found[:3]] == [found[0].proposal_id] * 3
    made = {p.id: p for p in proposals.all_of(session.store, session.study.id)}
    for later in found[3:]:
        before = [t for t in found if t.proposal_id < later.proposal_id]
        assert all(t.ended_at <= made[later.proposal_id].created for t in before)


def test_a_study_of_seeds_killed_in_a_group_goes_on_with_what_it_would_have_proposed(make):
    whole = make("whole", seeds=2, budget=Budget(trials=8), search="tpe")
    drive(whole, finished)
    cut = make("cut", seeds=2, budget=Budget(trials=8), search="tpe", options={"pause": 0.01})
    drive(cut, lambda status: status.ended >= 3)
    if pid := runner_pid(cut.store.path):
        os.kill(pid, signal.SIGKILL)
    cut.close()
    again = make("cut")
    drive(again, finished)
    assert [(t.params, t.seed) for t in again.trials] == [(t.params, t.seed) for t in whole.trials]
