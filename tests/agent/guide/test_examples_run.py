"""The words that were read really set the scripts' options: each example trains with a config drawn from everything tunable."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from agent.guide.command import command_of
from agent.guide.launcher import write_launcher
from agent.guide.nouns import Tunable
from agent.guide.reading.conditions import chosen_of, space_of
from agent.guide.reading.read import read_script
from agent.guide.reading.tunables import tunables
from trainers.script.command import build

SCRIPTS = Path(__file__).parent / "scripts"

# A script, and what its output says where the values arrived: few epochs or steps.
EXAMPLES = {
    "torch_argparse/train.py": "Train Epoch: {epochs} ",
    "lightning_like/train.py": "`max_epochs={max_epochs}` reached",
    "hf_like/finetune.py": "'epoch': {num_train_epochs}.0}}",
    "keras_like/train.py": "Epoch {epochs}/{epochs}",
    "sklearn_cv/train_model.py": "CV log loss",
    "hydra_like/train.py": "epoch={training_epochs_less_one} ",
    "constants/train.py": "epoch   {epochs_less_one} |",
    "shell/run.sh": '{{"step": {steps},',
    "click_cli/train.py": "epoch {epochs_less_one}:",
    "typer_cli/train.py": "step 50/{steps}:",
    "dataclass_loop/train.py": "update={num_updates_less_one},",
    "pydantic_cli/train.py": "Epoch {epochs:03d}:",
}

pytestmark = pytest.mark.slow


def all_chosen(found: list[Tunable]) -> list[Tunable]:
    """Everything tunable in the space, those without a default too."""
    return [replace(t, chosen=True) for t in found]


@pytest.mark.parametrize("script", EXAMPLES)
def test_a_drawn_config_reaches_the_script(script, tmp_path):
    folder = tmp_path / "work"
    shutil.copytree(SCRIPTS / Path(script).parent, folder)
    path = folder / Path(script).name
    reading = read_script(path)
    found = all_chosen(tunables(reading))
    space = space_of(found)
    config = space.sample(random.Random(5))
    for name in config:  # what a run costs, as small as it may be
        if name.endswith(("epochs", "steps", "updates")) and "warmup" not in name:
            config[name] = 75 if name == "steps" else space.parameters[name].to_dict()["low"]
    config = space.validate(config)
    write_launcher(folder)
    (folder / "values.json").write_text(json.dumps(config))
    command = build(command_of(reading, [t.option for t in chosen_of(found)]), config, list(space.parameters))
    python = Path(sys.executable).parent
    env = {**os.environ, "PATH": f"{python}{os.pathsep}{os.environ['PATH']}", "OMP_NUM_THREADS": "1",
           "TUNEWRIGHT_CONFIG": str(folder / "values.json")}  # fmt: skip
    env.pop("PYTHONPATH", None)
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=150, check=False)
    assert done.returncode == 0, (command, done.stderr[-2000:])
    less = {f"{name}_less_one": value - 1 for name, value in config.items() if isinstance(value, int)}
    assert EXAMPLES[script].format(**config, **less) in done.stdout + done.stderr, (command, done.stdout[-500:])
