"""What is exported says where it comes from, reads back as it was, and never lands on a file that exists."""

from __future__ import annotations

import csv
import json
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from agent.exports import FORMATS, export
from agent.store.connection import Store, open_store
from agent.store.studies import Study
from agent.study.nouns import TrialState
from tests.agent.stores import GOOD, SPACE, add_trial, fill, make_study
from trainers.errors import TunewrightError
from trainers.space import SearchSpace

BEST = {"lr": 2e-3, "opt": "adam", "layers": 3, "warm": True}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "store.sqlite") as opened:
        yield opened


@pytest.fixture
def study(store: Store) -> Study:
    return fill(store)


def text_of(store: Store, study: Study, format: str, number: int | None = None) -> str:
    text = export(store, study, format, number=number).text
    assert text is not None
    return text


def executed(text: str) -> Any:
    names: dict[str, Any] = {}
    exec(text, names)
    return names["config"]


class TestOneConfig:
    def test_toml_reads_back(self, store: Store, study: Study) -> None:
        assert tomllib.loads(text_of(store, study, "toml")) == BEST

    def test_toml_says_what_it_cannot_hold(self, store: Store, study: Study) -> None:
        text = text_of(store, study, "toml", 0)
        assert tomllib.loads(text) == {k: v for k, v in GOOD.items() if v is not None}
        assert "# warm is null" in text

    def test_json_reads_back_with_provenance(self, store: Store, study: Study) -> None:
        document = json.loads(text_of(store, study, "json"))
        assert document["params"] == BEST
        origin = document["provenance"]
        assert (origin["study"], origin["trial"], origin["value"], origin["metric"]) == ("toy", 1, 0.25, "loss")

    def test_yaml_reads_back(self, store: Store, study: Study) -> None:
        assert yaml.safe_load(text_of(store, study, "yaml")) == BEST
        assert yaml.safe_load(text_of(store, study, "yaml", 0)) == GOOD

    def test_python_reads_back(self, store: Store, study: Study) -> None:
        assert executed(text_of(store, study, "python", 0)) == GOOD

    def test_args_of_a_built_in_trainer_are_pairs(self, store: Store, study: Study) -> None:
        words = shlex.split(text_of(store, study, "args", 0))
        assert words == ["--lr", "0.001", "--opt", "sgd", "--momentum", "0.9", "--layers", "2"]

    def test_args_of_a_script_are_its_command(self, store: Store) -> None:
        command = ["python", "my train.py", "--lr={lr}", "--opt", "{opt}", "--m", "{momentum}", "--out", "{run_dir}/x"]
        made = make_study(store, name="s", trainer="script", task="", options={"command": command})
        add_trial(store, made, {**BEST, "opt": "adam"}, value=1.0)
        assert text_of(store, made, "args") == "python 'my train.py' --lr=0.002 --opt adam\n"

    @pytest.mark.parametrize("format", ["toml", "yaml", "python"])
    def test_comments_say_where_it_comes_from(self, store: Store, study: Study, format: str) -> None:
        head = [line for line in text_of(store, study, format).splitlines() if line.startswith("#")]
        assert "Study toy (forest svm-wine), trial 1 of 7: completed, ended 20" in head[0]
        assert "loss = 0.25 (minimize), proposed by gp, seed 0." in head[1]

    @pytest.mark.parametrize("format", ["toml", "yaml", "python"])
    def test_hostile_text_stays_text(self, store: Store, format: str) -> None:
        """A choice full of quotes and a study name with a line break neither break out nor break the file."""
        odd = "a\"b'c\n# d: {e}\\ é \U0001f40d"
        space = SearchSpace.from_dict(
            {"parameters": {"model.kind": {"type": "categorical", "choices": [odd, "1e5", "null"]}}}
        )
        made = make_study(store, name="x\nlr = 1", space=space)
        for value in (odd, "1e5", "null"):
            number = add_trial(store, made, {"model.kind": value}, value=1.0)
            text = text_of(store, made, format, number)
            read = {"toml": tomllib.loads, "yaml": yaml.safe_load, "python": executed}[format]
            assert read(text) == {"model.kind": value}

    @pytest.mark.parametrize("value", [1e-5, 1e22, 1e-300, 0.1 + 0.2, 5.0, -0.0])
    def test_floats_keep_every_digit(self, store: Store, value: float) -> None:
        space = SearchSpace.from_dict({"parameters": {"x": {"type": "float", "low": -1.0, "high": 1e23}}})
        made = make_study(store, space=space)
        add_trial(store, made, {"x": value}, value=1.0)
        back = [
            tomllib.loads(text_of(store, made, "toml"))["x"],
            yaml.safe_load(text_of(store, made, "yaml"))["x"],
            json.loads(text_of(store, made, "json"))["params"]["x"],
            float(shlex.split(text_of(store, made, "args"))[1]),
        ]
        assert back == [value] * 4
        assert all(isinstance(found, float) for found in back)


class TestAllTrials:
    def test_csv_has_a_row_a_trial(self, store: Store, study: Study) -> None:
        rows = list(csv.DictReader(text_of(store, study, "csv").splitlines()))
        assert list(rows[0]) == ["number", "state", "source", "value", *SPACE.parameters, "seconds", "failure"]
        states = ["completed", "completed", "failed", "stopped", "pruned", "running", "queued"]
        assert [row["state"] for row in rows] == states
        assert (rows[1]["value"], rows[2]["value"], rows[2]["failure"]) == ("0.25", "", "cuda_out_of_memory")
        assert (rows[0]["momentum"], rows[1]["momentum"]) == ("0.9", "")

    def test_a_parameter_named_like_a_column_is_prefixed(self, store: Store) -> None:
        space = SearchSpace.from_dict({"parameters": {"value": {"type": "int", "low": 0, "high": 9}}})
        made = make_study(store, space=space)
        add_trial(store, made, {"value": 7}, value=0.5)
        [row] = csv.DictReader(text_of(store, made, "csv").splitlines())
        assert (row["value"], row["params.value"]) == ("0.5", "7")


class TestFiles:
    @pytest.mark.parametrize("format", FORMATS)
    def test_a_file_is_replaced_only_by_force(self, store: Store, study: Study, format: str, tmp_path: Path) -> None:
        target = tmp_path / "out"
        target.write_text("mine")
        with pytest.raises(TunewrightError, match="the file exists") as caught:
            export(store, study, format, output=target)
        assert caught.value.exit_code == 1
        assert target.read_text() == "mine"
        export(store, study, format, output=target, force=True)
        assert target.read_bytes() != b"mine"

    @pytest.mark.parametrize("format", FORMATS)
    def test_a_folder_that_is_not_there(self, store: Store, study: Study, format: str, tmp_path: Path) -> None:
        with pytest.raises(TunewrightError, match="No such file or directory"):
            export(store, study, format, output=tmp_path / "missing" / "out")

    def test_nothing_is_left_beside_the_file(self, store: Store, study: Study, tmp_path: Path) -> None:
        folder = tmp_path / "out"
        folder.mkdir()
        export(store, study, "optuna", output=folder / "a.db")
        export(store, study, "toml", output=folder / "b.toml")
        assert sorted(p.name for p in folder.iterdir()) == ["a.db", "b.toml"]


class TestRefusals:
    @pytest.mark.parametrize("format", FORMATS)
    def test_nothing_to_export(self, store: Store, format: str, tmp_path: Path) -> None:
        empty = make_study(store)
        with pytest.raises(TunewrightError, match="has no") as caught:
            export(store, empty, format, output=tmp_path / "out")
        assert caught.value.exit_code == 1
        assert not (tmp_path / "out").exists()

    def test_only_failures_is_nothing_to_export(self, store: Store) -> None:
        made = make_study(store)
        add_trial(store, made, GOOD, TrialState.FAILED)
        with pytest.raises(TunewrightError, match="no completed trial"):
            export(store, made, "toml")
        assert '"lr": 0.001' in text_of(store, made, "json", 0)

    def test_an_unknown_format_names_the_nearest(self, store: Store, study: Study) -> None:
        with pytest.raises(TunewrightError, match="Did you mean 'toml'"):
            export(store, study, "tomll")

    def test_an_unknown_trial(self, store: Store, study: Study) -> None:
        with pytest.raises(TunewrightError, match="trials 0 to 6"):
            export(store, study, "toml", number=70)

    def test_csv_of_one_trial_is_refused(self, store: Store, study: Study) -> None:
        with pytest.raises(TunewrightError, match="csv holds all trials"):
            export(store, study, "csv", number=1)

    def test_optuna_needs_a_file(self, store: Store, study: Study) -> None:
        with pytest.raises(TunewrightError, match=r"-o study\.db"):
            export(store, study, "optuna")
