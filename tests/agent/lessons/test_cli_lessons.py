"""The command `lessons`: every action, as text and as JSON, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from agent import cli
from agent.store.connection import open_store
from tests.agent.lessons.test_library import FULL, put
from tests.agent.schemas import checked
from tests.agent.stores import make_study
from tests.agent.terminals import tunewright


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


class Said:
    """One in-process call: `code`, `out` and `err`."""

    def __init__(self, capsys: pytest.CaptureFixture[str], *words: str) -> None:
        self.code = cli.main(["lessons", *words])
        self.out, self.err = capsys.readouterr()


def document(capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    said = Said(capsys, *words, "--json")
    assert (said.code, said.err) == (0, ""), said.err
    return checked(said.out, "lessons")


def test_the_list(capsys, lessons_of_the_test):
    [number] = put(FULL)
    every = document(capsys)
    assert every["path"] == str(lessons_of_the_test)
    assert len(every["lessons"]) > 30
    [mine] = document(capsys, "list", "--source", "rules")["lessons"]
    assert (mine["id"], mine["claim"]["low"], mine["evidence"][0]["trials"]) == (number, 2e-4, [3, 7])
    out = Said(capsys, "list", "--source", "rules").out
    assert out.splitlines()[1].split()[:2] == [str(number), "rules"]
    assert "script train.py" in out
    assert Said(capsys, "list", "--source", "model").out == "No lessons of source 'model' yet.\n"


def test_search_by_words_and_by_study(capsys):
    found = document(capsys, "search", "loss", "becomes", "nan")["lessons"]
    assert "shipped:divergence-lower-rate" in [one["uid"] for one in found[:3]]
    assert len(document(capsys, "search", "learning rate", "--limit", "2")["lessons"]) == 2
    with open_store("store.sqlite") as store:
        make_study(store)
    fitting = document(capsys, "search", "--study", "toy", "--limit", "3")["lessons"]
    assert len(fitting) == 3
    assert Said(capsys, "search", "xyzzyx").out == "No lesson fits.\n"


def test_a_portfolio_is_shown_with_its_configs(capsys):
    every = document(capsys)["lessons"]
    trees = next(one for one in every if one["uid"] == "shipped:portfolio-decision_tree")
    first = trees["portfolio"]["configs"][0]
    assert set(first["params"]) == set(trees["conditions"]["parameters"])
    out = Said(capsys, "show", str(trees["id"])).out
    assert f"  config 1   max_depth {first['params']['max_depth']}, " in out
    assert "of 12 data sets, a decision tree)" in out


def test_show_tells_all_of_it(capsys):
    [number] = put(FULL)
    out = Said(capsys, "show", str(number)).out
    for part in (
        "lr: the best values",
        "trainer script",
        "rests on   study brackets: t3, t7",
        "3 confirm it, 1 contra",
    ):
        assert part in out
    assert "Kingma" in Said(capsys, "show", str(document(capsys, "search", "Kingma")["lessons"][0]["id"])).out


def test_add_edit_and_delete(capsys):
    said = Said(capsys, "add", "lr above 0.1", "diverges", "--parameter", "lr", "--tag", "sgd", "--when", "with sgd")
    assert (said.code, said.out) == (0, "")
    number = int(said.err.removeprefix("Kept as lesson ").rstrip(".\n"))
    [one] = document(capsys, "show", str(number))["lessons"]
    assert (one["text"], one["source"], one["subjects"]) == ("lr above 0.1 diverges", "person", ["lr"])
    assert (one["conditions"]["when"], one["tags"], one["confidence"]) == ("with sgd", ["sgd"], 0.8)
    [one] = document(capsys, "edit", str(number), "--text", "lr above 0.2 diverges", "--confidence", "0.9")["lessons"]
    assert (one["text"], one["confidence"], one["edited"], one["conditions"]["when"]) == (
        "lr above 0.2 diverges",
        0.9,
        True,
        "with sgd",
    )
    assert Said(capsys, "delete", str(number)).err == f"Deleted lesson {number}. Nothing writes them again.\n"
    assert document(capsys, "list", "--source", "person")["lessons"] == []


def test_a_lesson_learnt_in_a_study_has_its_conditions(capsys):
    with open_store("store.sqlite") as store:
        make_study(store)
    [one] = document(capsys, "add", "lr hardly matters [t1]", "--study", "toy")["lessons"]
    assert (one["conditions"]["trainer"], one["subjects"], one["evidence"][0]["trials"]) == ("forest", ["lr"], [1])


def test_export_and_import(capsys, tmp_path, monkeypatch):
    put(FULL)
    text = Said(capsys, "export").out
    [line] = text.splitlines()
    assert json.loads(line)["uid"] == FULL.uid
    assert Said(capsys, "export", "-o", "team.jsonl").err == "Wrote 1 lessons to team.jsonl.\n"
    assert Said(capsys, "export", "-o", "team.jsonl").code == 1
    assert Said(capsys, "export", "-o", "team.jsonl", "--force").code == 0
    assert len(Said(capsys, "export", "--source", "shipped").out.splitlines()) > 30
    assert document(capsys, "export")["output"] is None
    monkeypatch.setenv("TUNEWRIGHT_LESSONS", str(tmp_path / "theirs.sqlite"))
    took = document(capsys, "import", "team.jsonl")
    assert (took["added"], took["changed"], took["known"]) == (1, 0, 0)
    assert Said(capsys, "import", "team.jsonl").err == "0 lessons added, 0 brought up to date, 1 known already.\n"


def test_import_from_a_pipe_and_what_is_wrong_with_it(tmp_path):
    line = '{"text": "Keep it small.", "source": "person"}\n'
    done = tunewright("lessons", "import", "-", cwd=tmp_path, stdin=line)
    assert (done.returncode, done.stderr) == (0, "1 lesson added, 0 brought up to date, 0 known already.\n")
    done = tunewright("lessons", "import", "-", "--json", cwd=tmp_path, stdin=line + "rubbish\n")
    assert done.returncode == 2
    assert "standard input: line 2: this is not JSON" in done.stderr
    assert checked(done.stdout, "error")["error"]["what"] == "line 2: this is not JSON"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("lsit",), 2, "lessons knows no action 'lsit'. Did you mean 'list'?"),
        (("show",), 2, "show takes numbers of lessons"),
        (("show", "9999"), 2, "there is no lesson 9999"),
        (("show", "nine"), 2, "'nine' is not a whole number"),
        (("delete", "1", "9999"), 2, "there is no lesson 9999"),
        (("edit", "1"), 2, "edit changes nothing"),
        (("edit", "1", "2", "--text", "x"), 2, "edit takes one lesson's number"),
        (("edit", "1", "--confidence", "7"), 2, "'confidence' is 7, not between 0 and 1"),
        (("edit", "1", "--text", "x" * 700), 2, "'text' has 700 characters"),
        (("add",), 2, "add needs the lesson's text"),
        (("add", "x", "--study", "none"), 1, "there is no store at"),
        (("search",), 2, "search takes words, or --study"),
        (("list", "nan"), 2, "tunewright lessons search 'nan'"),
        (("list", "--source", "gossip"), 2, "there is no source 'gossip'"),
        (("import",), 2, "import takes one file"),
        (("import", "none.jsonl"), 2, "none.jsonl: cannot read the file"),
    ],
)
def test_a_wrong_request_is_one_sentence(capsys, words, code, said):
    answer = Said(capsys, *words)
    assert (answer.code, answer.out) == (code, "")
    assert said in answer.err and "Traceback" not in answer.err
    assert len(document(capsys)["lessons"]) > 30


def test_a_damaged_file_is_one_sentence_too(capsys, lessons_of_the_test):
    lessons_of_the_test.write_bytes(b"\0" * 9_000)
    answer = Said(capsys)
    assert answer.code == 1
    assert str(lessons_of_the_test) in answer.err


def test_hostile_text_cannot_steer_the_terminal(capsys, tmp_path):
    (tmp_path / "evil.jsonl").write_text('{"text": "\\u001b[2J[red]\\u202e", "source": "person"}\n')
    [one] = document(capsys, "import", "evil.jsonl")["lessons"]
    for words in (("list", "--source", "person"), ("show", str(one["id"]))):
        out = Said(capsys, *words).out
        assert "\x1b" not in out and "\u202e" not in out and "[red]" in out
