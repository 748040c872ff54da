"""Memory of the app after an hour's work, gone through in three minutes: what an hour brings, without its waits.

A real study with two jobs runs by itself in the app, in a terminal of 180×50: sixty trials of 600 steps with three
metrics and as many lines of log. Meanwhile somebody asks sixty questions, which the built-in advisor answers, opens
trials' pages, turns through the panels and scrolls. The figure is the resident memory of the app's process at the end;
the peer's is that of an empty Textual app at its start. Processes that the app starts are not counted.
"""

from __future__ import annotations

import itertools
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

from agent.store.connection import open_store
from benchmarks.harness import Figure
from benchmarks.terminal import Terminal, pump

_TRAIN = """
import json, sys, time
lr = float(sys.argv[1])
for step in range(600):
    loss = lr + 1 / (1 + step)
    print(json.dumps({"step": step, "loss": loss, "train_loss": loss / 2, "accuracy": 1 - loss / 3}), flush=True)
    time.sleep(0.006)
"""
_STUDY = """
[study]
name = "hour"
command = [%s, "train.py", "{lr}"]
objective = { metric = "loss", direction = "minimize" }
budget = { trials = %d }
policy = "watch"
search = "random"
jobs = 2
[space]
lr = { type = "float", low = 0.0, high = 1.0 }
wd = { type = "float", low = 0.0, high = 1.0 }
"""
_PEER = """
from textual.app import App
from textual.widgets import Label
class One(App):
    def compose(self):
        yield Label("tunewright")
One().run()
"""
_QUESTIONS = ("what is the best so far?", "why was trial {n} worse?", "what matters most?", "how is it going?")
_KEYS = (b"\x1bOR", b"\x1bOS", b"\x1b[15~", b"\x1b[5~", b"\x1b[6~", b"\x1bOQ")  # F3 F4 F5, pages up and down, F2
_ESCAPE = b"\x1b"


def figures(*, quick: bool) -> list[Figure]:
    trials, questions = (6, 6) if quick else (60, 60)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        place = Path(folder)
        (place / "train.py").write_text(_TRAIN)
        (place / "study.toml").write_text(_STUDY % (json.dumps(sys.executable), trials))
        env = {"PYTHONPATH": os.getcwd(), "XDG_CONFIG_HOME": folder, "TUNEWRIGHT_LESSONS": str(place / "lessons")}
        start = f"cd {place} && exec {sys.executable} -m agent run study.toml"
        ours = Terminal(["sh", "-c", start], 180, 50, env)
        peer = Terminal([sys.executable, "-c", _PEER], 180, 50, env)
        try:
            for terminal in (ours, peer):
                terminal.until(lambda output: b"tunewright" in output, 60)
            _work(ours, peer, place / "store.sqlite", trials, questions)
            _check_asked(place / "store.sqlite", questions)
            mine, theirs = (_resident(terminal) for terminal in (ours, peer))
        finally:
            ours.close()
            peer.close()
    name = f"memory of the app after {trials} trials, {questions} questions"
    return [Figure(name, mine, theirs, "MB", "empty Textual app", "≤ 120 MB", mine <= 120, 1)]


def _resident(terminal: Terminal) -> float:
    return psutil.Process(terminal.pid).memory_info().rss / 1e6


def _work(ours: Terminal, peer: Terminal, store: Path, trials: int, questions: int) -> None:
    """Asks and looks around until all trials have ended and all questions are asked."""
    doings, until = _doings(questions), time.monotonic() + 900
    while (left := next(doings, None)) is not None or _ended(store) < trials:
        for keys in left or ():
            ours.send(keys)
            pump((ours, peer), 0.15)
        pump((ours, peer), 1.0)
        if time.monotonic() > until:
            raise TimeoutError(f"{_ended(store)} of {trials} trials ended")


def _doings(questions: int) -> Iterator[list[bytes]]:
    looks = itertools.cycle(_KEYS)
    for i in range(questions):
        question = _QUESTIONS[i % len(_QUESTIONS)].format(n=i // 4)
        yield [_ESCAPE, question.encode(), b"\r", next(looks), next(looks), _ESCAPE]
        if i % 5 == 4:
            yield [f"/why {i // 5}".encode(), b"\r", b"\x1b[6~", _ESCAPE]


def _check_asked(path: Path, questions: int) -> None:
    """What was typed must have arrived, or the hour was not lived."""
    with open_store(path, check=False) as store:
        row = store.one("SELECT count(*) AS n FROM turn WHERE role = 'person'", ())
    if row is None or row["n"] < questions:
        raise RuntimeError(f"{row and row['n']} of {questions} questions arrived")


def _ended(path: Path) -> int:
    if not path.exists():
        return 0
    with open_store(path, check=False) as store:
        row = store.one("SELECT count(*) AS n FROM trial WHERE state IN ('completed', 'failed', 'stopped')", ())
    return 0 if row is None else int(row["n"])
