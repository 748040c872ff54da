"""Tasks, spaces and options: names that say what is meant, spaces as published, wrong options refused by name."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from tests.trainers.informer.files import ett_folder, hourly, write
from trainers import catalog
from trainers.errors import SpaceError, TunewrightError
from trainers.informer import InformerTrainer
from trainers.informer.options import read_options
from trainers.informer.spaces import LENGTHS, PAPER, complete
from trainers.informer.tasks import TASKS, find
from trainers.parameters import parameter_from_dict
from trainers.settling import settled
from trainers.space import SearchSpace

TRAINER = InformerTrainer()


def test_a_tasks_name_says_what_it_is() -> None:
    task = find("etth2-168-ms-grid3")
    assert (task.data, task.pred_len, task.features, task.space_name) == ("etth2", 168, "ms", "grid3")
    assert all(task.name == name for name, task in TASKS.items())
    assert next(iter(TASKS)) == "synthetic-24-s"  # the default needs no download


def test_every_horizon_feature_mode_and_space_is_there() -> None:
    for data in ("etth1", "etth2"):
        for horizon in (24, 48, 168, 336, 720):
            for features in ("m", "s", "ms"):
                assert {f"{data}-{horizon}-{features}{space}" for space in ("", "-grid12", "-grid3")} <= TASKS.keys()
    assert {"csv-s", "csv-m", "csv-ms", "csv-m-grid12", "csv-s-grid3"} <= TASKS.keys()


def test_the_grids_are_those_of_the_published_studies() -> None:
    twelve, three = TRAINER.space("etth1-24-m-grid12"), TRAINER.space("etth1-24-m-grid3")
    assert {name: p.grid() for name, p in twelve.parameters.items()} == {
        "seq_len": LENGTHS,
        "label_len": LENGTHS,
        "e_layers": (2, 3, 4, 6),
        "n_heads": (8, 16),
        "factor": (3, 5, 8, 10),
    }
    added = {name: p.grid() for name, p in three.parameters.items() if name not in twelve.parameters}
    assert added == {
        "d_model": (256, 512, 768),
        "d_ff": (1024, 2048, 3072),
        "d_layers": (1, 2, 3),
        "dropout": (0.05, 0.1, 0.2),
    }
    assert len(twelve.configs() or ()) == 15 * 4 * 2 * 4  # of 36 pairs of lengths, 15 have label_len < seq_len


@pytest.mark.parametrize("task", ["synthetic-24-s", "etth1-24-m", "csv-ms", "etth1-24-m-grid12", "etth1-24-m-grid3"])
def test_what_cannot_be_trained_is_refused_before_training(task: str) -> None:
    space = TRAINER.space(task)
    good = space.sample(random.Random(1))
    with pytest.raises(SpaceError, match="label_len < seq_len"):
        space.validate({**good, "seq_len": 48, "label_len": 48})
    if "d_model" in good and task != "etth1-24-m-grid3":
        with pytest.raises(SpaceError, match="d_model % n_heads == 0"):
            space.validate({**good, "seq_len": 96, "label_len": 24, "d_model": 33, "n_heads": 2})


def test_a_grid_is_completed_by_the_papers_values() -> None:
    config = complete(TRAINER.defaults("etth1-24-m-grid12"))
    assert config == PAPER
    assert (config["lr"], config["batch_size"], config["epochs"], config["d_model"]) == (1e-4, 32, 6, 512)


def test_no_space_has_conditions() -> None:
    """So that the search can model it whole."""
    assert not [name for name in TASKS for p in TRAINER.space(name).parameters.values() if p.when is not None]


@pytest.mark.parametrize(
    ("task", "options", "said"),
    [
        ("csv-s", {"targt": "OT"}, "options.targt: informer has no such option. Did you mean 'target'?"),
        ("csv-s", {"path": ""}, "options.path: '' is not the path of a CSV file"),
        ("csv-s", {"pred_len": 0}, "options.pred_len: 0 is not a whole number of rows above 0"),
        ("csv-s", {"pred_len": True}, "options.pred_len: True is not a whole number of rows above 0"),
        ("csv-s", {"gaps": "ignore"}, 'options.gaps: \'ignore\' is not "refuse", "fill" or "join"'),
        ("csv-s", {"columns": "load"}, "options.columns: 'load' is not a list of column names"),
        ("csv-s", {"columns": ["a", "a"]}, "options.columns: ['a', 'a'] is not a list of column names"),
        ("etth1-24-m", {"pred_len": 48}, "options.pred_len: etth1-24-m takes no 'pred_len'. The task's name says it."),
        (
            "synthetic-24-s",
            {"path": "x"},
            "options.path: synthetic-24-s takes no 'path'. It is for: etth1, etth2, csv.",
        ),
        ("csv-s", {"protocol": "papr"}, "options.protocol: 'papr' is no protocol"),
        ("csv-s", {"protocol": [0.5, 0.5, 0.5]}, "options.protocol: [0.5, 0.5, 0.5] is no protocol"),
        ("csv-s", {"protocol": [100, 50]}, "options.protocol: [100, 50] is no protocol"),
        ("csv-s", {"protocol": [100, 50, 0]}, "options.protocol: [100, 50, 0] is no protocol"),
    ],
)
def test_a_wrong_option_is_refused_by_name(task: str, options: dict[str, Any], said: str) -> None:
    with pytest.raises(TunewrightError) as caught:
        read_options(find(task), options)
    assert str(caught.value).startswith(said)


@pytest.mark.parametrize(
    ("protocol", "rows"),
    [("ratio", (700, 100, 200)), ([600, 200, 200], (600, 200, 200)), ([0.6, 0.2, 0.2], (600, 200, 200))],
)
def test_a_protocol_is_named_or_written_as_rows_or_shares(protocol: Any, rows: tuple[int, int, int]) -> None:
    assert read_options(find("csv-s"), {"protocol": protocol}).protocol.rows(1_000) == rows


def test_ett_has_the_papers_protocol_and_other_series_the_ratio() -> None:
    assert read_options(find("etth1-24-m"), {}).protocol.rows(17_420) == (8_640, 2_880, 2_880)
    assert read_options(find("csv-m"), {}).protocol.rows(1_000) == (700, 100, 200)


# -- when a study is made --------------------------------------------------------


def settle(task: str, options: dict[str, Any], folder: Path, **lengths: int) -> tuple[dict[str, Any], list[str]]:
    """`lengths` set the range of seq_len."""
    space = TRAINER.space(task)
    if lengths:
        changed = parameter_from_dict("seq_len", {"type": "int", **lengths})
        labels = parameter_from_dict("label_len", {"type": "int", "low": 1, "high": 8})
        space = SearchSpace(
            {**space.parameters, "seq_len": changed, "label_len": labels}.values(), [c.text for c in space.constraints]
        )
    return settled(TRAINER, task, options, space, folder)


def test_a_generated_series_needs_no_settling(tmp_path: Path) -> None:
    assert settle("synthetic-24-s", {}, tmp_path) == ({}, [])


def test_a_path_is_taken_from_the_study_files_folder_and_the_data_are_marked(tmp_path: Path) -> None:
    path = write(tmp_path, hourly(400))
    options, odd = settle("csv-s", {"path": "series.csv", "pred_len": 4}, tmp_path, low=8, high=48)
    assert (options["path"], options["pred_len"], len(options["sha256"]), odd) == (str(path), 4, 64, [])
    assert settle("csv-s", options, Path("/"), low=8, high=48) == (options, [])
    write(tmp_path, hourly(401))
    with pytest.raises(TunewrightError, match="the file is another than when the study was made"):
        settle("csv-s", options, tmp_path, low=8, high=48)


def test_a_space_that_the_series_is_too_short_for_is_refused(tmp_path: Path) -> None:
    write(tmp_path, hourly(100))
    with pytest.raises(TunewrightError) as caught:
        settle("csv-s", {"path": "series.csv", "pred_len": 4}, tmp_path)
    assert str(caught.value) == (
        "seq_len: training has 70 rows, and one window takes 340: seq_len 336 + pred_len 4. "
        "Write in [space] a seq_len that ends at 66 or before."
    )
    settle("csv-s", {"path": "series.csv", "pred_len": 4}, tmp_path, low=8, high=66)


def test_a_constant_target_is_refused_and_another_constant_column_told(tmp_path: Path) -> None:
    rows = [",".join([row.split(",")[0], "3", row.split(",")[2]]) for row in hourly(400)]
    write(tmp_path, rows)
    options = {"path": "series.csv", "pred_len": 4}
    assert settle("csv-m", options, tmp_path, low=8, high=48)[1] == [
        "column 'load' has the same value in all 280 rows of training"
    ]
    with pytest.raises(TunewrightError, match="'load' has the same value in all 280 rows of training"):
        settle("csv-m", {**options, "target": "load"}, tmp_path, low=8, high=48)


def test_what_is_odd_about_a_file_is_told(tmp_path: Path) -> None:
    write(tmp_path, hourly(400)[::-1])
    odd = settle("csv-m", {"path": "series.csv", "pred_len": 4}, tmp_path, low=8, high=48)[1]
    assert [words.partition(": ")[2] for words in odd] == ["the rows are not in order of time; they have been sorted"]


def test_a_csv_task_without_a_file_says_how_to_name_one(tmp_path: Path) -> None:
    with pytest.raises(TunewrightError, match=r"options.path: a csv task needs a file. Write path = "):
        settle("csv-s", {}, tmp_path)


def test_ett_is_found_by_the_variable_by_a_path_and_in_the_data_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = ett_folder()
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.delenv("TUNEWRIGHT_ETT", raising=False)
    with pytest.raises(TunewrightError) as caught:
        settle("etth1-24-s", {}, tmp_path)
    assert str(caught.value) == (
        f"{tmp_path}/tunewright/ett/ETTh1.csv: etth1-24-s needs ETTh1.csv, and it is not there. "
        "Download it with 'tunewright data ett', or name it: options = { path = \"…\" }."
    )
    for told in (str(folder), str(folder / "ETTh1.csv")):
        assert settle("etth1-24-s", {"path": told}, tmp_path)[0]["path"] == str(folder / "ETTh1.csv")
    monkeypatch.setenv("TUNEWRIGHT_ETT", str(folder))
    assert settle("etth1-24-s", {}, tmp_path)[0]["path"] == str(folder / "ETTh1.csv")
    monkeypatch.delenv("TUNEWRIGHT_ETT")
    (tmp_path / "tunewright/ett").mkdir(parents=True)
    (tmp_path / "tunewright/ett/ETTh1.csv").symlink_to(folder / "ETTh1.csv")
    assert settle("etth1-24-s", {}, tmp_path)[0]["path"] == str(tmp_path / "tunewright/ett/ETTh1.csv")


def test_an_ett_task_is_not_run_on_the_other_file(tmp_path: Path) -> None:
    wrong = ett_folder() / "ETTh2.csv"
    with pytest.raises(TunewrightError, match=r"this is ETTh2\.csv, and the task's is ETTh1\.csv"):
        settle("etth1-24-m", {"path": str(wrong)}, tmp_path)
    shorter = tmp_path / "ETTh1.csv"
    shorter.write_text("\n".join((ett_folder() / "ETTh1.csv").read_text().splitlines()[:16_000]))
    assert settle("etth1-24-m", {"path": str(shorter)}, tmp_path)[1] == [
        f"{shorter}: this is not ETTh1.csv as published"
    ]


@pytest.mark.parametrize(
    ("trainer", "task", "options", "said"),
    [
        ("bracket", "gru-small", {"train_samples": 0}, "options.train_samples: 0 is not a whole number above 0"),
        ("bracket", "gru-small", {"samples": 9}, "options.samples: bracket has no such option"),
        ("forest", "svm-iris", {"folds": 9}, "options.folds: forest has no options"),
    ],
)
def test_other_trainers_look_at_their_options_too(trainer: str, task: str, options: Any, said: str) -> None:
    loaded = catalog.load(trainer)
    with pytest.raises(TunewrightError) as caught:
        settled(loaded, task, options, loaded.space(task), Path())
    assert str(caught.value).startswith(said)
