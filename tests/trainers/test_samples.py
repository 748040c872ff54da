"""Samples of a model's answers: written within bounds, at no risk for the trial, and read as a stranger's."""

from __future__ import annotations

import errno
import json
import math
import os
from pathlib import Path
from typing import Any

import pytest

from trainers import rundir, samples
from trainers.samples import SamplesError, SeriesSample, TextSample

WRONG = TextSample(question="({(", answer=")}", truth=")})", right=False, error="too short", when="after")
FORECAST = SeriesSample(
    title="OT", context=(1.0, 2.0), predicted=(3.0, math.nan), truth=(3.5, 4.0), unit="°C", time_step="1h"
)


def test_what_was_written_is_read(tmp_path: Path) -> None:
    assert samples.write(tmp_path, [WRONG, FORECAST], note="validation", asked=1000, counts={"too short": 3})
    found = samples.read(tmp_path)
    assert found is not None
    assert found.texts() == (WRONG,)
    assert (found.note, found.asked, found.counts, found.wrong, found.left_out) == (
        "validation",
        1000,
        {"too short": 3},
        3,
        0,
    )
    (series,) = found.series()
    assert (series.title, series.unit, series.time_step, series.truth) == ("OT", "°C", "1h", (3.5, 4.0))
    assert series.predicted[0] == 3.0
    assert math.isnan(series.predicted[1])
    assert list(tmp_path.iterdir()) == [tmp_path / samples.SAMPLES]


def test_a_run_without_samples_has_none(tmp_path: Path) -> None:
    assert samples.read(tmp_path) is None
    assert samples.read(tmp_path / "gone") is None


@pytest.mark.parametrize(
    ("answer", "truth", "at"), [("ab", "ab", None), ("ab", "ac", 1), ("ab", "abc", 2), ("", "a", 0), ("x", "", 0)]
)
def test_where_answer_and_truth_part(answer: str, truth: str, at: int | None) -> None:
    assert TextSample(question="", answer=answer, truth=truth, right=False).differs_at == at


def test_the_file_is_bounded_however_much_is_given(tmp_path: Path) -> None:
    huge = TextSample(question="q" * 100_000, answer="a" * 100_000, truth="", right=False, error="e" * 10_000)
    long = SeriesSample(context=range(10_000), predicted=range(10_000), truth=())
    many = {str(kind): 1 for kind in range(10_000)}
    assert samples.write(tmp_path, [huge, long, *[WRONG] * 10_000], note="n" * 10_000, counts=many)
    assert (tmp_path / samples.SAMPLES).stat().st_size < samples.MOST_BYTES
    found = samples.read(tmp_path)
    assert found is not None
    assert len(found.items) == samples.MOST
    first, second = found.texts()[0], found.series()[0]
    assert len(first.question) == samples.MOST_TEXT
    assert first.question.endswith("…")
    assert second.context[-1] == 9_999.0  # the end of a context is next to the forecast
    assert second.predicted[0] == 0.0
    assert len(found.counts) == samples.MOST_KINDS


def test_long_samples_are_left_out_before_the_file_grows_too_large(tmp_path: Path) -> None:
    long = SeriesSample(context=[1 / 3] * 2000, predicted=[1 / 3] * 2000, truth=[1 / 3] * 2000)
    assert samples.write(tmp_path, [long] * 400)
    found = samples.read(tmp_path)
    assert found is not None
    assert 40 < len(found.items) < 400


def test_a_full_disk_costs_the_samples_and_not_the_trial(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(rundir.os, "replace", full)
    assert not samples.write(tmp_path, [WRONG])
    assert "No space left" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_an_answer_that_is_no_text_costs_no_trial(tmp_path: Path) -> None:
    assert not samples.write(tmp_path, [SeriesSample(predicted=["one"], truth=[1.0])])  # type: ignore[list-item]
    assert not samples.write(tmp_path / "gone", [WRONG])


@pytest.mark.parametrize(
    "content",
    [b"", b"\x00\xff\xfe", b"[1, 2]", b'{"samples": 3}', b'{"samples": [', b"[" * 100_000, b"1" * (9 << 20)],
    ids=["empty", "binary", "a list", "no samples", "cut off", "deep", "huge"],
)
def test_a_foreign_file_is_one_clear_message(content: bytes, tmp_path: Path) -> None:
    (tmp_path / samples.SAMPLES).write_bytes(content)
    with pytest.raises(SamplesError) as caught:
        samples.read(tmp_path)
    assert samples.SAMPLES in caught.value.where
    assert caught.value.remedy


def test_a_pipe_or_folder_of_that_name_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / samples.SAMPLES)
    with pytest.raises(SamplesError):
        samples.read(tmp_path)
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / samples.SAMPLES).mkdir()
    with pytest.raises(SamplesError):
        samples.read(tmp_path / "one")


def test_what_makes_no_sense_is_left_out_and_counted(tmp_path: Path) -> None:
    bad: list[Any] = [
        3,
        {},
        {"predicted": "abc"},
        {"predicted": [[1]]},
        {"predicted": [10**400]},
        {"predicted": []},
        {"answer": 1},
    ]
    good = {"question": None, "answer": 4, "truth": "\ud83d", "error": ["x"], "right": "no", "when": "never"}
    data = {"samples": [*bad, good], "asked": -1, "counts": {"a": "b", "c": 2, "d": True}, "note": {"x": "y"}}
    (tmp_path / samples.SAMPLES).write_text(json.dumps(data))
    found = samples.read(tmp_path)
    assert found is not None
    assert found.left_out == len(bad)
    assert found.items == (TextSample(question="", answer="4", truth="?", right=False, error="['x']"),)
    assert (found.asked, found.counts) == (None, {"c": 2})
