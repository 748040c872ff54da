"""What holds for every command: help that is quick, errors that help, JSON that is alone on stdout."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from agent import cli
from tests.agent.schemas import checked
from tests.agent.stores import toy_store
from tests.agent.terminals import COMMAND, environment, tunewright

HEAVY = ("textual", "litellm", "instructor", "torch", "optuna", "sklearn", "numpy", "rich", "sqlite_utils")


def test_help_imports_nothing_heavy(tmp_path: Path) -> None:
    code = (
        "import sys\nfrom agent.__main__ import main\ntry:\n    main(['--help'])\nexcept SystemExit: pass\n"
        f"print([m for m in {HEAVY!r} if m in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment(), check=True)
    assert done.stderr.strip() == "[]"
    assert all(name in done.stdout for name in cli.COMMANDS)


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_every_command_has_help_with_an_example(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main([name, "--help"])
    shown = capsys.readouterr().out
    assert ended.value.code == 0
    assert "example:" in shown and f"tunewright {name}" in shown
    assert "--store PATH" in shown and "--json" in shown


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_help_of_a_command_needs_no_app_and_no_model(name: str) -> None:
    code = (
        f"import sys\nfrom agent.__main__ import main\ntry:\n    main([{name!r}, '--help'])\nexcept SystemExit: pass\n"
        f"print([m for m in {HEAVY[:5]!r} if m in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment(), check=True)
    assert done.stderr.strip() == "[]"


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["--version"])
    assert capsys.readouterr().out.startswith("tunewright 0.")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["lst"], "there is no command 'lst'. Did you mean 'list'?"),
        (["list", "--jsn"], "Did you mean '--json'?"),
        (["run", "x", "--trails", "5"], "tunewright run does not know '--trails'. Did you mean '--trials'?"),
        (["run", "x", "--policy", "aks"], "there is no policy 'aks'. Did you mean 'ask'?"),
        (["run", "x", "--search", "tpee"], "Did you mean 'tpe'?"),
        (["run", "x", "--trials", "0"], "0 is below 1"),
        (["run", "x", "--trials", "many"], "'many' is not a whole number"),
        (["run", "x", "--trials", "9" * 5000], "is not a whole number"),
        (["run", "x", "--budget", "3 parsecs"], "'3 parsecs' is no duration. Write for example 90s"),
        (["run", "x", "--target", "nan"], "'nan' is not a number"),
        (["run"], "required: STUDY|FILE"),
        (["show", "a", "b"], "does not know 'b'"),
        (["export", "x", "--format", "tomml"], "there is no format 'tomml'. Did you mean 'toml'?"),
        (["why", "x", "three"], "'three' is not a trial number such as 3 or t3"),
        (["compare", "x", "1", "1"], "two different trials"),
    ],
)
def test_a_wrong_request_names_the_nearest_and_exits_2(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli.main(words) == 2
    shown = capsys.readouterr()
    assert said in shown.err
    assert shown.out == ""
    assert cli.main([*words, "--json"]) == 2
    checked(capsys.readouterr().out, "error")
    assert list(tmp_path.iterdir()) == []


def test_a_file_in_place_of_a_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("study.toml").write_text("")
    assert cli.main(["study.toml"]) == 2
    assert "Did you mean 'tunewright run study.toml'?" in capsys.readouterr().err


def test_options_may_stand_before_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store = toy_store(tmp_path / "s.sqlite")
    assert cli.main(["--store", str(store), "--json", "list"]) == 0
    assert checked(capsys.readouterr().out, "list")["studies"][0]["name"] == "toy"


def test_the_app_needs_a_terminal(tmp_path: Path) -> None:
    done = tunewright(cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "the app needs a terminal" in done.stderr


def test_a_fault_of_ours_is_a_sentence_and_its_traceback_a_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setattr(cli, "command", lambda _: 1 / 0)
    assert cli.main(["list", "--json"]) == 1
    shown = capsys.readouterr()
    error = checked(shown.out, "error")["error"]
    assert error["what"] == "unexpected ZeroDivisionError: division by zero"
    assert "Traceback" not in shown.err
    [log] = tmp_path.rglob("errors.log")
    assert str(log) in shown.err
    assert "Traceback" in log.read_text()


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(cli, "command", lambda _: __import__("no_such_package_of_ours"))
    assert cli.main(["list"]) == 1
    assert "the package 'no_such_package_of_ours' is not installed" in capsys.readouterr().err


def test_a_reader_that_leaves_early_is_no_traceback(tmp_path: Path) -> None:
    toy_store(tmp_path / "store.sqlite")
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [*COMMAND, "show", "toy"], cwd=tmp_path, stdout=write, stderr=subprocess.PIPE, env=environment(), check=False
    )
    os.close(write)
    assert b"Traceback" not in done.stderr
    assert done.returncode == 1


def test_a_terminal_that_knows_only_ascii(tmp_path: Path) -> None:
    toy_store(tmp_path / "store.sqlite")
    done = tunewright("show", "toy", cwd=tmp_path, env={"PYTHONIOENCODING": "ascii"})
    assert done.returncode == 0
    assert "completed" in done.stdout


def test_an_interrupt_exits_130(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "command", interrupted)
    assert cli.main(["list"]) == 130


def test_numbers_json_cannot_hold_are_null(capsys: pytest.CaptureFixture[str]) -> None:
    from agent.plain.output import emit

    emit({"a": float("nan"), "b": [float("inf"), 1.5], "c": Path("x")})
    assert json.loads(capsys.readouterr().out) == {"a": None, "b": [None, 1.5], "c": "x"}
