"""[options] of a built-in trainer: what the trainer finds wrong, also with the data they name, is told in its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.plain import opening
from agent.store.connection import open_store
from agent.study.problems import StudyFileError
from agent.study.spec import StudySpec
from agent.study.study_file import parse_study, to_toml
from tests.agent.stores import add_trial
from tests.trainers.informer.files import hourly, write
from trainers.errors import TunewrightError

STUDY = """\
[study]
name = "loads"
trainer = "informer"
task = "csv-s"
budget = { trials = 3 }

[space]
seq_len = { type = "int", low = 8, high = 48, step = 8, default = 16 }
label_len = { type = "int", low = 4, high = 24, step = 4, default = 8 }

[options]
path = "series.csv"
pred_len = 4
"""


def read(folder: Path, text: str = STUDY) -> tuple[StudySpec, list[str]]:
    told: list[str] = []
    return parse_study(text, folder / "study.toml", told.append), told


def refusal(folder: Path, text: str = STUDY) -> str:
    with pytest.raises(StudyFileError) as caught:
        read(folder, text)
    return str(caught.value).replace(f"{folder}/", "")


def test_a_path_is_found_beside_the_file_and_the_data_are_marked(tmp_path: Path) -> None:
    path = write(tmp_path, hourly(400))
    spec, told = read(tmp_path)
    assert (spec.options["path"], told) == (str(path), [])
    assert len(spec.options["sha256"]) == 64
    assert read(tmp_path, to_toml(spec, tmp_path))[0] == spec


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('path = "series.csv"', 'path = "none.csv"', "study.toml:12: options.path: none.csv: there is no such file"),
        ("pred_len = 4", "pred_len = 0", "study.toml:13: options.pred_len: 0 is not a whole number of rows above 0"),
        ("pred_len = 4", "prd_len = 4", "study.toml:13: options.prd_len: informer has no such option"),
        ("pred_len = 4", 'target = "OTT"', "study.toml:13: options.target: series.csv has no column 'OTT'"),
        ("pred_len = 4", 'date = "day"', "study.toml:13: options.date: series.csv has no column 'day'"),
        ("pred_len = 4", 'protocol = "paper"', "study.toml:13: options.protocol: the protocol takes 14,400 rows"),
        ("high = 48", "high = 800", "study.toml:8: space.seq_len: training has 280 rows, and one window takes 804"),
        ('path = "series.csv"\n', "", "study.toml:11: options.path: a csv task needs a file"),
        ('"csv-s"', '"synthetic-24-s"', "study.toml:12: options.path: synthetic-24-s takes no 'path'"),
    ],
)
def test_what_is_wrong_is_told_in_its_place(tmp_path: Path, old: str, new: str, said: str) -> None:
    write(tmp_path, hourly(400))
    assert old in STUDY
    assert refusal(tmp_path, STUDY.replace(old, new)).startswith(said)


def test_what_is_wrong_with_the_data_is_told_with_their_line(tmp_path: Path) -> None:
    rows = hourly(400)
    write(tmp_path, [*rows[:7], rows[7].rpartition(",")[0] + ",", *rows[8:]])
    assert refusal(tmp_path).startswith("study.toml:12: options.path: series.csv:9: OT has no value here.")


def test_data_are_read_only_when_the_file_has_no_other_fault(tmp_path: Path) -> None:
    said = refusal(tmp_path, STUDY.replace("low = 4", "low = 40"))
    assert "label_len" in said
    assert "there is no such file" not in said


def test_what_is_odd_about_the_data_is_told_and_no_error(tmp_path: Path) -> None:
    write(tmp_path, hourly(400)[::-1])
    assert [words.rpartition("series.csv: ")[2] for words in read(tmp_path)[1]] == [
        "the rows are not in order of time; they have been sorted"
    ]


def test_a_config_that_cannot_be_built_is_refused_by_the_space(tmp_path: Path) -> None:
    write(tmp_path, hourly(400))
    given = STUDY.replace("[options]", "[defaults]\nd_model = 30\nn_heads = 4\n\n[options]")
    assert "constraint d_model % n_heads == 0 is broken by d_model = 30, n_heads = 4" in refusal(tmp_path, given)
    given = STUDY.replace("[options]", "[defaults]\nseq_len = 8\nlabel_len = 8\n\n[options]")
    assert "constraint label_len < seq_len is broken by label_len = 8, seq_len = 8" in refusal(tmp_path, given)


def test_a_study_goes_on_where_its_data_have_moved_but_not_where_they_are_others(tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    for folder in (here, there):
        folder.mkdir()
        write(folder, hourly(400))
    with open_store(tmp_path / "store.sqlite") as store:
        study, _ = opening.from_file(store, here / "study.toml", read(here)[0])
        add_trial(store, study, study.spec.first_config())
        moved, changes = opening.from_file(store, there / "study.toml", read(there)[0])
        assert moved.spec.options["path"] == str(there / "series.csv")
        assert len(changes) == 1
        write(there, hourly(401))
        with pytest.raises(TunewrightError, match=r"the file now differs from it in options\.sha256"):
            opening.from_file(store, there / "study.toml", read(there)[0])
