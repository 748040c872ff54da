"""A training script with its study file, for tests that run real trials: some ten ms of work each."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from agent.runner.lock import runner_pid
from agent.store import studies, trials
from agent.store.connection import open_store
from agent.study.nouns import Trial

TRAIN = """
import json, sys, time
lr, n, pause = (float(word) for word in sys.argv[1:4])
if lr > 0.05:
    sys.exit("lr is too high")
for step in range(4):
    print(json.dumps({"step": step, "loss": (lr - 0.01) ** 2 + n / 100 + 1 / (step + 1)}), flush=True)
    time.sleep(pause)
"""
STUDY = """
[study]
name = "{name}"
command = [{python}, "train.py", "{{lr}}", "{{n}}", "{pause}"]
objective = {{ metric = "loss", direction = "minimize" }}
budget = {{ trials = {trials} }}
search = "random"
{more}

[space]
lr = {{ type = "float", low = {low}, high = 0.1, log = true, default = {default} }}
n = {{ type = "int", low = 1, high = 9 }}
"""


def write_study(
    folder: Path,
    *,
    name: str = "quick",
    trials: int = 3,
    pause: float = 0,
    low: float = 1e-4,
    default: float = 1e-3,
    more: str = "",
) -> Path:
    """train.py and study.toml in `folder`; `pause` is seconds a step, of which there are 4. lr above 0.05 fails.
    The search is random, whose process loads nothing."""
    (folder / "train.py").write_text(TRAIN)
    path = folder / "study.toml"
    python = json.dumps(sys.executable)
    path.write_text(
        STUDY.format(name=name, python=python, pause=pause, trials=trials, low=low, default=default, more=more)
    )
    return path


def trials_in(folder: Path, name: str = "quick") -> list[Trial]:
    with open_store(folder / "store.sqlite", create=False, check=False) as store:
        return trials.all_trials(store, studies.get(store, name).id)


def until_ended(folder: Path, name: str = "quick", timeout: float = 30) -> list[Trial]:
    """The trials once none is queued or running."""
    until = time.monotonic() + timeout
    while True:
        found = trials_in(folder, name)
        if all(t.state.ended for t in found):
            return found
        assert time.monotonic() < until, f"still open: {found}"
        time.sleep(0.05)


@contextmanager
def workplace(folder: Path) -> Iterator[Path]:
    """`folder`, whose runner, if one was started, is ended afterwards."""
    try:
        yield folder
    finally:
        for _ in range(100):
            pid = runner_pid(folder / "store.sqlite")
            if not pid:
                break
            os.kill(pid, signal.SIGTERM)
            time.sleep(0.05)
