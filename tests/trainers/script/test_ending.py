"""How a script ends: well, badly, when asked to, or not at all."""

from __future__ import annotations

import signal
import sys
import textwrap
import time

import pytest

from trainers.errors import TunewrightError
from trainers.script import ScriptTrainer


def test_a_script_that_ends_well_without_its_metric_is_told_what_it_printed_instead(run_script):
    source = "for e in range(3):\n    print(f'epoch {e}: valid_loss = {e}')\n    print({'acc': 1, 'epoch': e})\n"
    failure = run_script(source).failure
    assert failure.kind == "no_metric"
    assert "'val_loss' was never reported; there is acc (3); it printed: " in failure.message
    assert failure.details["printed"][-1] == "{'acc': 1, 'epoch': 2}"
    assert "epoch 2: valid_loss = 2" in failure.details["printed"]


def test_a_misspelt_metric_is_named(run_script):
    failure = run_script("print({'vall_loss': 1})").failure
    assert "Did you mean 'vall_loss'?" in failure.message


def test_a_missing_module_is_an_import_error(run_script):
    failure = run_script("print('val_loss=1')\nimport no_such_module_anywhere").failure
    assert (failure.kind, failure.exit_code) == ("import_error", 1)
    assert failure.message == "ModuleNotFoundError: No module named 'no_such_module_anywhere'"
    assert failure.details == {"module": "no_such_module_anywhere"}
    assert 'File "' in failure.traceback and failure.traceback in failure.stderr_tail


def test_an_argument_argparse_refuses_is_a_bad_argument(run_script):
    source = "import argparse\np = argparse.ArgumentParser()\np.add_argument('--lr', type=float)\np.parse_args()\n"
    failure = run_script(source, {"lr": 0.1}, command=[sys.executable, "train.py", "--learning-rate", "{lr}"]).failure
    assert (failure.kind, failure.exit_code) == ("bad_argument", 2)
    assert failure.message == "train.py: error: unrecognized arguments: --learning-rate 0.1"


def test_an_argument_click_refuses_is_a_bad_argument(run_script):
    source = "import click\n@click.command()\n@click.option('--lr', type=float)\ndef main(lr): pass\nmain()\n"
    failure = run_script(source, command=[sys.executable, "train.py", "--lr", "fast"]).failure
    assert failure.kind == "bad_argument"
    assert failure.message == "Error: Invalid value for '--lr': 'fast' is not a valid float."


def test_a_framed_error_is_read_inside_its_frame(run_script):
    source = "import typer\ndef main(lr: float): pass\ntyper.run(main)\n"
    failure = run_script(source, command=[sys.executable, "train.py", "--oops"], env={"COLUMNS": "100"}).failure
    assert failure.kind == "bad_argument"
    assert failure.message.startswith("No such option: --oops")


def test_an_unexpected_keyword_is_a_bad_argument(run_script):
    failure = run_script("def train(lr): pass\ntrain(lr=1, wd=2)").failure
    assert failure.kind == "bad_argument"
    assert "unexpected keyword argument 'wd'" in failure.message


def test_numpy_asking_for_too_much_is_host_memory_with_the_size(run_script):
    failure = run_script("import numpy as np\nnp.ones((1 << 20, 1 << 20, 1 << 10))").failure
    assert failure.kind == "host_out_of_memory"
    assert failure.details["asked_bytes"] == 8 << 50


def test_torch_asking_for_too_much_is_host_memory_with_the_size(run_script):
    failure = run_script("import torch\ntorch.empty(1 << 50, dtype=torch.uint8)").failure
    assert failure.kind == "host_out_of_memory"
    assert failure.details["asked_bytes"] == 1 << 50


def test_a_plain_exception_is_a_nonzero_exit_with_its_last_line(run_script):
    source = "try:\n    1 / 0\nexcept Exception as e:\n    raise ValueError('bad\\nshape') from e\n"
    failure = run_script(source).failure
    assert (failure.kind, failure.exit_code, failure.message) == ("nonzero_exit", 1, "ValueError: bad")


def test_an_error_on_stdout_is_found_where_stderr_is_empty(run_script):
    failure = run_script("print('FATAL the data set is empty')\nraise SystemExit(3)").failure
    assert (failure.kind, failure.exit_code) == ("nonzero_exit", 3)
    assert failure.message == "FATAL the data set is empty"


def test_a_silent_failure_says_so(run_script):
    assert run_script("raise SystemExit(9)").failure.message == "it exited with code 9 and printed no error"


@pytest.mark.parametrize(
    "name, transient", [("SIGKILL", True), ("SIGTERM", True), ("SIGSEGV", False), ("SIGUSR1", False)]
)
def test_a_signal_is_named_and_one_that_others_sent_is_transient(run_script, name, transient):
    failure = run_script(f"import os, signal\nos.kill(os.getpid(), signal.{name})").failure
    assert (failure.kind, failure.signal, failure.exit_code) == ("signal", getattr(signal, name), None)
    assert name in failure.message and failure.transient is transient


def test_a_signal_behind_a_shell_is_seen_through(run_script):
    failure = run_script(command=["sh", "-c", "sh -c 'kill -9 $$'; exit $?"]).failure
    assert (failure.kind, failure.signal, failure.exit_code) == ("signal", signal.SIGKILL, 137)


@pytest.mark.parametrize(
    "command, what, remedy",
    [
        (["no-such-program-here"], "'no-such-program-here' is not on the PATH", "Install it"),
        (["./gone.sh"], "gone.sh does not exist", "Correct the first word"),
        (["./plain.sh"], "plain.sh is not executable", "chmod +x"),
        (["plain.sh"], "'plain.sh' is not on the PATH", "write ./plain.sh"),
        (["."], "is not on the PATH", "Install it"),
        (["./"], "is a folder", "Name a program"),
        (["./headless"], "headless could not be started (Exec format error)", "#!/usr/bin/env python3"),
        (["./orphan"], "#!/no/such/interpreter, does not exist", "first line"),
    ],
)
def test_a_command_that_cannot_start_says_what_and_what_to_do(run_script, tmp_path, command, what, remedy):
    for name, text, mode in (
        ("plain.sh", "#!/bin/sh\n", 0o644),
        ("headless", "\x01\x02 no header", 0o755),
        ("orphan", "#!/no/such/interpreter\n", 0o755),
    ):
        (tmp_path / "work" / name).write_text(text)
        (tmp_path / "work" / name).chmod(mode)
    failure = run_script(command=command).failure
    assert failure.kind == "command_not_found" and not failure.transient
    assert what in failure.message and remedy in failure.message


def test_a_python_that_is_only_there_as_python3_is_pointed_out(run_script, tmp_path):
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python3").symlink_to("/bin/true")
    failure = run_script(command=["python", "train.py"], env={"PATH": str(tmp_path / "bin")}).failure
    assert "There is a python3" in failure.message


def test_a_missing_folder_is_said(run_script, tmp_path):
    failure = run_script(cwd=str(tmp_path / "nowhere")).failure
    assert failure.kind == "command_not_found"
    assert f"the folder to run in, {tmp_path / 'nowhere'}, does not exist" in failure.message


def test_a_script_file_that_is_not_there_is_said(run_script):
    failure = run_script(command=[sys.executable, "trian.py"]).failure
    assert failure.kind == "command_not_found"
    assert "can't open file" in failure.message and "trian.py" in failure.message


def test_a_stop_reaches_the_script_and_what_it_writes_then_still_counts(run_script):
    source = """
        import signal, sys, time
        def end(*_):
            print("val_loss=0.5", flush=True)
            sys.exit(3)
        signal.signal(signal.SIGTERM, end)
        print("val_loss=1", flush=True)
        time.sleep(60)
    """
    outcome = run_script(textwrap.dedent(source), stop_after=1.0)
    assert outcome.failure is None
    assert [value for _, value in outcome.curve("val_loss")] == [1.0, 0.5]


def test_a_child_that_lives_on_with_our_pipes_does_not_hold_the_trial(run_script):
    source = "import subprocess\nprint('val_loss=1', flush=True)\nsubprocess.Popen(['sleep', '30'])\n"
    begin = time.monotonic()
    assert run_script(source).failure is None
    assert time.monotonic() - begin < 15


def test_a_script_that_closes_its_output_is_still_waited_for(run_script, tmp_path):
    source = "import os, time\nprint('val_loss=1', flush=True)\nos.close(1)\nos.close(2)\ntime.sleep(.5)\n"
    source += "open('end', 'w')\nos._exit(0)\n"
    assert run_script(source).failure is None
    assert (tmp_path / "work" / "end").exists()


def test_a_script_reads_no_input_of_ours(run_script):
    assert run_script("import sys\nprint('val_loss', len(sys.stdin.read()))").curve("val_loss") == [(0, 0.0)]


def test_space_and_objective_are_in_the_study_file():
    for question in (ScriptTrainer().space, ScriptTrainer().objective, ScriptTrainer().defaults):
        with pytest.raises(TunewrightError, match="stands in its study file"):
            question("")
