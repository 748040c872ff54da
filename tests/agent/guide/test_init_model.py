"""`tunewright init --model`: what a model reads is checked against the script and its output, and never stands alone."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from agent.store import calls
from agent.store.connection import open_store
from tests.agent.guide.test_init import EASY, tunewright
from tests.agent.llm import steps
from tests.agent.llm.endpoint import Endpoint
from tests.agent.schemas import checked

READ: dict[str, Any] = {
    "command": ["python", "train.py", "--lr", "{lr}"],
    "parameters": [
        {"name": "lr", "type": "float", "low": 1e-3, "high": 0.5, "log": True, "default": 0.3, "why": "It is plain SGD."},
        {"name": "EPOCHS", "type": "int", "low": 2, "high": 9, "default": 5, "why": "Short runs."},
    ],
    "constraints": ["epochs >= 3", "lr > 5"],
    "metrics": [
        {"name": "val_loss", "regex": r"val_loss=(\S+)", "step_regex": r"epoch (\d+)"},
        {"name": "train_loss", "regex": r" loss=(\S+)", "step_regex": r"epoch (\d+)"},
    ],
    "objective": {"metric": "val_loss", "direction": "minimize"},
    "notes": "It needs nothing.",
}  # fmt: skip


@pytest.fixture
def easy(tmp_path: Path) -> Path:
    (tmp_path / "train.py").write_text(EASY)
    return tmp_path


def told_by(folder: Path, *replies: Any) -> tuple[dict[str, Any], str, Endpoint]:
    with Endpoint(list(replies)) as endpoint:
        made = tunewright(folder, "init", "train.py", "--model", endpoint.url, "--json", "--force")
    assert made.returncode == 0, made.stderr
    return checked(made.stdout, "init"), made.stderr, endpoint


def test_its_ranges_metrics_and_notes_are_taken_and_marked_as_its_own(easy: Path) -> None:
    told, _, endpoint = told_by(easy, steps.reply(READ))
    lr, epochs = told["parameters"]
    assert (lr["low"], lr["high"]) == (1e-3, 0.5) and lr["chosen"] and epochs["chosen"]
    assert lr["default"] == 0.1  # the script's own, whatever the model took it for
    assert epochs["name"] == "epochs"  # an option that exists
    assert told["constraints"] == ["epochs >= 3"]  # the other one refuses the script's own defaults
    assert "train_loss" in [m["name"] for m in told["metrics"]]
    text = (easy / "study.toml").read_text()
    assert "It is plain SGD." in text and "said by" in text and "It needs nothing." in text
    assert tomllib.loads(text)["agent"]["model"] == endpoint.url
    assert "add_argument" in endpoint.requests[0].prompt and "epoch 3 loss=" in endpoint.requests[0].prompt


def test_the_call_is_in_the_ledger_of_no_study(easy: Path) -> None:
    told_by(easy, steps.reply(READ))
    with open_store(easy / "store.sqlite", create=False) as store:
        [record] = calls.all_of(store)
    assert (record.purpose, record.study_id, record.state) == ("read_script", None, "ok")
    assert "read_script" in tunewright(easy, "ledger").stdout


@pytest.mark.slow
@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"parameters": [{**READ["parameters"][0], "name": "momentum"}]}, "the script has no option 'momentum'"),
        ({"parameters": [{**READ["parameters"][0], "low": 0.2}]}, "its default does not fit"),
        ({"metrics": [{"name": "val_loss", "regex": r"VAL (\S+)"}]}, "the expression for 'val_loss' matches no line"),
        ({"metrics": [{"name": "val_loss", "regex": ""}]}, "'val_loss' is in no JSON line of the output"),
        ({"objective": {"metric": "train_loss"}}, "must be measured on validation data (val_loss)"),
    ],
)
def test_what_is_wrong_is_told_once_and_put_right(easy: Path, changes: dict[str, Any], problem: str) -> None:
    told, _, endpoint = told_by(easy, steps.reply({**READ, **changes}), steps.reply(READ))
    assert problem in endpoint.requests[1].messages[-1]["content"]
    assert told["parameters"][0]["high"] == 0.5


@pytest.mark.slow
@pytest.mark.parametrize(
    "reply",
    [steps.reply({**READ, "parameters": []}), steps.say("I would rather not."), steps.status(401), steps.status(400)],
)
def test_a_model_that_is_of_no_use_leaves_what_was_found_without_it(easy: Path, reply: Any) -> None:
    told, said, _ = told_by(easy, reply)
    assert "was of no help" in said and "What was found without it stands." in said
    assert [p["name"] for p in told["parameters"] if p["chosen"]] == ["lr"]
    assert told["objective"]["metric"] == "val_loss" and told["parameters"][0]["style"] == "argparse"


def test_a_model_that_is_not_there_is_said_and_the_rest_stands(easy: Path) -> None:
    made = tunewright(easy, "init", "train.py", "--model", "local:nowhere.gguf")
    assert made.returncode == 0 and "nowhere.gguf" in made.stderr and "stands" in made.stderr
    assert (easy / "study.toml").exists()
