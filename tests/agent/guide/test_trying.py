"""The try of a script: whatever it does, it ends in time, tells what happened, and leaves nothing behind."""

from __future__ import annotations

import os
import sys
import tempfile
import textwrap
import time
from pathlib import Path

import pytest

from agent.guide.nouns import Option, Origin, Reading, Style, Tried
from agent.guide.trying.running import Progress, run_try
from trainers import processes


def reading_of(folder: Path, body: str, options: tuple[Option, ...] = ()) -> Reading:
    script = folder / "train.py"
    script.write_text(textwrap.dedent(body))
    return Reading(script=script, command=("python", "train.py"), options=options)


def attempt(folder: Path, body: str, seconds: float = 20, **more) -> Tried:
    return run_try(reading_of(folder, body, more.pop("options", ())), seconds, python=sys.executable, **more)


@pytest.fixture(autouse=True)
def temporary(tmp_path_factory, monkeypatch):
    """A temporary folder of its own, so that what is left there is seen."""
    folder = tmp_path_factory.mktemp("temporary")
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield folder
    assert list(folder.iterdir()) == []


GOOD = """
    import time
    for epoch in range(40):
        print(f"epoch {epoch + 1}/40 loss={1 / (epoch + 1):.4f} val_loss={2 / (epoch + 1):.4f}")
        time.sleep(0.1)
"""


def test_it_ends_as_soon_as_the_objective_was_seen_often_enough(tmp_path):
    seen: list[Progress] = []
    tried = attempt(tmp_path, GOOD, 60, on_progress=seen.append)
    assert not tried.ended and not tried.problem
    assert {m.name for m in tried.metrics} == {"loss", "val_loss"}
    assert 3 <= len(tried.metrics[0].seen) < 40
    assert tried.unit == "epoch" and tried.full_seconds and "40 epochs" in tried.full_from
    assert tried.peak_memory and tried.peak_memory > 1 << 20
    assert seen[-1].last_line.startswith("epoch") and {g.name for g in seen[-1].metrics} == {"loss", "val_loss"}


def test_told_to_take_its_time_it_runs_to_the_end(tmp_path):
    tried = attempt(tmp_path, GOOD.replace("0.1)", "0.01)"), 60, early=False)
    assert tried.ended and tried.exit_code == 0 and len(tried.metrics[0].seen) == 40


def test_the_time_is_a_limit_and_what_was_seen_counts(tmp_path):
    tried = attempt(tmp_path, "import time\nprint('accuracy: 0.5')\ntime.sleep(600)", 1.0)
    assert not tried.ended and tried.exit_code is None and not tried.problem
    assert [m.name for m in tried.metrics] == ["accuracy"]


def test_it_can_be_cancelled(tmp_path):
    began = time.monotonic()
    tried = attempt(
        tmp_path, "import time\nprint('hello')\ntime.sleep(600)", 300, cancelled=lambda: time.monotonic() - began > 1.5
    )
    assert not tried.ended and tried.seconds < 200


def test_nothing_that_it_started_outlives_it(tmp_path):
    body = f"""
        import os, signal, subprocess, sys, time
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        sleeper = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
        child = subprocess.Popen([sys.executable, "-c", sleeper], start_new_session=True)
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                open({str(tmp_path / "daemon.pid")!r}, "w").write(str(os.getpid()))
                time.sleep(600)
            os._exit(0)
        open({str(tmp_path / "pids")!r}, "w").write(f"{{os.getpid()}} {{child.pid}}")
        time.sleep(600)
    """
    tried = attempt(tmp_path, body, 1.5)
    pids = [*map(int, (tmp_path / "pids").read_text().split()), int((tmp_path / "daemon.pid").read_text())]
    assert not tried.ended
    assert [pid for pid in pids if processes.look(pid) is not None] == []


PROBLEMS = {
    "a required option": (
        "import argparse\np = argparse.ArgumentParser()\np.add_argument('--data', required=True)\np.parse_args()",
        ["cannot run without --data", "init SCRIPT -- --data"],
    ),
    "a traceback": (
        "def train():\n    return 1 / 0\n\ntrain()",
        ["ZeroDivisionError: division by zero", "(train.py:2)"],
    ),
    "input": ("name = input('which data? ')", ["asks for input", "(train.py:1)"]),
    "a GPU": ("raise RuntimeError('No CUDA GPUs are available')", ["needs a GPU", "(train.py:1)"]),
    "a module": ("import no_such_module_here", ["no module 'no_such_module_here'", "--python", "(train.py:1)"]),
    "a syntax error": ("def f(:\n    pass", ["SyntaxError"]),
    "an exit code": ("import sys\nsys.exit('the data is not here')", ["the data is not here"]),
    "a signal": ("import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)", ["SIGSEGV"]),
}  # fmt: skip


@pytest.mark.parametrize("kind", PROBLEMS)
def test_what_went_wrong_is_said_in_one_sentence(tmp_path, kind):
    body, words = PROBLEMS[kind]
    tried = attempt(tmp_path, body)
    assert tried.ended and "\n" not in tried.problem
    for word in words:
        assert word in tried.problem


def test_a_program_that_is_not_there_is_said(tmp_path):
    tried = run_try(Reading(script=tmp_path / "train.sh", command=("./train.sh",), options=()), 5)
    assert "does not exist" in tried.problem


def test_binary_nothing_and_floods_do_no_harm(tmp_path):
    binary = attempt(
        tmp_path, "import os, sys\nsys.stdout.buffer.write(os.urandom(1 << 20))\nprint()\nprint('val_loss=0.5')"
    )
    assert [m.name for m in binary.metrics] == ["val_loss"] and not binary.problem
    silent = attempt(tmp_path, "pass")
    assert silent.ended and silent.exit_code == 0 and silent.metrics == ()
    flood = attempt(tmp_path, "i = 0\nwhile True:\n    i += 1\n    print('x' * 200, i)", 2.0)
    assert not flood.ended and flood.metrics == () and any("passed over" in note for note in flood.notes)


def test_what_it_wrote_is_said_and_folders_for_results_are_sent_elsewhere(tmp_path):
    (tmp_path / "results.csv").write_text("mine")
    origin = Origin(tmp_path / "train.py", 3, Style.ARGPARSE)
    option = Option(name="output_dir", kind="text", default="out", words=("--output-dir", "{}"), origin=origin)
    body = """
        import argparse, os
        p = argparse.ArgumentParser()
        p.add_argument("--output-dir", default="out")
        out = p.parse_args().output_dir
        os.makedirs(out, exist_ok=True)
        with open(os.path.join(out, "metrics.csv"), "w") as file:
            file.write("epoch,val_loss\\n" + "".join(f"{i},{1 / (i + 1)}\\n" for i in range(5)))
        open("model.bin", "w").write("x")
        open("results.csv", "w").write("changed")
    """
    tried = attempt(tmp_path, body, options=(option,))
    assert not (tmp_path / "out").exists()
    notes = "\n".join(tried.notes)
    assert "--output-dir was sent to a folder of its own" in notes
    assert "wrote model.bin" in notes and "changed results.csv" in notes
    [metric] = tried.metrics
    assert metric.name == "val_loss" and metric.seen[0] == (0, 1.0)
    assert metric.spec == {"csv": "{checkpoint}/metrics.csv", "column": "val_loss", "step": "epoch"}


def test_event_files_and_the_reports_file_are_read(tmp_path):
    pytest.importorskip("tensorboard")
    body = """
        import os
        from torch.utils.tensorboard import SummaryWriter
        board = SummaryWriter("runs/exp_20260102")
        for i in range(5):
            board.add_scalar("val/acc", i / 10, i)
        board.close()
        with open(os.environ["TUNEWRIGHT_REPORTS"], "a") as file:
            for i in range(3):
                file.write('{"step": %d, "dev_loss": %g}\\n' % (i, 1 / (i + 1)))
    """
    tried = attempt(tmp_path, body, 60)
    found = {m.name: m for m in tried.metrics}
    assert found["val/acc"].spec == {"tensorboard": "runs/exp_*/*tfevents*", "tag": "val/acc"}
    assert found["val/acc"].seen[1][0] == 1 and found["val/acc"].direction == "maximize"
    assert found["dev_loss"].spec == {} and found["dev_loss"].where == "TUNEWRIGHT_REPORTS"


def test_the_interpreter_is_said_and_is_the_folders_own_where_it_has_one(tmp_path, monkeypatch):
    bin_folder = tmp_path / ".venv" / "bin"
    bin_folder.mkdir(parents=True)
    (tmp_path / ".venv" / "pyvenv.cfg").write_text("home = /usr/bin\n")
    os.symlink(sys.executable, bin_folder / "python")
    reading = reading_of(tmp_path, "import sys\nprint(sys.executable)")
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)
    monkeypatch.delenv("CONDA_PREFIX", raising=False)
    tried = run_try(reading, 20)
    assert tried.command[0] == ".venv/bin/python"
    assert tried.output[-1].endswith(".venv/bin/python")
    assert any("the environment of this folder" in note for note in tried.notes)


def test_a_metric_on_held_out_data_that_comes_slowly_is_waited_for(tmp_path):
    body = """
        import time
        for step in range(200):
            print(f"step {step} loss={1 / (step + 1)}")
            if step % 10 == 0:
                print(f"val_loss={2 / (step + 1)}")
            time.sleep(0.05)
    """
    tried = attempt(tmp_path, body, 60)
    found = {m.name: m for m in tried.metrics}
    assert len(found["val_loss"].seen) >= 3 and len(found["loss"].seen) > 20
    assert [step for step, _ in found["val_loss"].seen[:3]] == [0, 10, 20]  # the step stands in the line before
