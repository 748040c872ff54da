"""From a script in any style to a running study, by the commands a person would type."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import pytest

from tests.agent.schemas import checked
from tests.agent.scripts import trials_in, workplace

SCRIPTS = Path(__file__).parent / "scripts"
STYLES = sorted(path.name for path in SCRIPTS.iterdir() if path.is_dir() and not path.name.startswith("__"))
ROOT = Path(__file__).resolve().parents[3]


def environment(folder: Path) -> dict[str, str]:
    """With this test's Python first on the PATH, as an active environment has it."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    env = {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT), "TUNEWRIGHT_LESSONS": str(folder / ".lessons.sqlite")}
    env.pop("VIRTUAL_ENV", None)
    return env


def tunewright(folder: Path, *words: str, timeout: float = 150) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "agent", *words],
        cwd=folder,
        env=environment(folder),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=timeout,
    )


def folder_of(style: str, tmp_path: Path) -> Path:
    return Path(shutil.copytree(SCRIPTS / style, tmp_path / style))


EASY = """
import argparse
parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, default=0.1)
parser.add_argument("--epochs", type=int, default=5)
parser.add_argument("--verbose", action="store_true")
args = parser.parse_args()
for epoch in range(args.epochs):
    print(f"epoch {epoch} loss={1 / (epoch + 1) + args.lr:.4f} val_loss={2 / (epoch + 1) + args.lr:.4f}")
"""


@pytest.fixture
def easy(tmp_path: Path) -> Path:
    folder = tmp_path / "easy-net"
    folder.mkdir()
    (folder / "train.py").write_text(EASY)
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("style", STYLES)
def test_a_script_of_any_style_is_read_tried_written_and_run(style: str, tmp_path: Path) -> None:
    with workplace(folder_of(style, tmp_path)) as folder:
        made = tunewright(folder, "init", "--json")
        assert made.returncode == 0, made.stderr + made.stdout
        told = checked(made.stdout, "init")
        assert told["tried"]["problem"] == "" and told["objective"]["sure"]
        assert sum(p["chosen"] for p in told["parameters"]) >= 2
        study = Path(told["output"])
        done = tunewright(folder, "run", str(study), "--policy", "auto", "--trials", "1", "--budget", "60s", "--json")
        assert done.returncode == 0, done.stderr + done.stdout
        result = json.loads(done.stdout)
        assert result["trials"]["completed"] == 1 and result["best"]["value"] is not None
        [trial] = trials_in(folder, told["study"])
        assert trial.last_step is not None


def test_the_table_is_for_people_and_the_next_command_is_told(easy: Path) -> None:
    made = tunewright(easy, "init", "train.py")
    assert made.returncode == 0, made.stderr
    assert "parameter" in made.stdout and "train.py:4 (argparse)" in made.stdout
    assert "Objective: minimize val_loss" in made.stdout
    assert "Next: tunewright run study.toml" in made.stdout
    study = tomllib.loads((easy / "study.toml").read_text())
    assert study["study"]["name"] == "easy-net" and study["study"]["objective"]["metric"] == "val_loss"
    assert list(study["space"]) == ["lr"]


def test_a_study_file_that_is_there_is_never_overwritten_unasked(easy: Path) -> None:
    (easy / "study.toml").write_text("mine")
    refused = tunewright(easy, "init", "--no-try")
    assert refused.returncode == 2 and "--output study-2.toml" in refused.stderr and "--force" in refused.stderr
    assert (easy / "study.toml").read_text() == "mine"
    assert tunewright(easy, "init", "--no-try", "-o", "study-2.toml").returncode == 0
    assert tunewright(easy, "init", "--no-try", "--force").returncode == 0
    assert (easy / "study.toml").read_text() != "mine"


def test_without_a_try_the_metrics_are_guesses_from_the_text(easy: Path) -> None:
    told = checked(tunewright(easy, "init", "--no-try", "--json").stdout, "init")
    assert told["tried"] is None
    assert told["objective"] == {"metric": "val_loss", "direction": "minimize", "sure": False}
    assert "a guess from the text at train.py:9 ?" in (easy / "study.toml").read_text()


def test_a_person_says_what_is_optimised_and_how_long_it_is_tried(easy: Path) -> None:
    words = ("--objective", "loss", "--direction", "maximize", "--name", "other", "--try", "5", "--whole-try")
    told = checked(tunewright(easy, "init", "train.py", *words, "--json").stdout, "init")
    assert told["objective"] == {"metric": "loss", "direction": "maximize", "sure": True}
    assert told["study"] == "other" and told["tried"]["ended"]
    wrong = tunewright(easy, "init", "--force", "--objective", "val_los")
    assert wrong.returncode == 2 and "Did you mean 'val_loss'?" in wrong.stderr


def test_words_after_two_dashes_are_given_to_the_script(easy: Path) -> None:
    (easy / "train.py").write_text(EASY.replace('"--verbose", action="store_true"', '"--data", required=True'))
    failed = tunewright(easy, "init", "train.py")
    assert failed.returncode == 1 and "cannot run without --data" in failed.stdout
    assert "which failed" in (easy / "study.toml").read_text()
    made = tunewright(easy, "init", "train.py", "--force", "--json", "--", "--data", "here")
    assert made.returncode == 0, made.stderr
    assert checked(made.stdout, "init")["command"][:4] == ["python", "train.py", "--data", "here"]


def test_a_folder_without_a_script_is_told_what_to_do(tmp_path: Path) -> None:
    nothing = tunewright(tmp_path, "init")
    assert nothing.returncode == 2 and "no training script was found here" in nothing.stderr
    assert "tunewright demo" in nothing.stderr
    (tmp_path / "other.py").write_text("print('nothing here')")
    unfit = tunewright(tmp_path, "init", "other.py")
    assert unfit.returncode == 2 and "nothing to tune was found" in unfit.stderr
    missing = tunewright(tmp_path, "init", "trian.py")
    assert missing.returncode == 2 and "there is no such script" in missing.stderr


def test_an_interrupted_try_leaves_nothing_behind(easy: Path) -> None:
    (easy / "train.py").write_text(
        "import os, time\nopen('pid', 'w').write(str(os.getpid()))\nlr = 0.1\ntime.sleep(600)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "agent", "init", "train.py"], cwd=easy, env=environment(easy), stderr=subprocess.PIPE
    )
    try:
        until = time.monotonic() + 60
        while not (easy / "pid").exists() or not (easy / "pid").read_text():
            assert time.monotonic() < until
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
        assert process.returncode == 130
        assert not (easy / "study.toml").exists()
        with pytest.raises(ProcessLookupError):
            os.kill(int((easy / "pid").read_text()), 0)
    finally:
        process.kill()
        process.wait()
