"""The launcher: a script runs with other values for what stands in it, unchanged, in its own interpreter."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from agent.guide.command import command_of
from agent.guide.launcher import launcher_text, write_launcher
from agent.guide.reading.read import read_script
from trainers.errors import TunewrightError

SCRIPTS = Path(__file__).parent / "scripts"


def launch(folder: Path, script: str, values: dict, *words: str) -> subprocess.CompletedProcess[str]:
    """Runs a script in a folder through the launcher, with an interpreter that knows nothing of this package."""
    write_launcher(folder)
    (folder / "values.json").write_text(json.dumps(values))
    if not (folder / "train.py").exists():
        (folder / "train.py").write_text(script, encoding="utf-8")
    env = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "TUNEWRIGHT_LAUNCHED")}
    env["TUNEWRIGHT_CONFIG"] = str(folder / "values.json")
    command = [sys.executable, "-S", "-E", "tunewright_launch.py", *words]
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=60, check=False)


def test_every_place_where_a_setting_may_stand(tmp_path):
    script = """
from __future__ import annotations
LR = 1e-3
A, B = 1, 2
WIDTH: int = 2 * 32
config = {"wd": 0.1, "inner": {"depth": 2}, "keep": "x"}
other = dict(gamma=0.9)
config["late"] = 5
class Config:
    dropout: float = 0.1
def TrainingArguments(**kw): return kw
if __name__ == "__main__":
    EPOCHS = 3
    args = TrainingArguments(learning_rate=1e-5, seed=1)
    print([LR, A, B, WIDTH, config, other, Config.dropout, EPOCHS, args])
"""
    values = {"lr": 0.5, "b": 20, "width": 7, "wd": None, "depth": 9, "gamma": True, "late": 6, "dropout": 0.4,
              "epochs": 30, "learning_rate": 2.5}  # fmt: skip
    done = launch(tmp_path, script, values, "train.py")
    assert done.stderr == ""
    assert done.stdout.strip() == str(
        [0.5, 1, 20, 7, {"wd": None, "inner": {"depth": 9}, "keep": "x", "late": 6}, {"gamma": True}, 0.4, 30,
         {"learning_rate": 2.5, "seed": 1}]
    )  # fmt: skip
    assert (tmp_path / "train.py").read_text() == script  # the person's file is as it was


def test_the_script_sees_itself_as_if_it_had_been_started_directly(tmp_path):
    script = "import os, sys\nprint([__name__, __file__, sys.argv, os.path.samefile(sys.path[0], '.'), __doc__])\n"
    script = '"the doc"\n' + script
    done = launch(tmp_path, script, {}, "train.py", "--data", "a b", "--set", "x")
    assert done.stdout.strip() == str(
        ["__main__", "train.py", ["train.py", "--data", "a b", "--set", "x"], True, "the doc"]
    )


def test_a_traceback_shows_the_scripts_own_line(tmp_path):
    done = launch(tmp_path, "LR = 1\n\n\ndef f():\n    return 1 / LR  # here\n\n\nf()\n", {"lr": 0}, "train.py")
    assert done.returncode == 1
    assert 'File "train.py", line 5, in f' in done.stderr
    assert "return 1 / LR  # here" in done.stderr
    assert done.stderr.strip().endswith("ZeroDivisionError: division by zero")


def test_an_exit_code_is_the_scripts(tmp_path):
    assert launch(tmp_path, "CODE = 1\nraise SystemExit(CODE)\n", {"code": 7}, "train.py").returncode == 7


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_processes_that_the_script_starts_have_the_values_too(tmp_path, method):
    script = """
import multiprocessing as mp
import sys
LR = 1e-3
class Point:
    def __init__(self, x): self.x = x
def work(point): return (LR, type(point) is Point, point.x)
if __name__ == "__main__":
    with mp.get_context(sys.argv[1]).Pool(1) as pool:
        print(pool.map(work, [Point(3)]))
"""
    done = launch(tmp_path, script, {"lr": 0.25}, "--set", "lr", "train.py", method)
    assert done.stdout.strip() == "[(0.25, True, 3)]", done.stderr


def test_what_the_script_pickles_is_found_again(tmp_path):
    script = "import pickle\nclass P: x = 1\nq = pickle.loads(pickle.dumps(P()))\nprint(type(q) is P, P.__module__)\n"
    assert launch(tmp_path, script, {}, "train.py").stdout.strip() == "True __main__"


def test_a_wanted_setting_that_is_not_there_ends_it_before_the_script_begins(tmp_path):
    done = launch(tmp_path, "LR = 1\nprint('ran')\n", {"momentum": 1}, "--set", "momentum", "train.py")
    assert done.returncode != 0
    assert "no setting 'momentum'; it has: lr" in done.stderr
    assert done.stdout == ""


def test_only_wanted_settings_are_set_and_a_missing_value_leaves_the_scripts_own(tmp_path):
    done = launch(
        tmp_path,
        "LR = 1\nWD = 2\nGAMMA = 3\nprint(LR, WD, GAMMA)\n",
        {"lr": 10, "wd": 20},
        "--set",
        "lr,gamma",
        "train.py",
    )
    assert done.stdout.strip() == "10 2 3"


def test_the_source_encoding_of_the_script_is_kept(tmp_path):
    (tmp_path / "train.py").write_bytes(
        "# -*- coding: latin-1 -*-\nNAME = 'x'\nprint(ascii('é'), NAME)\n".encode("latin-1")
    )
    assert launch(tmp_path, "", {"name": "y"}, "train.py").stdout.strip() == "'\\xe9' y"


def test_what_is_known_only_at_run_time_is_no_setting(tmp_path):
    script = "import os\nN = len(os.sep)\nM = 1\nM = N + 1\nprint(N, M)\n"
    done = launch(tmp_path, script, {"n": 5, "m": 6}, "train.py")
    assert done.stdout.strip() == "1 2"


def test_the_example_of_constants_trains_with_other_values(tmp_path):
    (tmp_path / "train.py").write_text((SCRIPTS / "constants/train.py").read_text())
    write_launcher(tmp_path)
    reading = read_script(tmp_path / "train.py")
    tuned = [o for o in reading.options if o.name in ("epochs", "hidden", "noise")]
    command = [sys.executable if word == "python" else word for word in command_of(reading, tuned)]
    (tmp_path / "values.json").write_text('{"epochs": 11, "hidden": 5, "noise": 0.0}')
    env = {**os.environ, "TUNEWRIGHT_CONFIG": str(tmp_path / "values.json")}
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=120, check=True)
    assert [line.split("|")[0].split()[1] for line in done.stdout.splitlines()] == ["0", "10"]


def test_a_launcher_that_is_there_is_kept_and_another_file_of_its_name_is_refused(tmp_path):
    path = write_launcher(tmp_path)
    assert path.read_text() == launcher_text()
    path.write_text(launcher_text() + "# mine\n")
    assert write_launcher(tmp_path).read_text().endswith("# mine\n")
    path.write_text("print('something else')\n")
    with pytest.raises(TunewrightError, match="another file has the launcher's name"):
        write_launcher(tmp_path)
