"""A proposal makes as many trials as its study runs seeds, and a group that has told enough is not run on."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from agent.store import events, proposals, trials
from agent.store.connection import Store, open_store
from agent.store.studies import Study
from agent.study.nouns import Draft, Proposal, Source, TrialState
from agent.study.spec import Budget
from tests.agent.stores import GOOD, OOM, make_study, toy_store
from trainers.contract import Failure, FailureKind

LOST = Failure(kind=FailureKind.LOST, message="its worker vanished")


@pytest.fixture
def store(tmp_path: Path):
    with open_store(tmp_path / "s.sqlite") as store:
        yield store


def proposed(store: Store, study: Study, seeds: int | None = None, **changes: object) -> Proposal:
    draft = Draft(source=Source.GP, params={**GOOD, **changes}, seeds=seeds)
    return proposals.add(store, study.id, [draft])[0]


def ended(store: Store, study: Study, number: int, state: TrialState, failure: Failure | None = None) -> None:
    trial = trials.get(store, study.id, number)
    attempt = trials.claim(store, trial.id, f"runs/{number}")
    assert attempt is not None
    value = 0.5 if state is TrialState.COMPLETED else None
    trials.end(store, attempt, state, value=value, failure=failure, outcome={}, retry=False, ended_at=1.0)


def states(store: Store, study: Study) -> list[str]:
    return [str(t.state) for t in trials.all_trials(store, study.id)]


def test_every_approved_proposal_is_run_with_each_seed(store: Store) -> None:
    study = make_study(store, seeds=3, seed=40)
    assert proposals.approve(store, proposed(store, study), actor="person") == 0
    assert proposals.approve(store, proposed(store, study, lr=2e-3), actor="policy") == 3
    found = trials.all_trials(store, study.id)
    assert [(t.number, t.seed, t.proposal_id) for t in found] == [
        (n, 40 + n % 3, found[0].proposal_id if n < 3 else found[3].proposal_id) for n in range(6)
    ]
    assert len({t.key for t in found[:3]}) == 1
    queued = [e for e in events.since(store, study.id, 0) if e.kind is events.EventKind.TRIAL_QUEUED]
    assert [e.trial_id for e in queued] == [found[n].id for n in (1, 2, 4, 5)]


def test_a_config_that_is_run_again_takes_seeds_it_has_not_had(store: Store) -> None:
    study = make_study(store, seeds=2, budget=Budget())
    proposals.approve(store, proposed(store, study), actor="person")
    ended(store, study, 0, TrialState.COMPLETED)
    ended(store, study, 1, TrialState.FAILED, LOST)  # by accident: its seed told nothing
    proposals.approve(store, proposed(store, study, seeds=3), actor="person")
    found = trials.all_trials(store, study.id)
    assert [t.seed for t in found] == [0, 1, 1, 2, 3]
    assert [t.kept for t in found] == [False, False, True, True, True]  # what is run again is not pruned


def test_the_last_group_takes_what_the_budget_has_left_and_is_never_empty(store: Store) -> None:
    study = make_study(store, seeds=3, budget=Budget(trials=4))
    drafts = [Draft(source=Source.GP, params={**GOOD, "layers": n}) for n in (1, 2, 3)]
    kept = proposals.add(store, study.id, drafts, most_trials=4)
    assert len(kept) == 2
    for proposal in kept:
        proposals.approve(store, proposal, actor="policy")
    assert len(states(store, study)) == 4
    asked = proposed(store, study, seeds=2, layers=7)  # a person's own wish goes beyond
    proposals.approve(store, asked, actor="person")
    assert len(states(store, study)) == 6


def test_a_deterministic_failure_spares_the_rest_of_its_group(store: Store) -> None:
    study = make_study(store, seeds=3)
    proposals.approve(store, proposed(store, study), actor="person")
    proposals.approve(store, proposed(store, study, lr=2e-3), actor="person")
    ended(store, study, 0, TrialState.FAILED, OOM)
    assert states(store, study) == ["failed", "stopped", "stopped", "queued", "queued", "queued"]
    spared = trials.get(store, study.id, 1)
    assert spared.stop_requested == "like t0, which failed: cuda out of memory" and spared.spared
    told = [e.trial_id for e in events.since(store, study.id, 0) if e.kind is events.EventKind.TRIAL_ENDED]
    assert len(told) == 3


def test_a_transient_failure_and_a_success_spare_nothing(store: Store) -> None:
    study = make_study(store, seeds=3)
    proposals.approve(store, proposed(store, study), actor="person")
    ended(store, study, 0, TrialState.FAILED, LOST)
    ended(store, study, 1, TrialState.COMPLETED)
    assert states(store, study) == ["failed", "completed", "queued"]


def test_a_pruned_run_spares_the_rest_and_leaves_what_runs(store: Store) -> None:
    study = make_study(store, seeds=3)
    proposals.approve(store, proposed(store, study), actor="person")
    running = trials.claim(store, trials.get(store, study.id, 1).id, "runs/1")
    assert running is not None
    ended(store, study, 0, TrialState.PRUNED)
    assert states(store, study) == ["pruned", "running", "stopped"]


def test_stopping_a_running_one_spares_its_group_and_a_queued_one_only_itself(store: Store) -> None:
    study = make_study(store, seeds=3, budget=Budget())
    proposals.approve(store, proposed(store, study), actor="person")
    trials.request_stop(store, trials.get(store, study.id, 2), "enough")
    assert states(store, study) == ["queued", "queued", "stopped"]
    assert trials.claim(store, trials.get(store, study.id, 0).id, "runs/0") is not None
    trials.request_stop(store, trials.get(store, study.id, 0), "hopeless")
    assert states(store, study) == ["running", "stopped", "stopped"]


def test_a_killed_approval_leaves_the_whole_group_or_none_of_it(store: Store, tmp_path: Path) -> None:
    study = make_study(store, seeds=50, budget=Budget())
    proposed(store, study)
    code = f"""if True:
        import os, signal, threading, time
        from agent.store import proposals
        from agent.store.connection import open_store
        from agent.store import seeds
        store = open_store({str(store.path)!r})
        first = proposals._queue
        def queue(*given):
            if given[2] == 20:
                os.kill(os.getpid(), signal.SIGKILL)
            return first(*given)
        proposals._queue = queue
        proposals.approve(store, proposals.pending(store, {study.id})[0], actor="person")
    """
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode < 0
    assert states(store, study) == []
    [waiting] = proposals.pending(store, study.id)
    proposals.approve(store, waiting, actor="person")
    assert len(states(store, study)) == 50


def test_a_store_from_before_keeps_its_trials_and_takes_groups(tmp_path: Path) -> None:
    """The table of trials is made anew without the rule that a proposal makes one trial."""
    from agent.store import schema

    path = toy_store(tmp_path / "now.sqlite")
    with open_store(path) as store:
        rows = store.conn.execute("SELECT * FROM trial ORDER BY id").fetchall()
        study_id = store.one("SELECT id FROM study")["id"]  # type: ignore[index]
    conn = sqlite3.connect(path)
    [sql] = conn.execute("SELECT sql FROM sqlite_master WHERE name = 'trial'").fetchone()
    assert "proposal_id INTEGER NOT NULL REFERENCES proposal(id)" in sql
    old = sql.replace("trial", "old_trial", 1).replace(
        "NOT NULL REFERENCES proposal", "NOT NULL UNIQUE REFERENCES proposal"
    )
    conn.executescript(
        f"{old}; INSERT INTO old_trial SELECT * FROM trial; DROP TABLE trial; ALTER TABLE old_trial RENAME TO trial;"
        "DROP INDEX IF EXISTS trial_proposal; DROP INDEX IF EXISTS trial_config;"
        "CREATE INDEX trial_open ON trial (state) WHERE state IN ('queued', 'running');"
        "ALTER TABLE proposal DROP COLUMN seeds; DELETE FROM _sqlite_migrations WHERE name = 'm004_repeats';"
        f"PRAGMA user_version = {len(list(schema.migrations.pending(_empty()))) - 1}"
    )
    conn.close()
    with open_store(path) as store:
        assert store.conn.execute("SELECT * FROM trial ORDER BY id").fetchall() == rows
        [proposal] = proposals.add(store, study_id, [Draft(source=Source.GP, params={**GOOD, "layers": 8}, seeds=2)])
        first = proposals.approve(store, proposal, actor="person")
        assert [t.number for t in trials.all_trials(store, study_id)][-2:] == [first, first + 1]
    assert list(tmp_path.glob("now.sqlite.v*.bak"))


def _empty():
    from sqlite_utils import Database

    return Database(memory=True)
