"""Points, journal and small things: nothing missed, nothing twice, whatever the values and whoever else writes."""

from __future__ import annotations

import math
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.store import diagnoses, errors, events, points, trials
from agent.store import settings as small
from agent.store.connection import StoreError, open_store
from agent.study.nouns import Diagnosis, Evidence, TrialState
from tests.agent.stores import GOOD, add_trial, fill, make_study


@pytest.fixture
def store(tmp_path):
    with open_store(tmp_path / "s.sqlite") as store:
        yield store


@pytest.fixture
def running(store):
    """A study's one trial, running, and its attempt."""
    study = make_study(store)
    trial = trials.get(store, study.id, add_trial(store, study, GOOD, TrialState.RUNNING))
    return trial, trials.open_attempts(store)[0]


def append(store, attempt, name, values, first=0):
    with store.transaction(durable=False):
        metric = points.Metrics(store).id(name)
        points.append(store, [(attempt.id, metric, first + i, v, 1.5) for i, v in enumerate(values)])


# -- points --------------------------------------------------------------------------


@given(st.lists(st.floats(width=64), max_size=20))
@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_value_comes_back_nan_and_infinities_too(store, running, values):
    trial, attempt = running
    store.conn.execute("DELETE FROM point")
    append(store, attempt, "loss", values)
    found = points.curve(store, trial.id, "loss")
    assert found.steps == list(range(len(values)))
    assert [repr(v) for v in found.values] == [repr(v + 0.0 if v == 0 else v) for v in values]
    assert found.ats == [1.5] * len(values)


def test_curves_come_in_the_order_reported_and_metrics_in_that_of_their_first(store, running):
    trial, attempt = running
    append(store, attempt, "zeta", [1.0])
    append(store, attempt, "日本 / loss", [2.0, 3.0], first=10)
    append(store, attempt, "zeta", [4.0], first=-5)
    assert points.metrics(store, trial.id) == ["zeta", "日本 / loss"]
    assert points.curves(store, trial.id) == {
        "zeta": ([0, -5], [1.0, 4.0], [1.5, 1.5]),
        "日本 / loss": ([10, 11], [2.0, 3.0], [1.5, 1.5]),
    }
    assert points.curve(store, trial.id, "none") == ([], [], [])


def test_a_trial_retried_from_its_first_step_shows_its_latest_attempt_once_that_has_reported(store, running):
    trial, attempt = running
    append(store, attempt, "loss", [1.0, 2.0])
    trials.end(store, attempt, TrialState.FAILED, value=None, failure=None, outcome={}, retry=True, ended_at=2.0)
    again = trials.claim(store, trial.id, "runs/toy/0.2")
    assert points.curve(store, trial.id, "loss").values == [1.0, 2.0]
    append(store, again, "loss", [3.0])
    assert points.curve(store, trial.id, "loss").values == [3.0]
    assert [p.value for p in points.since(store, [trial.id], 0)] == [3.0]


def test_an_attempt_that_goes_on_from_a_checkpoint_takes_the_place_of_what_was_after_it_and_of_no_more(store, running):
    trial, attempt = running
    append(store, attempt, "loss", [1.0, 2.0, 3.0, 4.0])
    append(store, attempt, "lost", [7.0], first=3)
    trials.end(store, attempt, TrialState.FAILED, value=None, failure=None, outcome={}, retry=True, ended_at=2.0)
    again = trials.claim(store, trial.id, "runs/toy/0.2")
    append(store, again, "loss", [30.0, 40.0], first=2)
    assert points.curve(store, trial.id, "loss") == ([0, 1, 2, 3], [1.0, 2.0, 30.0, 40.0], [1.5] * 4)
    assert points.metrics(store, trial.id) == ["loss"]
    assert [points.value_at(store, trial.id, "loss", step) for step in (1, 3, 9)] == [2.0, 40.0, None]
    assert points.latest(store, trial.id) == {"loss": (3, 40.0)}


def test_a_cursor_misses_nothing_and_repeats_nothing_while_others_write(store, running):
    trial, _ = running
    code = """if True:
        import sys
        from agent.store import points, trials
        from agent.store.connection import open_store
        store = open_store(sys.argv[1])
        attempt = trials.open_attempts(store)[0]
        name = sys.argv[2]
        for group in range(60):
            with store.transaction(durable=False):
                metric = points.Metrics(store).id(name)
                points.append(store, [(attempt.id, metric, group * 7 + i, 0.5, 1.0) for i in range(7)])
    """
    writers = [subprocess.Popen([sys.executable, "-c", code, str(store.path), name]) for name in "abc"]
    seen: dict[str, list[int]] = {name: [] for name in "abc"}
    cursor, ids = 0, []
    while True:
        over = all(writer.poll() is not None for writer in writers)
        found = points.since(store, [trial.id], cursor, limit=50)
        for point in found:
            seen[point.metric].append(point.step)
            ids.append(point.id)
        cursor = found[-1].id if found else cursor
        if over and not found:
            break
    assert all(writer.returncode == 0 for writer in writers)
    assert ids == sorted(set(ids)) and cursor == points.last_id(store)
    assert seen == {name: list(range(420)) for name in "abc"}


def test_a_cursor_costs_what_is_new_not_what_is_there(store, running):
    trial, attempt = running
    for start in range(0, 20_000, 5_000):
        append(store, attempt, "loss", [0.5] * 5_000, first=start)
    steps = 0

    def count():
        nonlocal steps
        steps += 1

    last = points.last_id(store)
    append(store, attempt, "loss", [0.25] * 10, first=20_000)
    store.conn.set_progress_handler(count, 10)
    assert len(points.since(store, [trial.id], last)) == 10
    store.conn.set_progress_handler(None, 0)
    assert steps < 500  # of ten instructions; reading all would take some 100,000


# -- the journal ---------------------------------------------------------------------


def test_the_journal_is_in_order_and_followed_by_cursor(store):
    study = fill(store)
    found = list(events.since(store, study.id, 0))
    assert [e.id for e in found] == sorted(e.id for e in found)
    assert events.last_id(store, study.id) == found[-1].id
    assert [e.at for e in found] == sorted(e.at for e in found)
    assert list(events.since(store, study.id, found[3].id)) == found[4:]
    assert list(events.since(store, study.id, found[3].id, limit=2)) == found[4:6]
    assert events.last_id(store, 999) == 0
    other = make_study(store, name="other")
    assert [e.study_id for e in events.since(store, other.id, 0)] == [other.id]


def test_a_reader_that_writes_in_the_middle_of_reading_is_not_locked_out(store):
    """A cursor left open would keep its snapshot, and SQLite refuses a write on top of an old one at once."""
    study = fill(store)
    with open_store(store.path) as other:
        for n, _ in enumerate(events.since(store, study.id, 0)):
            small.put(other, "a", "b", n)
            small.put(store, "c", "d", n)
        for n, _ in enumerate(store.query("SELECT * FROM trial")):
            small.put(other, "a", "b", n)
            small.put(store, "c", "d", n)


# -- settings and diagnoses ------------------------------------------------------------


@pytest.mark.parametrize("value", [None, 0, "", "ü'\"\n\0", [1, {"a": None}], {"draft": "why did 17 fail?"}, 1.5, True])
def test_settings_come_back(store, value):
    small.put(store, "front", "key", "before")
    small.put(store, "front", "key", value)
    assert small.take(store, "front", "key", "default") == value
    assert small.take(store, "front", "other", "default") == "default"
    assert small.take(store, "another", "key") is None


def test_a_trial_is_diagnosed_once(store):
    study = fill(store)
    assert diagnoses.missing(store, study.id) == [t.id for t in trials.all_trials(store, study.id) if t.state.ended]
    trial = trials.get(store, study.id, 2)
    evidence = (Evidence(kind="log", text="out of memory", line=3),)
    first = Diagnosis(verdict="oom", healthy=False, confidence=0.9, explanation="asked too much", evidence=evidence)
    assert diagnoses.put(store, trial, first)
    assert not diagnoses.put(store, trial, Diagnosis(verdict="other", healthy=True, confidence=0.1, explanation=""))
    assert diagnoses.get(store, trial.id) == first
    assert diagnoses.all_of(store, study.id) == {trial.id: first}
    assert trial.id not in diagnoses.missing(store, study.id)


# -- transactions ----------------------------------------------------------------------


def test_durable_waits_for_the_disk_and_the_rest_does_not(store):
    level = lambda: store.one("PRAGMA synchronous")["synchronous"]  # noqa: E731
    for durable, expected in ((True, 2), (False, 1), (True, 2), (True, 2)):
        with store.transaction(durable=durable):
            assert level() == expected


def test_what_fails_in_the_middle_is_undone_whole(store):
    study = fill(store)
    before = len(list(events.since(store, study.id, 0)))
    with suppress(KeyboardInterrupt), store.transaction():
        events.record(store, study.id, events.EventKind.ADVISED, text="x")
        raise KeyboardInterrupt
    assert len(list(events.since(store, study.id, 0))) == before
    small.put(store, "works", "on", 1)


def test_transactions_do_not_nest_and_the_outer_one_is_undone(store):
    with pytest.raises(AssertionError, match="do not nest"), store.transaction():
        store.conn.execute("INSERT INTO setting VALUES ('a', 'b', '1')")
        small.put(store, "a", "c", 2)
    assert store.query("SELECT * FROM setting") == []


def test_a_fault_of_ours_is_not_explained_away(store):
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        store.query("SELECT * FROM missing")
    with pytest.raises(sqlite3.IntegrityError), store.transaction():
        store.conn.execute("INSERT INTO setting VALUES (NULL, 'b', '1')")


def test_a_store_that_another_program_keeps_locked_is_said(store, monkeypatch):
    monkeypatch.setattr(errors, "BUSY_SECONDS", 0.2)
    with open_store(store.path) as other, other.transaction():
        hurried = open_store(store.path)
        with pytest.raises(StoreError, match=r"kept the store locked for 0.2 s"):
            small.put(hurried, "a", "b", 1)
        assert small.take(hurried, "a", "b") is None  # readers are never locked out
        hurried.close()
    small.put(store, "a", "b", 1)


def test_a_writer_waits_for_another(store):
    def hold():
        with open_store(store.path) as other, other.transaction():
            held.set()
            time.sleep(0.3)
            small_row = ("a", "b", "1")
            other.conn.execute("INSERT INTO setting VALUES (?, ?, ?)", small_row)

    held = threading.Event()
    thread = threading.Thread(target=hold)
    thread.start()
    held.wait()
    small.put(store, "a", "b", 2)
    thread.join()
    assert small.take(store, "a", "b") == 2


def test_version_changes_when_others_write_and_only_then(store):
    with open_store(store.path) as other:
        before = store.version()
        small.put(store, "a", "b", 1)
        assert store.version() == before
        small.put(other, "a", "b", 2)
        assert store.version() != before


def test_damage_met_while_reading_is_said(tmp_path):
    with open_store(tmp_path / "s.sqlite") as store:
        study = fill(store)
        (root,) = store.rows("SELECT rootpage FROM sqlite_master WHERE name = 'trial'")[0]
    data = bytearray((tmp_path / "s.sqlite").read_bytes())
    data[(root - 1) * 4096 : (root - 1) * 4096 + 100] = b"\xff" * 100
    (tmp_path / "s.sqlite").write_bytes(data)
    with open_store(tmp_path / "s.sqlite", check=False) as store, pytest.raises(StoreError, match="damaged"):
        trials.all_trials(store, study.id)


# -- a full disk -------------------------------------------------------------------------


@pytest.fixture
def small_disk(tmp_path):
    place = tmp_path / "small"
    place.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(place)], capture_output=True, check=False
    )
    if done.returncode:
        pytest.skip("may not mount a small file system here")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def _fill_disk(place: Path) -> Path:
    ballast = place / "ballast"
    with open(ballast, "wb", buffering=0) as file, suppress(OSError):
        while file.write(b"x" * 4096):
            pass
    return ballast


def test_a_full_disk_is_said_and_with_space_all_works_on(small_disk):
    with open_store(small_disk / "s.sqlite") as store:
        study = fill(store)
        before = trials.all_trials(store, study.id)
        ballast = _fill_disk(small_disk)
        kept = 0
        with pytest.raises(StoreError, match="the disk is full"):
            for kept in range(1000):
                small.put(store, "a", str(kept), "x" * 500)
        assert trials.all_trials(store, study.id) == before  # readers go on
        assert [small.take(store, "a", str(n)) for n in range(kept)] == ["x" * 500] * kept
        assert small.take(store, "a", str(kept)) is None
        ballast.unlink()
        small.put(store, "a", "b", 1)
    with open_store(small_disk / "s.sqlite") as store:
        assert small.take(store, "a", "b") == 1
        assert small.take(store, "a", "0" if kept else "b") is not None


def test_a_store_cannot_be_made_on_a_full_disk_and_can_later(small_disk):
    ballast = _fill_disk(small_disk)
    with pytest.raises(StoreError, match=r"the disk is full|cannot make the store \(No space left"):
        open_store(small_disk / "s.sqlite")
    ballast.unlink()
    with open_store(small_disk / "s.sqlite") as store:
        fill(store)


def test_opening_a_sound_store_on_a_full_disk_is_said_or_works(small_disk):
    with open_store(small_disk / "s.sqlite") as store:
        fill(store)
    ballast = _fill_disk(small_disk)
    try:
        with open_store(small_disk / "s.sqlite") as store:
            assert len(store.query("SELECT * FROM trial")) == 7
    except StoreError as error:
        assert "the disk is full" in str(error)
    ballast.unlink()
    with open_store(small_disk / "s.sqlite") as store:
        assert len(store.query("SELECT * FROM trial")) == 7


def test_nan_is_null_so_that_sql_can_tell(store, running):
    _, attempt = running
    append(store, attempt, "loss", [math.nan, math.inf, -math.inf])
    assert store.rows("SELECT value IS NULL, value = 9e999, value = -9e999 FROM point ORDER BY id") == [
        (1, None, None),
        (0, 1, 0),
        (0, 0, 1),
    ]
