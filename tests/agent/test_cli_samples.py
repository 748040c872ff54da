"""`tunewright samples`: the wrong answers beside the truth, in text and as JSON."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.store import studies, trials
from agent.store.connection import open_store
from tests.agent.stores import toy_store
from tests.agent.test_cli_looking import Shown, document
from trainers import samples
from trainers.samples import SeriesSample, TextSample

TEXTS = [
    TextSample(question="【({", answer="})", truth="})】", right=False, error="too short"),
    TextSample(question="((", answer="))", truth="))", right=True),
    TextSample(question="{\x1b[31m(", answer=")\u202e}", truth=")}", right=False, error="too long"),
]
SERIES = SeriesSample(
    title="OT", context=(1.0, 2.0, 3.0), predicted=(4.0, float("nan")), truth=(4.5, 6.0), time_step="1h", unit="°C"
)


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    toy_store(tmp_path / "store.sqlite")
    return tmp_path


def run_dir(number: int) -> Path:
    """The folder of the latest attempt."""
    with open_store(Path("store.sqlite")) as store:
        trial = trials.get(store, studies.get(store, "toy").id, number)
        found = store.folder / trials.attempts(store, trial.id)[-1]["run_dir"]
    found.mkdir(parents=True, exist_ok=True)
    return found


def test_wrong_answers_stand_beside_the_truth(capsys: pytest.CaptureFixture[str]) -> None:
    samples.write(run_dir(1), TEXTS, note="validation", asked=1000, counts={"too short": 5, "too long": 2})
    lines = Shown(capsys, "samples", "toy", "1").out.splitlines()
    assert lines[0] == "t1: 7 of 1,000 wrong: 5 too short, 2 too long (validation)"
    assert lines[2].split() == ["✗", "1", "【({", "})", "})】", "too", "short", "3"]  # they part at the third character
    assert len(lines) == 4
    assert "((" in Shown(capsys, "samples", "toy", "1", "--all").out


def test_columns_stand_below_each_other_though_brackets_are_two_cells_wide(capsys: pytest.CaptureFixture[str]) -> None:
    from rich.cells import cell_len

    samples.write(run_dir(1), TEXTS)
    head, *rows = Shown(capsys, "samples", "toy", "1", "--all").out.splitlines()[1:]
    for row, said in zip(rows, ("})】", "))", ")}"), strict=True):
        before = row[: row.rindex(said)]
        assert cell_len(before) == head.index("truth")


def test_what_would_steer_the_terminal_is_spelt_out(capsys: pytest.CaptureFixture[str]) -> None:
    samples.write(run_dir(1), TEXTS)
    for words in ((), ("--sample", "3")):
        out = Shown(capsys, "samples", "toy", "1", *words).out
        assert "\x1b" not in out and "\u202e" not in out
        assert "{\\x1b[31m(" in out and ")\\u202e}" in out


def test_long_answers_are_shown_in_full_with_what_differs_marked(capsys: pytest.CaptureFixture[str]) -> None:
    said = "The series rises steadily from its beginning to its end, with little noise on top of it."
    long = TextSample(question="q" * 90, answer=said, truth=said.replace("rises", "falls"), right=False)
    samples.write(run_dir(1), [long])
    lines = Shown(capsys, "samples", "toy", "1", "--width", "80").out.splitlines()
    at = next(line.index("rises") for line in lines if "rises" in line)
    assert " " * at + "^^^^^" in lines
    assert max(map(len, lines)) <= 80


def test_a_forecast_is_a_row_with_its_errors_and_alone_a_plot(capsys: pytest.CaptureFixture[str]) -> None:
    samples.write(run_dir(1), [SERIES])
    out = Shown(capsys, "samples", "toy", "1").out
    assert "OT" in out and "mse .2500  mae .5000" in out
    drawn = Shown(capsys, "samples", "toy", "1", "--sample", "1").out
    assert "in °C  1h apart" in drawn
    assert any("\u2801" <= character <= "\u28ff" for character in drawn)
    assert "predicted" in drawn and "truth" in drawn


def test_json_has_all_fields(capsys: pytest.CaptureFixture[str]) -> None:
    samples.write(run_dir(1), [*TEXTS, SERIES], note="n", asked=10, counts={"too short": 2})
    found = document(capsys, "samples", "toy", "t1")
    assert (found["asked"], found["wrong"], found["counts"]) == (10, 2, {"too short": 2})
    assert [one["number"] for one in found["samples"]] == [1, 3, 4]
    first, *_, last = found["samples"]
    assert (first["answer"], first["truth"], first["differs_at"]) == ("})", "})】", 2)
    assert (last["predicted"], last["mse"]) == ([4.0, None], 0.25)
    assert [one["number"] for one in document(capsys, "samples", "toy", "1", "--find", "LONG")["samples"]] == [3]


def test_a_trial_without_samples_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    shown = Shown(capsys, "samples", "toy", "1")
    assert (shown.code, shown.out) == (2, "")
    assert "t1 left no samples" in shown.err
    (run_dir(1) / samples.SAMPLES).write_bytes(b"\x00")
    damaged = Shown(capsys, "samples", "toy", "1")
    assert damaged.code == 1
    assert samples.SAMPLES in damaged.err and "Delete the file" in damaged.err


def test_a_sample_that_is_not_there_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    samples.write(run_dir(1), TEXTS)
    shown = Shown(capsys, "samples", "toy", "1", "--sample", "9")
    assert shown.code == 2
    assert "there is no sample 9. There are 1 to 3." in shown.err


def test_the_latest_attempt_that_left_some_counts(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    with open_store(Path("store.sqlite")) as store:
        study = studies.get(store, "toy")
        trial = next(t for t in trials.all_trials(store, study.id) if t.attempts == 1 and not t.state.ended)
        first = store.folder / trials.attempts(store, trial.id)[0]["run_dir"]
        store.conn.execute(
            "INSERT INTO attempt (trial_id, number, run_dir, state, launched_at) VALUES (?, 2, 'runs/later', 'running', 0)",
            (trial.id,),
        )
    first.mkdir(parents=True, exist_ok=True)
    samples.write(first, TEXTS[:1])
    assert "【({" in Shown(capsys, "samples", "toy", str(trial.number)).out
    later = tmp_path / "runs" / "later"
    later.mkdir(parents=True)
    samples.write(later, TEXTS[2:])
    assert "【({" not in Shown(capsys, "samples", "toy", str(trial.number)).out
