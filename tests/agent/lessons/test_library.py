"""The file of lessons: made where there is none, refused where it is not sound, whole whoever writes at once."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from agent.lessons import remember, rows
from agent.lessons.lesson import Claim, ClaimKind, Conditions, LessonEvidence, LessonSource
from agent.lessons.library import open_lessons, where
from agent.lessons.recall import recall
from agent.lessons.search import search
from agent.lessons.shipped import shipped
from agent.lessons.wire import from_dict, to_dict
from agent.store.connection import StoreError, open_store
from agent.store.kind import STORE
from tests.agent.lessons.kit import built_in, lesson
from trainers.errors import TunewrightError

FULL = lesson(
    "lr: the best values lie between 2e-4 and 5e-3.",
    subjects=("lr",),
    conditions=Conditions(
        trainer="script",
        task="train.py",
        families=("rnn", "neural network"),
        about="Reads brackets.",
        metric="val_loss",
        direction="minimize",
        parameters={"lr": {"type": "float", "low": 1e-5, "high": 0.1, "log": True}},
        when="with Adam",
    ),
    claim=Claim(kind=ClaimKind.RANGE, parameter="lr", low=2e-4, high=5e-3),
    evidence=(LessonEvidence(study="brackets", trials=(3, 7), effect="median 0.3, 0.6 elsewhere", key="abc"),),
    confidence=0.75,
    tags=("learning rate",),
    created=100.0,
    changed=200.0,
    used=2,
    confirmed=3,
    contradicted=1,
)


def put(*lessons):
    with open_lessons() as store, store.transaction():
        return [rows.put(store, one) for one in lessons]


def test_it_lies_where_the_variable_says_or_in_the_users_data_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("TUNEWRIGHT_LESSONS", str(tmp_path / "ours.sqlite"))
    assert where() == tmp_path / "ours.sqlite"
    monkeypatch.delenv("TUNEWRIGHT_LESSONS")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    assert where().name == "lessons.sqlite"
    assert "tunewright" in str(where()).lower()


def test_a_new_file_holds_what_is_shipped_and_is_for_its_owner_only(lessons_of_the_test):
    with open_lessons() as store:
        assert [one.uid for one in rows.all_of(store)] == [one.uid for one in shipped()]
        assert store.one("PRAGMA journal_mode") == {"journal_mode": "wal"}
    assert lessons_of_the_test.stat().st_mode & 0o777 == 0o600


def test_every_field_comes_back(lessons_of_the_test):
    [number] = put(FULL)
    with open_lessons() as store:
        assert rows.get(store, number) == replace(FULL, id=number)
        assert rows.by_uid(store, FULL.uid) == replace(FULL, id=number)


def test_the_same_uid_is_one_lesson(lessons_of_the_test):
    first, second = put(replace(FULL, text="Okapis do not.")), put(replace(FULL, text="Zebras like other rates."))
    assert first == second
    with open_lessons() as store:
        assert rows.get(store, first[0]).text == "Zebras like other rates."
        assert [one.id for one in search(store, "zebra")] == first
        assert search(store, "okapi") == []


def test_an_unknown_number_says_where_to_look(lessons_of_the_test):
    with open_lessons() as store, pytest.raises(TunewrightError, match="there is no lesson 999"):
        rows.get(store, 999)


def test_what_a_person_deletes_does_not_come_back_with_the_next_version(lessons_of_the_test):
    with open_lessons() as store:
        gone = rows.by_uid(store, "shipped:noise-of-seeds")
        rows.delete(store, gone)
        with store.transaction() as conn:
            conn.execute("DELETE FROM shipped")  # as if another version had been installed
    with open_lessons() as store:
        assert rows.by_uid(store, gone.uid) is None
        assert rows.was_deleted(store, gone.uid)
        assert len(rows.all_of(store)) == len(shipped()) - 1
        assert gone.id not in [one.id for one in search(store, gone.text)]


def test_a_new_version_renews_what_is_shipped_but_not_what_a_person_edited(lessons_of_the_test):
    with open_lessons() as store:
        edited = rows.by_uid(store, "shipped:lora-rank")
        rows.edit(store, edited.id, text="Rank 16, always.")
        renewed = rows.by_uid(store, "shipped:lora-alpha")
        rows.mark_used(store, [renewed.id])
        with store.transaction() as conn:
            conn.execute("UPDATE lesson SET text = 'an older wording' WHERE id = ?", (renewed.id,))
            rows.put(store, lesson("No longer shipped.", uid="shipped:gone", source=LessonSource.SHIPPED))
            conn.execute("DELETE FROM shipped")
    with open_lessons() as store:
        assert rows.get(store, edited.id).text == "Rank 16, always."
        assert rows.get(store, renewed.id) == replace(renewed, used=1, changed=rows.get(store, renewed.id).changed)
        assert rows.by_uid(store, "shipped:gone") is None


def test_uses_and_verdicts_are_counted_each_study_once(lessons_of_the_test):
    [number] = put(replace(FULL, used=0, confirmed=0, contradicted=0))
    with open_lessons() as store:
        rows.mark_used(store, [number, number])
        rows.mark_used(store, [number])
        one = rows.get(store, number)
        for study, holds in (("a", True), ("a", True), ("b", False), ("c", True), ("b", True), ("b", False)):
            with store.transaction():
                rows.judge(store, [(one, holds)], study)
        found = rows.get(store, number)
    assert (found.used, found.confirmed, found.contradicted) == (2, 2, 1)
    assert found.trust == pytest.approx((0.75 + 2) / 4)


# -- what is refused -----------------------------------------------------------------


def refused():
    with pytest.raises(StoreError) as caught:
        open_lessons()
    return str(caught.value)


def test_a_damaged_file_is_refused_and_left_alone(lessons_of_the_test):
    put(FULL)
    data = lessons_of_the_test.read_bytes()
    lessons_of_the_test.write_bytes(data[:5000])
    assert "the lessons file is damaged" in refused()
    assert lessons_of_the_test.read_bytes() == data[:5000]


def test_a_newer_file_is_refused_and_left_alone(lessons_of_the_test):
    put(FULL)
    conn = sqlite3.connect(lessons_of_the_test)
    conn.execute("PRAGMA user_version = 99")
    conn.close()
    said = refused()
    assert "the lessons file has schema 99, this version of tunewright knows" in said
    assert "Upgrade tunewright, or set TUNEWRIGHT_LESSONS to another path" in said


def test_a_store_of_studies_is_no_file_of_lessons_and_the_other_way_round(lessons_of_the_test):
    open_store(lessons_of_the_test).close()
    assert "not a Tunewright lessons file" in refused()
    lessons_of_the_test.unlink()
    open_lessons().close()
    with pytest.raises(StoreError, match="not a Tunewright store"):
        open_store(lessons_of_the_test, kind=STORE)


def test_a_folder_in_its_place(lessons_of_the_test):
    lessons_of_the_test.mkdir(parents=True)
    assert refused() == f"{lessons_of_the_test}: this is not a file. Set TUNEWRIGHT_LESSONS to another path."


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder(monkeypatch, tmp_path):
    folder = tmp_path / "read only"
    folder.mkdir()
    folder.chmod(0o500)
    monkeypatch.setenv("TUNEWRIGHT_LESSONS", str(folder / "lessons.sqlite"))
    assert "cannot make the lessons file" in refused()


def test_a_folder_that_cannot_be_made(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("TUNEWRIGHT_LESSONS", str(tmp_path / "file" / "lessons.sqlite"))
    said = refused()
    assert "cannot make the lessons file" in said
    assert "set TUNEWRIGHT_LESSONS" in said


# -- several at once -------------------------------------------------------------------

_WRITER = """
import sys
from agent.lessons import remember, rows
from agent.lessons.library import open_lessons
print(flush=True)
sys.stdin.readline()
for n in range(20):
    remember({"text": f"writer {sys.argv[1]} says {n}"})
    remember({"text": "all say this"})
    with open_lessons() as store:
        rows.mark_used(store, [rows.by_uid(store, "shipped:patience").id])
"""


def test_programs_that_write_at_once_lose_nothing(lessons_of_the_test):
    """From before the file is there: one makes it."""
    root = Path(__file__).resolve().parents[3]
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", _WRITER, str(n)], cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for n in range(4)
    ]
    for writer in writers:
        writer.stdout.readline()
    for writer in writers:
        writer.stdin.write("\n")
        writer.stdin.flush()
    assert [writer.wait(timeout=60) for writer in writers] == [0] * 4
    with open_lessons() as store:
        own = [one.text for one in rows.all_of(store) if one.source is LessonSource.PERSON]
        assert sorted(own) == sorted([f"writer {w} says {n}" for w in range(4) for n in range(20)] + ["all say this"])
        assert rows.by_uid(store, "shipped:patience").used == 80


# -- what a person tells ------------------------------------------------------------------


def test_what_a_person_says_gets_the_conditions_of_the_study(lessons_of_the_test):
    study = built_in("forest", "svm-wine")
    kept = remember({"text": "Above 300 C changes nothing here [t4], nor does tol."}, study)
    assert kept.source is LessonSource.PERSON
    assert (kept.conditions.trainer, kept.conditions.task) == ("forest", "svm-wine")
    assert kept.subjects == ("C", "tol")
    assert kept.evidence[0].trials == (4,)
    assert remember({"text": kept.text}, study).id == kept.id
    assert kept.id in [one.id for one in recall(study)]


def test_keys_are_taken_out_of_what_is_kept(lessons_of_the_test, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-planted-0123456789abcdef")
    kept = remember({"text": "use sk-planted-0123456789abcdef for the sweep"})
    assert kept.text == "use [key] for the sweep"
    assert b"planted-0123456789abcdef" not in lessons_of_the_test.read_bytes()


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({}, "'text' is missing"),
        ({"text": " \n "}, "'text' is empty"),
        ({"text": "x" * 601}, "'text' has 601 characters, at most 600"),
        ({"text": "x", "confidence": 2}, "'confidence' is 2, not between 0 and 1"),
        ({"text": "x", "subjects": "lr"}, "'subjects' is wrong"),
        ({"text": "x", "claim": {"kind": "odd"}}, "'claim.kind' is wrong"),
    ],
)
def test_what_is_no_lesson_is_refused(lessons_of_the_test, told, said):
    with pytest.raises(TunewrightError) as caught:
        remember(told)
    assert said in str(caught.value)


def test_plain_json_and_back():
    assert from_dict(to_dict(FULL)) == FULL
