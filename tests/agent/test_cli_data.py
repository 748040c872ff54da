"""`tunewright data describe`: a file of series, the same again, relabelled in place, never replaced unasked."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agent import cli
from trainers.describe.records import read


def made(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, object]:
    assert cli.main(["data", "describe", "--json", *words]) == 0
    found: dict[str, object] = json.loads(capsys.readouterr().out)
    return found


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_makes_a_file_and_tells_its_labels(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = made(capsys, "--samples", "60", "--process", "brownian")
    records = read(here / "describe.jsonl")
    assert told["samples"] == len(records) == 60
    assert sum(told["splits"].values()) == 60  # type: ignore[attr-defined]
    assert {record.series.process for record in records} == {"brownian"}


def test_relabels_in_place(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made(capsys, "--samples", "60")
    before = read(here / "describe.jsonl")
    told = made(capsys, "--relabel", "describe.jsonl", "--thresholds", "flat=30")
    after = read(here / "describe.jsonl")
    assert told["thresholds"]["flat"] == 30.0  # type: ignore[index]
    assert [r.series for r in after] == [r.series for r in before]
    assert sum(r.truth.trend == "flat" for r in after) > sum(r.truth.trend == "flat" for r in before)


def test_replaces_no_file_unasked(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "describe.jsonl").write_text("mine")
    assert cli.main(["data", "describe", "--samples", "10"]) == 1
    assert "the file exists" in capsys.readouterr().err
    assert (here / "describe.jsonl").read_text() == "mine"
    made(capsys, "--samples", "10", "--force")
    assert len(read(here / "describe.jsonl")) == 10


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--process", "browian"], "Did you mean 'brownian'"),
        (["--thresholds", "hihg=3"], "Did you mean 'high'"),
        (["--relabel", "none.jsonl"], "none.jsonl: cannot be read"),
        (["--samples", "0"], "samples"),
    ],
)
def test_nonsense_is_refused(words: list[str], said: str, here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["data", "describe", *words]) == 2
    assert said in capsys.readouterr().err
    assert not (here / "describe.jsonl").exists()
