"""Renaming, putting away, copying and deleting studies; what went on since they were last open."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.away import away, see
from agent.store import calls, studies, trials, upkeep
from agent.store.connection import open_store
from agent.study.nouns import TrialState
from agent.study.spec import StudySpec
from tests.agent.schemas import checked
from tests.agent.terminals import tunewright
from tests.agent.tui import seed
from trainers.errors import TunewrightError


@pytest.fixture
def store_path(tmp_path: Path) -> Path:
    return seed.make(tmp_path / "store.sqlite", running=0)


def listed(folder: Path, *flags: str) -> list[dict]:  # type: ignore[type-arg]
    done = tunewright("list", "--json", *flags, cwd=folder)
    assert done.returncode == 0, done.stderr
    found: list[dict] = checked(done.stdout, "list")["studies"]  # type: ignore[type-arg]
    return found


def test_a_study_is_renamed_copied_put_away_and_deleted(store_path: Path) -> None:
    folder = store_path.parent
    for words, said in (
        (("rename", seed.STUDY, "first"), "etth1-24 is first now."),
        (("copy", "first", "second"), "second has the space of first and no trials."),
        (("archive", "first"), "first is put away."),
    ):
        done = tunewright("study", *words, cwd=folder)
        assert (done.returncode, said in done.stderr) == (0, True), done.stderr
    assert [s["name"] for s in listed(folder)] == ["second"]
    both = {s["name"]: s for s in listed(folder, "--all")}
    assert both["first"]["archived"] and sum(both["first"]["counts"].values()) == 12
    assert not both["second"]["archived"] and sum(both["second"]["counts"].values()) == 0
    refused = tunewright("study", "delete", "first", cwd=folder)
    assert refused.returncode == 2
    assert "loses 12 trials with" in refused.stderr and "12 run folders stay. Add --yes" in refused.stderr
    done = tunewright("study", "delete", "first", "--yes", "--json", cwd=folder)
    assert checked(done.stdout, "study") == {"study": "first", "action": "delete", "name": None}
    assert [s["name"] for s in listed(folder, "--all")] == ["second"]
    assert (folder / f"runs/{seed.STUDY}/9/log.txt").exists()


def test_nothing_of_a_deleted_study_is_left_but_its_costs(store_path: Path) -> None:
    with open_store(store_path, check=False) as store:
        study = studies.get(store, seed.STUDY)
        other = studies.create(store, StudySpec.from_dict({**study.spec.to_dict(), "name": "other"}), study.folder)
        call = calls.begin(store, study.id, purpose="next", model="m", template="", messages=[])
        had = upkeep.delete(store, study, runs=True)
        assert (had.trials, len(had.folders)) == (12, 12)
        for table in ("trial", "attempt", "point", "diagnosis", "narrative", "proposal", "decision", "turn", "action"):
            row = store.one(f"SELECT count(*) AS n FROM {table}")
            assert row == {"n": 0}, table
        assert [s.id for s in studies.all_studies(store)] == [other.id]
        assert store.one("SELECT study_id FROM call WHERE id = ?", (call,)) == {"study_id": None}
    assert not (store_path.parent / f"runs/{seed.STUDY}/9").exists()


def test_a_study_with_live_trials_is_not_deleted(tmp_path: Path) -> None:
    path = seed.make(tmp_path / "store.sqlite")
    with open_store(path, check=False) as store:
        with pytest.raises(TunewrightError, match="2 of its trials are queued or running"):
            upkeep.delete(store, studies.get(store, seed.STUDY), runs=True)
        assert len(trials.all_trials(store, studies.get(store, seed.STUDY).id)) == 14


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("rename", seed.STUDY), "rename needs a new name"),
        (("rename", seed.STUDY, seed.STUDY), "already exists"),
        (("rename", seed.STUDY, "a\nb"), "is no name for a study"),
        (("archive", seed.STUDY, "x"), "archive takes no new name"),
        (("archive", seed.STUDY, "--yes"), "--yes and --runs are for delete"),
        (("remove", seed.STUDY), "there is no action 'remove'"),
        (("delete", "etth1-25"), "Did you mean 'etth1-24'?"),
    ],
)
def test_what_is_wrong_is_said(store_path: Path, words: tuple[str, ...], said: str) -> None:
    done = tunewright("study", *words, cwd=store_path.parent)
    assert done.returncode == 2 and said in done.stderr, done.stderr


def test_a_renamed_study_keeps_its_draft(store_path: Path) -> None:
    from agent.store import settings

    with open_store(store_path, check=False) as store:
        settings.put(store, f"tui:{seed.STUDY}", "draft", "half a question")
        upkeep.rename(store, studies.get(store, seed.STUDY), "new")
        assert settings.take(store, "tui:new", "draft") == "half a question"


def test_what_went_on_while_it_was_closed(store_path: Path) -> None:
    with open_store(store_path, check=False) as store:
        study = studies.get(store, seed.STUDY)
        assert away(store, study) is None
        ends = sorted(t.ended_at or 0.0 for t in trials.all_trials(store, study.id))
        see(store, study, ends[8])
        gone = away(store, study)
        assert gone is not None and gone.words == "3 trials ended (1 failed), 1 proposal waits"
        best = next(t for t in trials.all_trials(store, study.id) if t.number == 0)
        with store.transaction() as conn:
            conn.execute("UPDATE trial SET ended_at = ? WHERE id = ?", (ends[-1] + 1, best.id))
        gone = away(store, study)
        assert gone is not None and "new best 0.325 → 0.31" in gone.words
        assert [t.state for t in trials.all_trials(store, study.id)].count(TrialState.FAILED) == 1
    found = listed(store_path.parent)[0]
    assert found["since_seen"]["ended"] == 4 and found["pending"] == 1
