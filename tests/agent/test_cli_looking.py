"""list, show, why, compare and export on a study with a trial of each state."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from agent import cli
from agent.store import diagnoses, proposals, studies, trials
from agent.store.connection import open_store
from agent.study.nouns import Diagnosis, Draft, Source
from tests.agent.schemas import checked
from tests.agent.stores import GOOD, SPACE, add_trial, make_study, toy_store


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    toy_store(tmp_path / "store.sqlite")
    return tmp_path


class Shown:
    """One in-process call: `code`, `out` and `err`."""

    def __init__(self, capsys: pytest.CaptureFixture[str], *words: str) -> None:
        self.code = cli.main(words)
        self.out, self.err = capsys.readouterr()


def document(capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    shown = Shown(capsys, *words, "--json")
    assert (shown.code, shown.err) == (0, "")
    return checked(shown.out, words[0])


class TestList:
    def test_json(self, capsys: pytest.CaptureFixture[str]) -> None:
        [study] = document(capsys, "list")["studies"]
        assert (study["name"], study["best"]["number"], study["counts"]["completed"]) == ("toy", 1, 2)

    def test_text(self, capsys: pytest.CaptureFixture[str]) -> None:
        line = Shown(capsys, "list").out.splitlines()[1]
        assert line.split()[:3] == ["toy", "forest", "svm-wine"]
        assert "2 completed" in line and "loss 0.25 (t1)" in line

    def test_an_empty_store_says_what_to_do(self, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
        open_store(tmp_path / "empty.sqlite").close()
        shown = Shown(capsys, "list", "--store", "empty.sqlite")
        assert (shown.code, shown.out) == (0, "No studies yet. Try: tunewright demo\n")
        assert checked(Shown(capsys, "list", "--store", "empty.sqlite", "--json").out, "list") == {"studies": []}


class TestShow:
    def test_json(self, capsys: pytest.CaptureFixture[str]) -> None:
        shown = document(capsys, "show", "toy")
        assert shown["space"] == SPACE.to_dict()
        first, *_, queued = shown["trials"]
        assert first["params"] == GOOD
        assert (first["value"], first["steps"]) == (0.5, None)
        assert (queued["state"], queued["seconds"]) == ("queued", None)
        assert (first["samples_per_second"], first["accumulation"]) == (None, 1)
        assert shown["trials"][2]["failure"]["kind"] == "cuda_out_of_memory"

    def test_text_has_a_row_a_trial_and_stars_the_best(self, capsys: pytest.CaptureFixture[str]) -> None:
        out = Shown(capsys, "show", "toy").out
        assert [line.split()[0] for line in out.splitlines()[-7:]] == ["t0", "*", "t2", "t3", "t4", "t5", "t6"]
        assert "failed: cuda_out_of_memory" in out

    def test_an_unknown_study_names_the_nearest(self, capsys: pytest.CaptureFixture[str]) -> None:
        shown = Shown(capsys, "show", "tyo")
        assert (shown.code, shown.out) == (2, "")
        assert "there is no study named 'tyo'. Did you mean 'toy'?" in shown.err

    def test_hostile_names_cannot_steer_the_terminal(self, capsys: pytest.CaptureFixture[str]) -> None:
        with open_store("store.sqlite") as store:
            study = make_study(store, name="evil\x1b[2J[red]\u202e")
            add_trial(store, study, GOOD, value=1.0)
        for words in (["list"], ["show", "evil\x1b[2J[red]\u202e"]):
            out = Shown(capsys, *words).out
            assert "\x1b" not in out and "\u202e" not in out
            assert "[red]" in out  # text is text, not markup


class TestWhy:
    def test_json_of_a_failure(self, capsys: pytest.CaptureFixture[str]) -> None:
        found = document(capsys, "why", "toy", "2")
        assert (found["trial"], found["healthy"]) == (2, False)
        assert found["verdict"] == "cuda_oom"

    def test_text(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert Shown(capsys, "why", "toy", "t2").out.startswith("trial 2: ")

    @pytest.mark.parametrize(
        ("high", "held", "said"), [(0.6, True, "it held, 0.5"), (0.4, False, "it did not hold, 0.5")]
    )
    def test_who_proposed_it_and_whether_what_was_expected_held(
        self, capsys: pytest.CaptureFixture[str], high: float, held: bool, said: str
    ) -> None:
        with open_store("store.sqlite") as store:
            study = make_study(store, name="asked")
            made = Draft(source=Source.GP, params=GOOD, rationale="it promises most", expected=(0.1, high))
            [proposal] = proposals.add(store, study.id, [made])
            proposals.approve(store, proposal, actor="policy", clause="watch")
            trial = trials.get(store, study.id, 0)
            with store.transaction() as conn:
                conn.execute(
                    "UPDATE trial SET state = 'completed', value = 0.5, ended_at = 2 WHERE id = ?", (trial.id,)
                )
        out = Shown(capsys, "why", "asked", "0").out
        assert "proposed by gp\n  why     it promises most\n" in out
        assert f"  expect  loss 0.1 … {high}: {said}\n" in out
        origin = document(capsys, "why", "asked", "0")["origin"]
        assert (origin["source"], origin["held"], origin["expected"]) == ("gp", held, [0.1, high])
        [shown] = document(capsys, "show", "asked")["trials"]
        assert shown["rationale"] == "it promises most"

    def test_a_running_trial_has_no_diagnosis_yet(self, capsys: pytest.CaptureFixture[str]) -> None:
        shown = Shown(capsys, "why", "toy", "5")
        assert shown.code == 2
        assert "t5 is running. It is diagnosed when it has ended." in shown.err

    def test_an_unknown_trial(self, capsys: pytest.CaptureFixture[str]) -> None:
        shown = Shown(capsys, "why", "toy", "12")
        assert shown.code == 2
        assert "there is no trial 12. The study has trials 0 to 6." in shown.err

    def test_accepting_makes_the_suggestion_a_proposal(self, capsys: pytest.CaptureFixture[str]) -> None:
        smaller = {"lr": 5e-2, "opt": "adam", "layers": 4, "warm": False}
        with open_store("store.sqlite") as store:
            trial = trials.get(store, studies.get(store, "toy").id, 2)
            verdict = {"verdict": "cuda_oom", "healthy": False, "confidence": 0.9, "explanation": "it did not fit"}
            diagnoses.put(
                store, trial, Diagnosis(**verdict, suggested_params=smaller, suggested_reason="half the layers")
            )
        found = document(capsys, "why", "toy", "2", "--accept")
        with open_store("store.sqlite") as store:
            [waiting] = proposals.pending(store, studies.get(store, "toy").id)
        assert found["proposal"]["params"] == waiting.params == found["suggestion"]["params"] == smaller
        assert (waiting.source, waiting.rationale) == ("person", "after t2: half the layers")

    def test_the_same_config_is_proposed_again(self, capsys: pytest.CaptureFixture[str]) -> None:
        found = document(capsys, "why", "toy", "2", "--again")
        shown = document(capsys, "show", "toy")
        params = next(t["params"] for t in shown["trials"] if t["number"] == 2)
        assert found["proposal"]["params"] == params and found["proposal"]["source"] == "person"
        again = Shown(capsys, "why", "toy", "2", "--again")
        assert again.code == 2 and "is this config already" in again.err
        both = Shown(capsys, "why", "toy", "2", "--again", "--accept")
        assert both.code == 2 and "ask for different proposals" in both.err

    def test_accepting_where_nothing_is_suggested(self, capsys: pytest.CaptureFixture[str]) -> None:
        shown = Shown(capsys, "why", "toy", "3", "--accept")
        assert shown.code == 2
        assert "nothing is suggested after t3" in shown.err


class TestCompare:
    def test_json(self, capsys: pytest.CaptureFixture[str]) -> None:
        found = document(capsys, "compare", "toy", "0", "t1", "2")
        assert [t["delta"] for t in found["trials"]] == [0, -0.25, None]
        assert found["differences"]["momentum"] == [0.9, None, None]
        assert found["differences"]["opt"] == ["sgd", "adam", "adam"]

    def test_what_is_the_same_is_not_in_the_table(self, capsys: pytest.CaptureFixture[str]) -> None:
        with open_store("store.sqlite") as store:
            study = make_study(store, name="two")
            add_trial(store, study, GOOD, value=1.0)
            add_trial(store, study, {**GOOD, "layers": 3}, value=2.0)
        out = Shown(capsys, "compare", "two", "0", "1").out
        table, same, judged = out.split("\n\n")
        assert "layers" in table and "momentum" not in table
        assert "momentum=0.9" in same
        assert judged.startswith("t0 is ahead of t1 by 1; how much of that is chance is not known")

    def test_the_noise_decides_what_is_said(self, capsys: pytest.CaptureFixture[str]) -> None:
        with open_store("store.sqlite") as store:
            study = make_study(store, name="noisy")
            for value in (0.30, 0.32, 0.31, 0.29):
                add_trial(store, study, GOOD, value=value)
            add_trial(store, study, {**GOOD, "layers": 3}, value=0.9)
        found = document(capsys, "compare", "noisy", "0", "1", "4")
        assert [(v["first"], v["second"], v["better"], v["beyond"]) for v in found["verdicts"]] == [
            (0, 1, None, False),
            (0, 4, 0, True),
        ]
        assert found["noise"]["source"] == "from 4 runs of one config"
        assert found["verdicts"][1]["text"] in Shown(capsys, "compare", "noisy", "0", "1", "4").out


class TestExport:
    def test_text_is_alone_on_stdout(self, capsys: pytest.CaptureFixture[str]) -> None:
        shown = Shown(capsys, "export", "toy", "--format", "json")
        assert (shown.code, shown.err) == (0, "")
        assert json.loads(shown.out)["provenance"]["trial"] == 1

    def test_a_file(self, capsys: pytest.CaptureFixture[str]) -> None:
        shown = Shown(capsys, "export", "toy", "-o", "best.toml")
        assert (shown.code, shown.out, shown.err) == (0, "", "Wrote best.toml.\n")
        assert Shown(capsys, "export", "toy", "-o", "best.toml").code == 1
        assert Shown(capsys, "export", "toy", "-o", "best.toml", "--force").code == 0

    def test_json_carries_text_and_path(self, capsys: pytest.CaptureFixture[str]) -> None:
        made = document(capsys, "export", "toy", "--format", "args", "--trial", "t0")
        assert (made["trial"], made["path"]) == (0, None)
        assert made["text"].startswith("--lr 0.001")
        assert document(capsys, "export", "toy", "--format", "optuna", "-o", "o.db")["path"] == "o.db"

    def test_nothing_to_export_exits_1(self, capsys: pytest.CaptureFixture[str]) -> None:
        with open_store("store.sqlite") as store:
            make_study(store, name="bare")
        shown = Shown(capsys, "export", "bare", "--json")
        assert shown.code == 1
        assert "no completed trial" in checked(shown.out, "error")["error"]["what"]
