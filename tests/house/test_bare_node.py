"""A node with Python and nothing else runs `python -m trainers.worker RUN_DIR`."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from trainers import catalog, rundir
from trainers.contract import RunConfig

ROOT = Path(__file__).resolve().parents[2]


def test_a_trial_runs_without_any_installed_package(tmp_path):
    trainer = catalog.load("quick")
    config = RunConfig(
        study="s", trial=0, trainer="quick", params={"x": 0.0, "y": 0.0}, objective=trainer.objective("")
    )
    rundir.create(tmp_path / "0", config)
    path = os.pathsep.join([str(ROOT), str(ROOT / "tests" / "plugin")])
    # -S: no site-packages, so that an import of anything but the standard library fails
    command = [sys.executable, "-S", "-m", "trainers.worker", str(tmp_path / "0")]
    subprocess.run(command, env={**os.environ, "PYTHONPATH": path}, check=True, timeout=60)
    assert rundir.read_json(tmp_path / "0" / rundir.EXIT)["state"] == "completed"


@pytest.mark.parametrize("trainer", ["bracket", "informer"])
def test_a_neural_network_needs_torch_and_numpy_of_what_we_depend_on(trainer: str) -> None:
    """What torch itself imports, where it is there, is its own affair."""
    ours = "platformdirs", "textual", "rich", "litellm", "instructor", "optuna", "sqlite_utils", "sklearn", "pandas"
    code = (
        "import importlib, sys\n"
        f"sys.modules.update(dict.fromkeys({ours}))\n"  # None: importing it fails
        "from trainers import catalog\n"
        f"for module in catalog.load({trainer!r}).preload:\n    importlib.import_module(module)\n"
        "from trainers.informer.ett import data_folder\n"
        "print(data_folder())"
    )
    env = {**os.environ, "XDG_DATA_HOME": "/data"}
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=env, capture_output=True, text=True, check=True)
    assert done.stdout == "/data/tunewright/ett\n"


def test_help_imports_nothing_heavy():
    heavy = {
        "textual",
        "rich",
        "litellm",
        "instructor",
        "torch",
        "optuna",
        "sqlite_utils",
        "numpy",
        "sklearn",
        "pydantic",
    }
    code = (
        "import sys\n"
        "from agent.__main__ import main\n"
        "sys.argv = ['tunewright', '--help']\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "print(*sys.modules, file=sys.stderr)"
    )
    answer = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "demo" in answer.stdout
    assert heavy.isdisjoint(answer.stderr.split())
