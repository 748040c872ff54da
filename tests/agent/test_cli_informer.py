"""A CSV of one's own, from its study file to the best config; what is wrong with it is told before a store is made."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from agent.study.nouns import TrialState
from tests.agent.schemas import checked
from tests.agent.scripts import trials_in, workplace
from tests.agent.terminals import tunewright

STUDY = """
[study]
name = "load"
trainer = "informer"
task = "csv-ms"
budget = { trials = 2 }
policy = "watch"
search = "random"

[space]
seq_len = { type = "int", low = 12, high = 24, step = 12, default = 24 }
label_len = { type = "int", low = 6, high = 12, step = 6, default = 12 }
d_model = { type = "int", low = 8, high = 16, step = 8, default = 16 }
n_heads = { type = "int", low = 1, high = 2, default = 2 }
d_ff = { type = "int", low = 16, high = 32, step = 16 }
e_layers = { type = "int", low = 1, high = 2, default = 1 }
epochs = { type = "int", low = 1, high = 2, default = 2 }

[options]
path = "load.csv"
target = "Last"
pred_len = 6
"""


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    with workplace(tmp_path) as place:
        (place / "study.toml").write_text(STUDY, encoding="utf-8")
        yield place


def write_series(folder: Path, hours: list[int]) -> None:
    """As a German spreadsheet writes it, but for the decimals."""
    lines = ["Zeit;Temperatur;Last"]
    for hour in hours:
        at = datetime(2024, 3, 1) + timedelta(hours=hour)
        swing = math.sin(hour * math.pi / 12)
        lines.append(f"{at:%d.%m.%Y %H:%M};{10 + 5 * swing:.2f};{100 + 30 * swing + hour % 7:.2f}")
    (folder / "load.csv").write_text("\n".join(lines), encoding="utf-8-sig")


@pytest.mark.slow
def test_a_csv_of_ones_own_is_tuned_to_the_best_config(folder: Path) -> None:
    write_series(folder, list(range(300)))
    done = tunewright("run", "study.toml", "--json", cwd=folder)
    assert done.returncode == 0, done.stderr
    found = checked(done.stdout, "run")
    assert (found["state"], found["trials"]["completed"]) == ("finished", 2)
    assert 0 < found["best"]["value"] < 3
    trained = trials_in(folder, "load")
    assert [trial.state for trial in trained] == [TrialState.COMPLETED] * 2
    assert trained[0].params["d_model"] == 16


@pytest.mark.slow
def test_a_study_does_not_go_on_with_other_data(folder: Path) -> None:
    write_series(folder, list(range(300)))
    assert tunewright("run", "study.toml", "--trials", "1", "--json", cwd=folder).returncode == 0
    write_series(folder, list(range(301)))
    done = tunewright("run", "load", "--trials", "2", "--json", cwd=folder)
    assert done.returncode == 2
    assert checked(done.stdout, "error")["error"]["what"] == "the file is another than when the study was made"
    assert len(trials_in(folder, "load")) == 1
    assert (
        tunewright("run", "load", "--trials", "1", "--json", cwd=folder).returncode == 0
    )  # its result can be asked for


def test_a_gap_is_told_before_anything_is_stored(folder: Path) -> None:
    write_series(folder, [hour for hour in range(300) if hour != 200])
    done = tunewright("run", "study.toml", "--json", cwd=folder)
    assert done.returncode == 2
    error = checked(done.stdout, "error")["error"]
    assert "load.csv:202: 1 row is missing before 2024-03-09 09:00:00" in error["what"]
    assert error["where"].endswith("study.toml:20: options.path")
    assert 'gaps = "fill"' in error["remedy"]
    assert not (folder / "store.sqlite").exists()


@pytest.mark.slow
def test_the_demo_needs_no_data(folder: Path) -> None:
    done = tunewright("demo", "informer", "--trials", "1", "--json", cwd=folder, timeout=150)
    assert done.returncode == 0, done.stderr
    found = checked(done.stdout, "demo")
    assert (found["study"], found["trials"]["completed"]) == ("demo-synthetic-24-s", 1)
    assert found["best"]["value"] < 0.71  # of the day before; of the mean .85
