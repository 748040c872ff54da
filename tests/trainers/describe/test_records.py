"""Data sets: the same from the same seed, balanced, relabelled without making a series again, read with the line of a fault."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest

from trainers.describe.balance import shares
from trainers.describe.records import Record, agreement, kappa, lines, made, read, relabelled, taught
from trainers.describe.rules import FIELDS, Thresholds, truths
from trainers.describe.series import LENGTH, TOP, series
from trainers.errors import TunewrightError

GOOD = {
    "trend": "It rises.",
    "noise": "The noise is low.",
    "extrema": "It peaks at the end and is lowest at the start.",
}


@pytest.fixture(scope="module")
def records() -> list[Record]:
    return made("ou", 300, 7, Thresholds())


def test_a_series_comes_from_its_seed_alone() -> None:
    together = series("ou", range(5, 9))
    assert series("ou", [7]) == [together[2]]
    assert len({one.values for one in together}) == 4
    assert all(len(one.values) == LENGTH and min(one.values) == 0 and max(one.values) == TOP for one in together)


@pytest.mark.parametrize("process", ["ou", "brownian"])
def test_labels_are_balanced_that_are_rare_as_the_process_makes_them(process: str) -> None:
    raw = shares(truths([one.values for one in series(process, range(2000))]))  # type: ignore[arg-type]
    chosen = shares([record.truth for record in made(process, 300, 0, Thresholds())])  # type: ignore[arg-type]
    assert raw["trend"]["flat"] < 0.05
    for labels in chosen.values():
        assert len(labels) == 3
        assert min(labels.values()) > 0.2
        assert max(labels.values()) < 0.47


def test_the_rules_know_clear_cases() -> None:
    time = np.arange(LENGTH)
    ramp = tuple(np.rint(time * TOP / (LENGTH - 1)).astype(int).tolist())
    hill = tuple(np.rint(TOP * np.exp(-(((time - 64) / 20) ** 2))).astype(int).tolist())
    saw = tuple(int(TOP * (t % 2)) for t in time)
    up, middle, rough = truths([ramp, hill, saw])
    assert up.to_dict() == {"trend": "rising", "noise": "low", "extrema": "end/beginning"}
    assert (middle.trend, middle.highest, middle.lowest) == ("flat", "middle", "beginning")
    assert rough.noise == "high"


def test_a_data_set_is_the_same_again_and_another_seed_shares_nothing(records: list[Record]) -> None:
    assert made("ou", 300, 7, Thresholds()) == records
    other = made("ou", 300, 8, Thresholds())
    assert not {r.series.seed for r in records} & {r.series.seed for r in other}


def test_splits_go_by_the_series(records: list[Record]) -> None:
    count = {split: sum(r.split == split for r in records) for split in ("train", "val", "test")}
    assert 0.7 < count["train"] / len(records) < 0.9
    assert min(count.values()) > 10


def test_lines_are_read_as_they_were_written(records: list[Record], tmp_path: Path) -> None:
    path = tmp_path / "data.jsonl"
    path.write_text(lines(records))
    assert read(path) == records


def test_a_last_line_that_broke_off_is_left_out(records: list[Record], tmp_path: Path) -> None:
    path = tmp_path / "data.jsonl"
    path.write_text(lines(records[:3])[:-20])
    assert read(path) == records[:2]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"values": [1, 2]}, "128 integers"),
        ({"values": [100] * 128}, "from 0 to 99"),
        ({"process": "ar"}, "no described series: ar"),
        ({"truth": None}, "no described series"),
        ({"answer": {}}, "'trend' is missing"),
    ],
)
def test_a_fault_is_told_with_its_line(
    change: dict[str, object], said: str, records: list[Record], tmp_path: Path
) -> None:
    path = tmp_path / "data.jsonl"
    path.write_text(lines(records[:1]) + json.dumps({**records[1].to_dict(), **change}) + "\n")
    with pytest.raises(TunewrightError, match=said) as raised:
        read(path)
    assert raised.value.where == f"{path}:2"


def test_other_thresholds_change_truth_and_sentences_but_no_series(records: list[Record]) -> None:
    wide = relabelled(records, Thresholds(flat=25.0))
    assert [r.series for r in wide] == [r.series for r in records]
    assert sum(r.truth.trend == "flat" for r in wide) > sum(r.truth.trend == "flat" for r in records)
    changed = [(a, b) for a, b in zip(records, wide, strict=True) if a.truth != b.truth]
    assert changed
    assert all(a.answer["trend"] != b.answer["trend"] for a, b in changed)
    assert relabelled(wide, Thresholds()) == records


def test_what_a_teacher_says_stands_unless_the_rules_contradict_it(records: list[Record]) -> None:
    record = next(r for r in records if r.truth.trend == "rising" and r.truth.noise == "high")
    told = taught(record, "model", GOOD)
    assert told.by == "model"
    assert told.answer["trend"] == GOOD["trend"]
    assert told.mended["noise"] == "contradicts"
    assert told.answer["noise"] != GOOD["noise"]
    assert told.said["model"] == GOOD
    calm = relabelled([told], Thresholds(low=90.0, high=99.0))[0]  # under which the noise is low
    assert "noise" not in calm.mended
    assert calm.answer["noise"] == GOOD["noise"]


def test_two_teachers_are_held_against_each_other(records: list[Record]) -> None:
    other = {**GOOD, "trend": "It falls."}
    both = [taught(taught(r, "a", GOOD), "b", GOOD if i % 2 else other) for i, r in enumerate(records[:40])]
    found = agreement(both, "a", "b")
    assert found["noise"] == 1.0
    assert found["trend"] == pytest.approx(0.0)
    assert math.isnan(agreement(records, "a", "b")["trend"])
    assert kappa([("x", "x"), ("y", "y"), ("x", "y"), ("y", "x")]) == 0.0


@pytest.mark.parametrize("text", ["flta=3", "flat=x", "low=20", "ends=0", "early=100,late=50", "flat=-1"])
def test_thresholds_that_make_no_sense_are_refused(text: str) -> None:
    with pytest.raises(TunewrightError, match=r"threshold|number|must|lie") as raised:
        Thresholds.read(text)
    assert raised.value.where == "thresholds"


def test_thresholds_are_read() -> None:
    assert Thresholds.read("flat=4, ends=10") == Thresholds(flat=4.0, ends=10)
    assert isinstance(Thresholds.read("ends=10").ends, int)
    assert set(FIELDS) == {"trend", "noise", "extrema"}
