"""Lessons exported and imported: nothing lost, nothing doubled, garbage named by its line."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from agent.lessons import remember, rows, share
from agent.lessons.lesson import LessonEvidence, LessonSource
from agent.lessons.library import open_lessons
from agent.lessons.shipped import shipped
from tests.agent.lessons.kit import built_in, lesson
from tests.agent.lessons.test_library import FULL, put
from trainers.errors import TunewrightError


def exported() -> str:
    with open_lessons() as library:
        return "".join(share.lines(one for one in rows.all_of(library) if one.source is not LessonSource.SHIPPED))


def imported(text: str, name: str = "team.jsonl") -> share.Imported:
    with open_lessons() as library:
        return share.take(library, text, name)


def own():
    with open_lessons() as library:
        return [one for one in rows.all_of(library) if one.source is not LessonSource.SHIPPED]


@pytest.fixture
def elsewhere(monkeypatch, tmp_path):
    """Turns to another person's file."""

    def turn(name: str = "theirs") -> None:
        monkeypatch.setenv("TUNEWRIGHT_LESSONS", str(tmp_path / f"{name}.sqlite"))

    return turn


def test_an_export_comes_back_whole_in_another_file(elsewhere):
    put(FULL)
    remember({"text": "Öfter messen: 学习率太高。 „so“", "tags": ["a\u2028b"]}, built_in("forest", "svm-wine"))
    mine, text = own(), exported()
    assert len(text.splitlines()) >= 2 and all(json.loads(line) for line in text.split("\n") if line)
    elsewhere()
    took = imported(text)
    assert (len(took.added), len(took.changed), took.known) == (2, 0, 0)
    assert [replace(one, id=0, used=0) for one in own()] == [replace(one, id=0, used=0) for one in mine]


def test_the_same_import_again_adds_nothing():
    put(FULL)
    text = exported()
    took = imported(text + text)
    assert (list(took.added), list(took.changed), took.known) == ([], [], 1)
    assert len(own()) == 1


def test_what_differs_is_merged(elsewhere):
    put(FULL)
    text = exported()
    elsewhere()
    put(replace(FULL, text="an older wording", changed=150.0, used=7, confirmed=1, contradicted=4,
                evidence=(LessonEvidence(study="theirs", key="x"),)))  # fmt: skip
    [merged] = imported(text).changed
    assert merged.text == FULL.text
    assert (merged.used, merged.confirmed, merged.contradicted) == (7, 3, 4)
    assert {evidence.study for evidence in merged.evidence} == {"theirs", "brackets"}
    assert imported(text).known == 1


def test_an_older_wording_does_not_replace_a_newer_one(elsewhere):
    put(FULL)
    text = exported()
    elsewhere()
    [number] = put(FULL)
    with open_lessons() as library:
        rows.edit(library, number, text="My own words.")
    imported(text)
    assert [one.text for one in own()] == ["My own words."]


def test_the_same_words_under_another_uid_are_the_same_lesson():
    put(FULL)
    took = imported(exported().replace(FULL.uid, "another"))
    assert took.known == 1 and len(own()) == 1


def test_what_was_deleted_comes_back_when_it_is_imported():
    [number] = put(FULL)
    text = exported()
    with open_lessons() as library:
        rows.delete(library, rows.get(library, number))
    assert len(imported(text).added) == 1
    assert len(own()) == 1


def test_shipped_lessons_of_another_version_stay_out():
    strange = json.dumps({"uid": "shipped:of-tomorrow", "text": "Tomorrow.", "source": "shipped"})
    assert imported(strange).known == 1
    with open_lessons() as library:
        assert len(rows.all_of(library)) == len(shipped())


def test_a_line_needs_no_more_than_a_text_and_a_source():
    [one] = imported('{"text": "Keep it small.", "source": "person"}').added
    assert one.uid and one.created > 0


GARBAGE = {
    "not JSON at all": "line 2: this is not JSON",
    "[1, 2]": "line 2: this is no JSON object",
    "null": "line 2: this is no JSON object",
    "{": "line 2: this is not JSON",
    "{}": "line 2: 'text' is missing",
    '{"text": "x"}': "line 2: 'source' is missing",
    '{"text": "x", "source": "gossip"}': "line 2: 'source' is wrong",
    '{"text": 3, "source": "person"}': "line 2: 'text' is wrong",
    '{"text": "", "source": "person"}': "line 2: 'text' is empty",
    '{"text": "x", "source": "person", "confidence": NaN}': "line 2: 'confidence' is nan, not between 0 and 1",
    '{"text": "x", "source": "person", "created": Infinity}': "line 2: 'created' is inf, which is not finite",
    '{"text": "x", "source": "person", "confirmed": -1}': "line 2: 'confirmed' is not between 0",
    '{"text": "x", "source": "person", "confirmed": 1e300}': "line 2: 'confirmed' is",
    '{"text": "x", "source": "person", "conditions": []}': "line 2: 'conditions' is wrong",
    '{"text": "x", "source": "person", "conditions": {"parameters": {"lr": 3}}}': "line 2: 'conditions.parameters.lr'",
    '{"text": "x", "source": "person", "evidence": [{}]}': "line 2: 'evidence.0.study' is missing",
    '{"text": "' + "x" * 700 + '", "source": "person"}': "line 2: 'text' has 700 characters, at most 600",
    '{"text": "' + "x" * 70_000 + '"}': "line 2: the line has 70,012 characters, at most 65,536",
    "[" * 50_000: "line 2: this is not JSON",
    "\x00\x01\x02": "line 2: this is not JSON",
}


@pytest.mark.parametrize("line", GARBAGE)
def test_garbage_is_refused_with_its_line_and_nothing_is_imported(line):
    good = '{"text": "Keep it small.", "source": "person"}'
    with pytest.raises(TunewrightError) as caught:
        imported(f"{good}\n{line}\n{good}\n")
    assert GARBAGE[line] in str(caught.value)
    assert str(caught.value).startswith("team.jsonl: ")
    assert "Nothing was imported." in str(caught.value)
    assert own() == []


def test_of_many_bad_lines_the_first_are_named():
    with pytest.raises(TunewrightError, match=r"line 1: .*; line 2: .*; line 3: .*, and 997 more lines"):
        imported("rubbish\n" * 1_000)


@pytest.mark.parametrize("text", ["", "\n\n  \n"])
def test_a_file_without_a_lesson_is_said_to_be_one(text):
    with pytest.raises(TunewrightError, match="there is no lesson in it"):
        imported(text)


def test_halves_of_characters_and_control_characters_do_no_harm():
    [one] = imported('{"text": "a\\ud800b \\u0000 \\u001b[2J \\u202e", "source": "person"}').added
    assert "\ud800" not in one.text
    assert imported(exported()).known == 1


def test_keys_do_not_travel(monkeypatch):
    put(lesson("use sk-planted-0123456789abcdef"))
    monkeypatch.setenv("OPENAI_API_KEY", "sk-planted-0123456789abcdef")
    assert "planted" not in exported() and "[key]" in exported()
    [one] = imported('{"text": "theirs: sk-planted-0123456789abcdef", "source": "person"}').added
    assert one.text == "theirs: [key]"
