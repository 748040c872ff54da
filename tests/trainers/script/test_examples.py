"""The examples run as their study files say, each with its own way of printing."""

from __future__ import annotations

import math
import os
import sys
from pathlib import Path

import pytest

from agent.study.study_file import read_study_file

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"


def run_example(run_script, name: str, changes: dict[str, object]):
    spec = read_study_file(EXAMPLES / name / "study.toml")
    config = spec.space.canonical({**spec.first_config(), **changes})
    options = dict(spec.options)
    # The python of this test stands in for the one a person has activated.
    options["env"] = {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    return run_script("", config, objective=spec.objective.metric, **options)


def test_the_argparse_example_learns_and_its_lines_are_read(run_script, tmp_path):
    outcome = run_example(run_script, "digits", {"batch_size": 128, "hidden": 32, "lr": 0.1})
    assert outcome.failure is None
    losses = outcome.curve("val_loss")
    assert [step for step, _ in losses] == list(range(1, 13))
    assert losses[-1][1] < 0.3 < losses[0][1]
    assert outcome.curve("val_acc")[-1][1] > 0.9 and len(outcome.curve("train_loss")) == 12
    assert (tmp_path / "run" / "checkpoint" / "best.pt").exists()


@pytest.mark.parametrize("optimizer, lr", [("sgd", 0.01), ("adam", 0.01)])
def test_the_json_lines_example_learns_and_takes_its_settings_from_the_file(run_script, optimizer, lr):
    outcome = run_example(run_script, "jsonlines", {"optimizer": optimizer, "lr": lr, "epochs": 20, "hidden": 8})
    assert outcome.failure is None
    errors = outcome.curve("val_mse")
    assert [step for step, _ in errors] == list(range(1, 21))
    assert errors[-1][1] < 0.8


def test_a_silly_learning_rate_ends_in_nan_by_itself(run_script):
    outcome = run_example(run_script, "jsonlines", {"optimizer": "sgd", "lr": 0.3, "momentum": 0.99})
    assert math.isnan(outcome.curve("val_mse")[-1][1])
