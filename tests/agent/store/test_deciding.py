"""Proposals, decisions and the queue: each settled once, each trial claimed once, whoever asks at once."""

from __future__ import annotations

import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from agent.store import events, proposals, studies, trials
from agent.store.connection import open_store
from agent.store.events import EventKind
from agent.store.proposals import AlreadyDecidedError
from agent.study.nouns import Draft, Evidence, ProposalState, Source, TrialState
from tests.agent.stores import GOOD, OOM, add_trial, fill, make_study
from trainers.errors import TunewrightError
from trainers.space import config_key


@pytest.fixture
def store(tmp_path):
    with open_store(tmp_path / "s.sqlite") as store:
        yield store


def draft(**changes):
    return Draft(source=Source.GP, params={**GOOD, **changes})


IMPORTS = """
    from agent.store import proposals, trials
    from agent.store.connection import open_store
    from agent.study.nouns import Draft, Source, TrialState
"""


def at_once(imports: str, code: str, *arguments: str, count: int = 8) -> list[str]:
    """What `count` processes print that run `code` at the same moment, having done `imports`."""
    program = f"""
import os, sys, time
{textwrap.dedent(imports)}
moment = time.time() + 0.4
for _ in range({count}):
    if os.fork() == 0:
        store = open_store(sys.argv[1])
        while time.time() < moment:
            pass
        try:
            os.write(1, (run(store) + "\\n").encode())
        finally:
            os._exit(0)
for _ in range({count}):
    os.wait()
"""
    body = "def run(store):\n" + textwrap.indent(textwrap.dedent(code), "    ")
    command = [sys.executable, "-c", program.replace("moment = ", body + "\nmoment = ", 1), *arguments]
    printed = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=60, check=True).stdout.splitlines()
    assert len(printed) == count
    return printed


# -- studies ---------------------------------------------------------------------------


def test_a_name_is_taken_once(store):
    study = make_study(store, name="日本 'quoted' \"name\" ; DROP TABLE study")
    assert studies.get(store, study.name) == study
    with pytest.raises(TunewrightError, match="already exists"):
        make_study(store, name=study.name)
    with pytest.raises(TunewrightError, match=r"There are no studies|Did you mean|Known"):
        studies.get(store, "toi")


def test_a_change_of_the_spec_is_kept_and_told(store):
    study = make_study(store)
    studies.update(store, study.id, study.spec.replace(search="gp"), who="person", what="search gp")
    assert studies.by_id(store, study.id).spec.search == "gp"
    last = list(events.since(store, study.id, 0))[-1]
    assert (last.kind, last.data) == (EventKind.STUDY_CHANGED, {"who": "person", "what": "search gp"})


# -- proposals ---------------------------------------------------------------------------


def test_a_proposal_comes_back_as_it_went(store):
    study = make_study(store)
    evidence = (
        Evidence(kind="trial", text="t3 diverged", trial=3),
        Evidence(kind="metric", text="nan", metric="ü", step=5),
    )
    written = Draft(
        source=Source.LLM, params=GOOD, rationale="wegen «t3»", evidence=evidence, expected=(0.1, 0.3), confidence=0.5
    )
    (proposal,) = proposals.add(store, study.id, [written], expected_seconds=12.5)
    assert proposal == proposals.get(store, proposal.id)
    for name in ("source", "params", "rationale", "evidence", "expected", "confidence"):
        assert getattr(proposal, name) == getattr(written, name)
    assert (proposal.number, proposal.state, proposal.expected_seconds) == (0, ProposalState.PENDING, 12.5)
    assert proposals.pending(store, study.id) == [proposal]


def test_a_number_that_is_taken_adds_nothing(store):
    study = make_study(store)
    assert [p.number for p in proposals.add(store, study.id, [draft(), draft(layers=3)], number=0)] == [0, 1]
    assert proposals.add(store, study.id, [draft(layers=4)], number=1) == []
    assert proposals.add(store, study.id, [draft(layers=4)], number=3) == []
    assert [p.number for p in proposals.add(store, study.id, [draft(layers=4)])] == [2]
    other = make_study(store, name="other")
    assert [p.number for p in proposals.add(store, other.id, [draft()], number=0)] == [0]


def test_of_eight_fronts_that_add_the_same_number_one_does(store):
    study = make_study(store)
    code = """
        return str(len(proposals.add(store, 1, [Draft(source=Source.GP, params={"layers": 2})], number=0)))
    """
    assert sorted(at_once(IMPORTS, code, str(store.path))) == ["0"] * 7 + ["1"]
    assert len(proposals.pending(store, study.id)) == 1


def test_approving_queues_a_trial_and_tells_why(store):
    study = make_study(store, seed=42)
    (proposal,) = proposals.add(store, study.id, [draft()])
    number = proposals.approve(store, proposal, actor="policy", clause="watch: everything runs")
    trial = trials.get(store, study.id, number)
    assert (trial.state, trial.params, trial.source, trial.seed) == (TrialState.QUEUED, proposal.params, Source.GP, 42)
    decided = proposals.decision(store, proposal.id)
    assert (decided.actor, decided.action, decided.clause) == (
        "policy",
        ProposalState.APPROVED,
        "watch: everything runs",
    )
    kinds = [e.kind for e in events.since(store, study.id, 0)]
    assert kinds == [EventKind.STUDY_CREATED, EventKind.PROPOSED, EventKind.DECIDED]


def test_an_edit_is_the_persons_own_config_and_no_edit_is_none(store):
    study = make_study(store)
    first, second = proposals.add(store, study.id, [draft(), draft(layers=3)])
    edited = {**GOOD, "layers": 7}
    trial = trials.get(store, study.id, proposals.approve(store, first, actor="person", params=edited))
    assert (trial.params, trial.source) == (edited, Source.PERSON)
    assert proposals.get(store, first.id).state is ProposalState.EDITED
    assert proposals.decision(store, first.id).params == edited
    trial = trials.get(store, study.id, proposals.approve(store, second, actor="person", params=dict(second.params)))
    assert trial.source is Source.GP
    assert proposals.get(store, second.id).state is ProposalState.APPROVED


def test_a_settled_proposal_stays_settled(store):
    study = make_study(store)
    first, second = proposals.add(store, study.id, [draft(), draft(layers=3)])
    proposals.approve(store, first, actor="person")
    proposals.reject(store, second, actor="person", reason="too deep")
    for proposal, state in ((first, "approved"), (second, "rejected")):
        with pytest.raises(AlreadyDecidedError, match=f"is already {state}"):
            proposals.approve(store, proposal, actor="person")
        with pytest.raises(AlreadyDecidedError):
            proposals.reject(store, proposal, actor="person")
    assert len(trials.all_trials(store, study.id)) == 1
    assert proposals.decision(store, second.id).reason == "too deep"
    assert proposals.pending(store, study.id) == []


def test_of_eight_fronts_that_approve_each_proposal_one_does(store):
    study = make_study(store)
    proposals.add(store, study.id, [draft(lr=0.001 + n / 10_000) for n in range(12)])
    code = """
        mine = []
        for proposal in proposals.pending(store, 1):
            try:
                mine.append(proposals.approve(store, proposal, actor="person"))
            except proposals.AlreadyDecidedError:
                pass
        return " ".join(map(str, mine))
    """
    numbers = [int(n) for line in at_once(IMPORTS, code, str(store.path)) for n in line.split()]
    assert sorted(numbers) == list(range(12))
    found = trials.all_trials(store, study.id)
    assert len({t.proposal_id for t in found}) == len(found) == 12
    assert sum(e.kind is EventKind.DECIDED for e in events.since(store, study.id, 0)) == 12


def test_every_config_that_was_proposed_or_run_is_taken(store):
    study = make_study(store)
    first, second = proposals.add(store, study.id, [draft(), draft(layers=3)])
    edited = {**GOOD, "layers": 7}
    proposals.approve(store, first, actor="person", params=edited)
    proposals.reject(store, second, actor="person")
    proposals.add(store, make_study(store, name="other").id, [draft(layers=5)])
    assert proposals.taken_keys(store, study.id) == {config_key(c) for c in (GOOD, {**GOOD, "layers": 3}, edited)}


# -- trials ------------------------------------------------------------------------------


def test_of_eight_runners_each_trial_is_claimed_by_one(store):
    study = make_study(store)
    for n in range(15):
        add_trial(store, study, {**GOOD, "lr": 0.001 + n / 10_000}, TrialState.QUEUED)
    code = """
        queued = trials.in_state(store, TrialState.QUEUED)
        mine = [t.number for t in queued if trials.claim(store, t.id, "runs/x") is not None]
        return " ".join(map(str, mine))
    """
    claimed = [int(n) for line in at_once(IMPORTS, code, str(store.path)) for n in line.split()]
    assert sorted(claimed) == list(range(15))
    for trial in trials.all_trials(store, study.id):
        assert (trial.state, trial.attempts, len(trials.attempts(store, trial.id))) == (TrialState.RUNNING, 1, 1)


def test_the_queue_is_first_come_first_served_over_all_studies(store):
    one, other = make_study(store), make_study(store, name="other")
    order = [
        (study.id, add_trial(store, study, {**GOOD, "layers": n}, TrialState.QUEUED))
        for n, study in enumerate((one, other, one), 1)
    ]
    assert [(t.study_id, t.number) for t in trials.in_state(store, TrialState.QUEUED)] == order


def queued(store, study=None):
    study = study or make_study(store)
    return trials.get(store, study.id, add_trial(store, study, GOOD, TrialState.QUEUED))


def end(store, attempt, state=TrialState.FAILED, *, retry=False, value=None):
    failure = OOM if state is TrialState.FAILED else None
    trials.end(
        store,
        attempt,
        state,
        value=value,
        failure=failure,
        outcome={"state": str(state)},
        retry=retry,
        ended_at=time.time(),
    )


def test_a_retry_is_the_same_trial_with_another_attempt(store):
    trial = queued(store)
    first = trials.claim(store, trial.id, "runs/toy/0")
    assert trials.open_attempts(store) == [first]
    end(store, first, retry=True)
    assert trials.by_id(store, trial.id).state is TrialState.QUEUED
    assert trials.by_id(store, trial.id).ended_at is None
    second = trials.claim(store, trial.id, "runs/toy/0.2")
    assert (second.number, second.run_dir) == (2, "runs/toy/0.2")
    end(store, second, TrialState.COMPLETED, value=0.25)
    done = trials.by_id(store, trial.id)
    assert (done.state, done.value, done.failure, done.attempts) == (TrialState.COMPLETED, 0.25, None, 2)
    assert [a["outcome"]["state"] for a in trials.attempts(store, trial.id)] == ["failed", "completed"]
    assert trials.open_attempts(store) == []
    kinds = [e.kind for e in events.since(store, trial.study_id, 0)][3:]
    assert kinds == [EventKind.TRIAL_STARTED, EventKind.TRIAL_RETRIED, EventKind.TRIAL_STARTED, EventKind.TRIAL_ENDED]


def test_an_attempt_ends_once(store):
    trial = queued(store)
    attempt = trials.claim(store, trial.id, "runs/toy/0")
    end(store, attempt, TrialState.COMPLETED, value=0.5)
    end(store, attempt, TrialState.FAILED, retry=True)
    assert trials.by_id(store, trial.id).state is TrialState.COMPLETED
    assert sum(e.kind is EventKind.TRIAL_ENDED for e in events.since(store, trial.study_id, 0)) == 1


def test_a_stop_that_was_asked_for_while_it_died_wins_over_the_retry(store):
    trial = queued(store)
    attempt = trials.claim(store, trial.id, "runs/toy/0")
    trials.request_stop(store, trial, "enough")
    end(store, attempt, retry=True)
    stopped = trials.by_id(store, trial.id)
    assert (stopped.state, stopped.failure, stopped.stop_requested) == (TrialState.STOPPED, None, "enough")


def test_a_queued_trial_that_is_stopped_cannot_be_claimed(store):
    trial = queued(store)
    trials.request_stop(store, trial, "changed my mind")
    assert trials.by_id(store, trial.id).state is TrialState.STOPPED
    assert trials.claim(store, trial.id, "runs/toy/0") is None
    assert trials.attempts(store, trial.id) == []


def test_a_trial_that_has_ended_is_not_stopped_any_more(store):
    trial = queued(store)
    end(store, trials.claim(store, trial.id, "runs/toy/0"), TrialState.COMPLETED, value=0.5)
    before = events.last_id(store, trial.study_id)
    trials.request_stop(store, trial, "too late")
    assert trials.by_id(store, trial.id).stop_requested is None
    assert events.last_id(store, trial.study_id) == before


def test_a_failure_comes_back_as_it_went(store):
    trial = queued(store)
    end(store, trials.claim(store, trial.id, "runs/toy/0"))
    assert trials.by_id(store, trial.id).failure == OOM


def test_a_number_that_is_not_there_is_said_with_those_that_are(store):
    study = fill(store)
    with pytest.raises(TunewrightError, match="The study has trials 0 to 6"):
        trials.get(store, study.id, 99)
    with pytest.raises(TunewrightError, match="no trials yet"):
        trials.get(store, make_study(store, name="other").id, 0)


def test_the_job_is_remembered_for_the_next_runner(store):
    trial = queued(store)
    attempt = trials.claim(store, trial.id, "runs/toy/0")
    trials.set_job(store, attempt.id, {"gpus": ["1"], "share": 0.5, "threads": 2})
    with open_store(store.path) as other:
        (found,) = trials.open_attempts(other)
    assert (found.state, dict(found.job)) == ("running", {"gpus": ["1"], "share": 0.5, "threads": 2})
    assert Path(found.run_dir) == Path("runs/toy/0")
