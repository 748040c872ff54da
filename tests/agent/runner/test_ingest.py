"""From the run folder into the store: every report once, whatever else is in the file and whatever fails."""

from __future__ import annotations

import math
import sqlite3

import pytest

from agent.runner.ingest import Follow, Ingest
from agent.store import events, points, trials
from agent.store.connection import open_store
from agent.study.nouns import TrialState
from tests.agent.stores import GOOD, add_trial, make_study
from trainers import rundir


@pytest.fixture
def store(tmp_path):
    with open_store(tmp_path / "s.sqlite") as store:
        yield store


@pytest.fixture
def follow(store):
    study = make_study(store)
    trial = trials.get(store, study.id, add_trial(store, study, GOOD, TrialState.RUNNING))
    return followed(store, trial)


def followed(store, trial):
    """The trial as a runner that has just started follows it."""
    (attempt,) = trials.open_attempts(store)
    run_dir = store.folder / attempt.run_dir
    run_dir.mkdir(parents=True, exist_ok=True)
    return Follow(attempt.id, trial.id, trial.study_id, "loss", run_dir, attempt.offset)


def write(follow, *reports):
    writer = rundir.ReportWriter(follow.run_dir)
    for step, metrics in reports:
        writer.write(step, metrics)
    assert writer.close() == b""


def write_raw(follow, raw):
    with open(follow.run_dir / rundir.REPORTS, "ab") as file:
        file.write(raw)


def drain(store, *follows):
    ingest = Ingest(store)
    while ingest.take(follows):
        pass


def steps(store, follow, metric="loss"):
    return points.curve(store, follow.trial_id, metric).steps


def test_metrics_of_one_report_arrive_together_and_in_order(store, follow):
    write(follow, (0, {"loss": 1.0, "acc": 0.5}), (1, {"acc": 0.6}), (2, {"日本": 3.0, "loss": math.inf}))
    drain(store, follow)
    found = points.curves(store, follow.trial_id)
    assert {name: (c.steps, c.values) for name, c in found.items()} == {
        "loss": ([0, 2], [1.0, math.inf]),
        "acc": ([0, 1], [0.5, 0.6]),
        "日本": ([2], [3.0]),
    }


def test_the_next_runner_goes_on_where_the_last_commit_was(store, follow):
    write(follow, *((n, {"loss": 1.0}) for n in range(5)))
    drain(store, follow)
    write(follow, *((n, {"loss": 1.0}) for n in range(5, 8)))
    drain(store, followed(store, trials.by_id(store, follow.trial_id)))
    assert steps(store, follow) == list(range(8))


def test_what_could_not_be_committed_is_taken_again_and_once(store, follow):
    ingest = Ingest(store)
    write(follow, (0, {"loss": 1.0}))
    assert ingest.take([follow]) == 1
    write(follow, (1, {"loss": 1.0, "new": 2.0}), (2, {"new": 3.0}))
    store.conn.execute(
        "CREATE TRIGGER full BEFORE INSERT ON point WHEN NEW.step = 2 BEGIN SELECT RAISE(ABORT, 'no'); END"
    )
    for _ in range(2):
        with pytest.raises(sqlite3.IntegrityError, match="no"):
            ingest.take([follow])
        assert steps(store, follow) == [0]
    store.conn.execute("DROP TRIGGER full")
    assert ingest.take([follow]) == 2
    assert (steps(store, follow), steps(store, follow, "new")) == ([0, 1], [1, 2])
    assert ingest.take([follow]) == 0


@pytest.mark.parametrize("garbage", [b"x" * 5000, b"x" * 200 + b"\n", b"nothing\n" * 400, b"\n\r\n\x00\xff\n"])
def test_garbage_longer_than_a_read_does_not_hide_what_comes_after_it(store, follow, monkeypatch, garbage):
    monkeypatch.setattr(rundir, "READ_CHUNK", 512)
    write(follow, (0, {"loss": 1.0}))
    write_raw(follow, garbage + b"\n")
    write(follow, (1, {"loss": 1.0}))
    drain(store, follow)
    assert steps(store, follow) == [0, 1]
    told = [e for e in events.since(store, follow.study_id, 0) if e.kind is events.EventKind.REPORTS_SKIPPED]
    assert len(told) == 1


def test_the_trial_shows_its_newest_step_and_its_newest_value_that_is_one(store, follow):
    seen = []
    for reports in ([(0, {"loss": 0.5, "acc": 1.0})], [(1, {"acc": 0.9})], [(2, {"loss": math.nan})], [(3, {})]):
        write(follow, *reports)
        drain(store, follow)
        trial = trials.by_id(store, follow.trial_id)
        seen.append((trial.last_step, trial.last_value))
    assert seen == [(0, 0.5), (1, 0.5), (2, 0.5), (3, 0.5)]
    write(follow, (4, {"loss": 0.25, "acc": 0.1}), (5, {"acc": 0.2}))
    drain(store, follow)
    assert trials.by_id(store, follow.trial_id).last_value == 0.25
    write(follow, (6, {"loss": 7.5}), (7, {"loss": math.nan}))  # in one batch: the value before it broke
    drain(store, follow)
    assert trials.by_id(store, follow.trial_id).last_value == 7.5
