"""How parameters reach the command line."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from trainers.errors import TunewrightError
from trainers.script.command import build, format_value

ECHO = "import json, sys\nprint(json.dumps({'val_loss': 1}))\nopen('argv.json', 'w').write(json.dumps(sys.argv[1:]))\n"


def argv_seen(folder: Path) -> list[str]:
    return json.loads((folder / "argv.json").read_text())


def test_the_script_gets_each_argument_as_it_stands_without_a_shell(run_script, tmp_path):
    import sys

    template = [sys.executable, "train.py", "--lr", "{lr}", "--name={name}", "$HOME; rm *", "{{literal}}", ""]
    outcome = run_script(ECHO, {"lr": 1e-5, "name": "a b'\"$(id)"}, command=template)
    assert outcome.failure is None
    assert argv_seen(tmp_path / "work") == ["--lr", "1e-05", "--name=a b'\"$(id)", "$HOME; rm *", "{literal}", ""]


@pytest.mark.parametrize("number", [0.1, 1e-300, 1 / 3, 123456789.123456789, 5e-324])
def test_floats_read_back_exactly(number):
    assert float(format_value(number)) == number


def test_booleans_and_none_are_lower_case_and_integers_plain():
    assert [format_value(v) for v in (True, False, None, 64, "Adam")] == ["true", "false", "none", "64", "Adam"]


def test_a_name_without_a_parameter_is_named_with_the_nearest_one():
    with pytest.raises(TunewrightError, match=r"\{learning_rat\}.*Did you mean 'learning_rate'"):
        build(["--lr", "{learning_rat}"], {"learning_rate": 1}, ["learning_rate"])


@pytest.mark.parametrize("text", ["{", "}", "{}", "{a b}", '{"a": 1}', "{lr"])
def test_a_brace_that_is_no_placeholder_is_refused_with_the_way_to_write_it(text):
    with pytest.raises(TunewrightError, match=r"\{\{ and \}\} for literal braces"):
        build([text], {"lr": 1}, ["lr"])


def test_an_inactive_parameter_takes_its_option_with_it():
    template = ["p", "--opt", "{opt}", "--momentum", "{momentum}", "-b", "{beta}", "--x={x}", "--flag", "--lr={lr}"]
    assert build(template, {"opt": "adam", "lr": 0.1}, ["opt", "momentum", "beta", "x", "lr"]) == [
        "p", "--opt", "adam", "--flag", "--lr=0.1",
    ]  # fmt: skip


def test_a_flag_is_there_when_its_parameter_is_true():
    template = ["p", "{amp?--amp}", "{bn?--bn:--no-bn}", "--x={c?on:off}", ""]
    assert build(template, {"amp": True, "bn": False, "c": True}, ["amp", "bn", "c"]) == [
        "p", "--amp", "--no-bn", "--x=on", "",
    ]  # fmt: skip
    assert build(template, {"amp": False, "bn": True}, ["amp", "bn", "c"]) == ["p", "--bn", ""]


def test_an_inactive_parameter_leaves_what_is_no_plain_option():
    declared = ["a", "b"]
    assert build(["p", "{a}", "x"], {}, declared) == ["p", "x"]
    assert build(["p", "--k=1", "{a}"], {}, declared) == ["p", "--k=1"]
    assert build(["p", "--two", "{b}", "{a}"], {"b": 1}, declared) == ["p", "--two", "1"]
    assert build(["p", "-1", "{a}"], {}, declared) == ["p", "-1"]


def test_seed_and_folders_can_be_placed_and_a_parameter_of_that_name_goes_first(run_script, tmp_path):
    import sys

    template = [sys.executable, "train.py", "{seed}", "{run_dir}", "{checkpoint}"]
    run_script(ECHO, command=template)
    assert argv_seen(tmp_path / "work") == ["7", str(tmp_path / "run"), str(tmp_path / "run" / "checkpoint")]
    run_script(ECHO, {"seed": 99}, command=template)
    assert argv_seen(tmp_path / "work")[0] == "99"


def test_the_script_finds_its_trial_in_the_environment(run_script, tmp_path, monkeypatch):
    monkeypatch.setenv("INHERITED", "yes")
    monkeypatch.setenv("TUNEWRIGHT_RESUME", "left over from somewhere else")
    source = "import json, os\njson.dump(dict(os.environ), open('env.json', 'w'))\nprint('val_loss=1')\n"
    run_script(source, {"lr": 0.1, "wide": True}, env={"MINE": "1", "OMP_NUM_THREADS": "3"}, threads=2)
    env = json.loads((tmp_path / "work" / "env.json").read_text())
    assert json.loads(Path(env["TUNEWRIGHT_CONFIG"]).read_text()) == {"lr": 0.1, "wide": True}
    assert Path(env["TUNEWRIGHT_CONFIG"]).parent == tmp_path / "run"
    assert env["TUNEWRIGHT_SEED"] == "7"
    assert env["TUNEWRIGHT_CHECKPOINT"] == str(tmp_path / "run" / "checkpoint")
    assert (env["INHERITED"], env["MINE"], env["OMP_NUM_THREADS"], env["MKL_NUM_THREADS"]) == ("yes", "1", "3", "2")
    assert "TUNEWRIGHT_RESUME" not in env


def test_a_retry_is_told_where_the_earlier_checkpoint_is(run_script, tmp_path):
    source = "import os\nprint('val_loss', len(os.listdir(os.environ['TUNEWRIGHT_RESUME'])))\n"
    (tmp_path / "earlier").mkdir()
    (tmp_path / "earlier" / "model.pt").touch()
    assert run_script(source, resume_from=tmp_path / "earlier").curve("val_loss") == [(0, 1.0)]


def test_the_script_runs_in_the_folder_of_its_study(run_script, tmp_path):
    run_script("import os\nprint('val_loss=1')\nopen('here', 'w').write(os.getcwd())\n")
    assert (tmp_path / "work" / "here").read_text() == os.path.realpath(tmp_path / "work")


def test_the_program_is_looked_for_on_the_path_of_the_study(run_script, tmp_path):
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "python").write_text("#!/bin/sh\necho val_loss=42\n")
    (folder / "python").chmod(0o755)
    outcome = run_script(command=["python", "train.py"], env={"PATH": f"{folder}:{os.environ['PATH']}"})
    assert outcome.curve("val_loss") == [(0, 42.0)]
