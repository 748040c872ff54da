"""The bridge: everything in order and once, refusals as messages, no fault ends it."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from agent.standing import Status
from agent.store import points, proposals, studies, trials
from agent.store.connection import Store, open_store
from agent.study.nouns import TrialState
from agent.tui import messages as told
from agent.tui import requests as ask
from agent.tui.back.bridge import Bridge
from tests.agent.tui import seed
from tests.agent.tui.still import StillSession
from trainers.errors import TunewrightError


class Listener:
    """A bridge and everything it has said."""

    def __init__(self, path: Path, open_session: Callable[[Store, str], object] = StillSession) -> None:
        self.bridge = Bridge(path, open_session)  # type: ignore[arg-type]
        self.heard: list[told.News] = []
        self.bridge.start()

    def wait(self, kind: type, count: int = 1) -> list:  # type: ignore[type-arg]
        """The messages of one kind once there are `count`."""
        end = time.monotonic() + 10
        while len(found := [n for n in self.heard if isinstance(n, kind)]) < count:
            assert time.monotonic() < end, (kind, self.heard)
            self.heard += self.bridge.drain()
            time.sleep(0.01)
        return found


@pytest.fixture
def listener(store_path: Path) -> Iterator[Listener]:
    one = Listener(store_path)
    one.bridge.send(ask.OpenStudy(seed.STUDY))
    one.wait(told.StudyOpened)
    yield one
    one.bridge.close()


def test_each_end_is_compared_with_those_before_it(store_path: Path) -> None:
    with open_store(store_path) as store:
        store.conn.execute("UPDATE trial SET value = 0.3 - number / 100.0 WHERE number % 3 = 2 AND value IS NOT NULL")
    listener = Listener(store_path)
    listener.bridge.send(ask.OpenStudy(seed.STUDY))
    [opened] = listener.wait(told.StudyOpened)
    listener.bridge.close()
    said = ["".join(text for text, _ in note.parts) for note in opened.notes]
    completed = sorted((t for t in opened.trials if t.state is TrialState.COMPLETED), key=lambda t: t.ended_at or 0.0)
    best, kinds = None, set()
    for trial in completed:
        [line] = [s for s in said if s.startswith(f"t{trial.number} ") and "val_loss" in s]
        kind = "★ first" if best is None else "★ best so far" if trial.value < best else "to the best"
        assert kind in line
        kinds.add(kind)
        best = trial.value if best is None else min(best, trial.value)
    assert len(kinds) == 3


def test_a_study_is_told_whole_once_and_then_by_what_changes(listener: Listener, store_path: Path) -> None:
    [opened] = listener.wait(told.StudyOpened)
    assert len(opened.trials) == 14
    assert [p.number for p in opened.pending] == [14]
    assert len(opened.diagnoses) == 12
    with open_store(store_path, check=False) as store:
        study = studies.get(store, seed.STUDY)
        trials.request_stop(store, trials.get(store, study.id, 13), "enough")
    [changed] = listener.wait(told.TrialsChanged)
    assert [t.number for t in changed.trials] == [13]


def test_curves_are_told_without_a_point_twice_or_missing(listener: Listener, store_path: Path) -> None:
    [opened] = listener.wait(told.StudyOpened)
    live = next(t for t in opened.trials if t.number == 13)
    listener.bridge.send(ask.WatchCurves((live.id,), ("val_loss",)))
    with open_store(store_path, check=False) as store:
        attempt = trials.attempts(store, live.id)[-1]["id"]
        for i in range(200):
            with store.transaction(durable=False):
                metric = points.Metrics(store).id("val_loss")
                points.append(store, [(attempt, metric, 5000 + i, 0.5, seed.NOW + i)])
    end = time.monotonic() + 10
    steps: list[int] = []
    while time.monotonic() < end and (not steps or steps[-1] != 5199):
        listener.heard += listener.bridge.drain()
        steps = [
            s for n in listener.heard if isinstance(n, told.CurveLoaded | told.CurveGrew) for s in n.steps if s >= 5000
        ]
        time.sleep(0.02)
    assert steps == list(range(5000, 5200))


def test_a_trial_that_ends_tells_its_last_points(listener: Listener, store_path: Path) -> None:
    [opened] = listener.wait(told.StudyOpened)
    live = next(t for t in opened.trials if t.number == 12)
    listener.bridge.send(ask.WatchCurves((live.id,), ("val_loss",)))
    listener.wait(told.CurveLoaded)
    with open_store(store_path, check=False) as store:
        attempt = next(a for a in trials.open_attempts(store) if a.trial_id == live.id)
        with store.transaction(durable=False):
            points.append(store, [(attempt.id, points.Metrics(store).id("val_loss"), 9999, 0.1, seed.NOW)])
        from agent.study.nouns import TrialState

        trials.end(
            store, attempt, TrialState.COMPLETED, value=0.1, failure=None, outcome={}, retry=False, ended_at=seed.NOW
        )
    [grown] = listener.wait(told.CurveGrew)
    assert grown.steps == (9999,)


def test_a_refusal_is_a_message_and_the_next_request_is_served(listener: Listener) -> None:
    listener.bridge.send(ask.Suggest(3))
    listener.bridge.send(ask.ReadTrial(99))
    listener.bridge.send(ask.Suggest(seed.DIVERGED))
    refused = listener.wait(told.Refused, 2)
    assert "suggests no change" in refused[0].what
    assert "there is no trial 99" in refused[1].what
    listener.wait(told.Said)


def test_a_proposal_settled_by_another_front_is_refused_in_words(listener: Listener, store_path: Path) -> None:
    [opened] = listener.wait(told.StudyOpened)
    with open_store(store_path, check=False) as store:
        proposals.reject(store, opened.pending[0], actor="person")
    listener.bridge.send(ask.Approve(opened.pending[0].id))
    [refused] = listener.wait(told.Refused)
    assert "already rejected" in refused.what


class Failing(StillSession):
    """A session whose rounds fail."""

    error: Exception = TunewrightError("the disk is full", remedy="Free some space.")

    def tick(self) -> Status:
        raise self.error


def test_a_round_that_fails_is_said_once_and_the_screen_goes_on(store_path: Path) -> None:
    listener = Listener(store_path, Failing)
    listener.bridge.send(ask.OpenStudy(seed.STUDY))
    [refused] = listener.wait(told.Refused)
    assert "the disk is full" in refused.what
    with open_store(store_path, check=False) as store:
        study = studies.get(store, seed.STUDY)
        trials.request_stop(store, trials.get(store, study.id, 13), "enough")
    listener.wait(told.TrialsChanged)
    time.sleep(1.5)
    assert len(listener.wait(told.Refused)) == 1
    listener.bridge.close()


def test_a_fault_of_ours_is_a_sentence_and_a_traceback_in_the_log(
    store_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setattr(Failing, "error", ZeroDivisionError("division by zero"))
    listener = Listener(store_path, Failing)
    listener.bridge.send(ask.OpenStudy(seed.STUDY))
    [refused] = listener.wait(told.Refused)
    assert refused.what == "unexpected ZeroDivisionError: division by zero"
    [log] = list((tmp_path / "state").rglob("errors.log"))
    assert "Traceback" in log.read_text()
    listener.bridge.close()


def test_a_damaged_store_is_fatal_in_words(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    path.write_bytes(b"not a database at all, sorry" * 100)
    listener = Listener(path)
    [refused] = listener.wait(told.Refused)
    assert refused.fatal
    assert "damaged" in refused.what
    listener.bridge.close()


def test_closing_releases_the_store(store_path: Path) -> None:
    listener = Listener(store_path)
    listener.bridge.send(ask.OpenStudy(seed.STUDY))
    listener.wait(told.StudyOpened)
    listener.bridge.close()
    conn = sqlite3.connect(store_path, timeout=0.1)
    conn.execute("PRAGMA locking_mode = EXCLUSIVE")
    conn.execute("BEGIN EXCLUSIVE")
    conn.rollback()
    conn.close()


def test_what_is_asked_last_is_still_done_on_closing(store_path: Path) -> None:
    listener = Listener(store_path)
    listener.bridge.send(ask.OpenStudy(seed.STUDY))
    listener.wait(told.StudyOpened)
    listener.bridge.send(ask.Remember("draft", "the last words"))
    listener.bridge.close()
    assert seed.remembered(store_path, "draft") == "the last words"
