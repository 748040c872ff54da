"""From a key to the changed screen, while eight trials report 1,000 values a second into the store.

A letter is typed into the app's input line and, in turns, into an empty Textual app with one TextArea; the time
until the terminal is sent it back is the figure. No letter is typed twice, none is one that was on the screen
before or that ends an escape sequence, and the terminals echo nothing: what is seen is the key as it is drawn.
Keys come at random moments between the app's frames. Over the same stretch it is counted how many reports came
into the store and how many of their steps were drawn.
"""

from __future__ import annotations

import json
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from agent.runner.lock import runner_pid
from agent.store import points
from agent.store.connection import open_store
from benchmarks.harness import Figure
from benchmarks.terminal import Terminal, pump

_TRAIN = """
import json, sys, time
start, step = time.time(), 1000
while True:
    print(json.dumps({"step": step, "loss": float(sys.argv[1]) + 1000 / step}), flush=True)
    step += 1
    time.sleep(max(0.0, start + (step - 1000) / 125 - time.time()))
"""
_STUDY = """
[study]
name = "bench"
command = [%s, "train.py", "{lr}"]
objective = { metric = "loss", direction = "minimize" }
budget = { trials = 8 }
search = "random"
[space]
lr = { type = "float", low = 0.0, high = 1.0 }
"""
_PEER = """
from textual.app import App
from textual.widgets import TextArea
class One(App):
    def compose(self):
        yield TextArea("tunewright")
One().run()
"""
_LINE = 30  # letters before the line is emptied
_ALPHABETS = ((0x410, 0x44F), (0x391, 0x3A1), (0x3A3, 0x3C9), (0x531, 0x556), (0x561, 0x586), (0x10D0, 0x10F0))


def figures(*, quick: bool) -> list[Figure]:
    keys = 100 if quick else 200
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        store = Path(folder) / "store.sqlite"
        app = ["-m", "agent", "--store", str(store)]
        with _reports(store), _terminal(app) as ours, _terminal(["-c", _PEER]) as peer:
            pump((ours, peer), 5.0)
            before, start, painted = _last(store), time.perf_counter(), len(ours.output)
            delays = _type(ours, peer, keys)
            after, took = _last(store), time.perf_counter() - start
            drawn = _steps_drawn(bytes(ours.output[painted:]), before[1], after[1]) / took
    rate = (after[0] - before[0]) / took
    p95, peer_p95 = (float(np.percentile(times, 95)) * 1000 for times in zip(*delays, strict=True))
    name = f"key → screen, p95; meanwhile {rate:,.0f} reports/s reach the store, {drawn:.1f} new steps/s the screen"
    met = p95 <= 50 and rate >= 950 and drawn >= 1
    return [Figure(name, p95, peer_p95, "ms", "empty Textual app with one TextArea", "≤ 50 ms", met, keys)]


@contextmanager
def _reports(store: Path) -> Iterator[None]:
    """Eight real trials that report into `store` until the end."""
    (store.parent / "train.py").write_text(_TRAIN)
    (store.parent / "study.toml").write_text(_STUDY % json.dumps(sys.executable))
    words = ["run", "study.toml", "--headless", "--policy", "auto", "--jobs", "8"]
    env = {**os.environ, "PYTHONPATH": os.getcwd()}
    front = subprocess.Popen(
        [sys.executable, "-m", "agent", *words],
        cwd=store.parent,
        env=env,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait(lambda: store.exists() and _running(store) == 8)
        yield
    finally:
        front.send_signal(signal.SIGINT)  # it stops its trials
        front.wait()
        if pid := runner_pid(store):
            os.kill(pid, signal.SIGTERM)
            _wait(lambda: not runner_pid(store))


def _wait(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + 60
    while not holds():
        if time.monotonic() > until:
            raise TimeoutError("the trials did not start, or did not end, within a minute")
        time.sleep(0.1)


def _running(path: Path) -> int:
    with open_store(path, check=False) as store:
        return store.conn.execute("SELECT count(DISTINCT attempt_id) FROM point").fetchone()[0]


@contextmanager
def _terminal(words: list[str]) -> Iterator[Terminal]:
    """A Python program in a terminal of 180×50, once it has painted and no longer echoes."""
    terminal = Terminal([sys.executable, *words], 180, 50, {"PYTHONPATH": os.getcwd()})
    try:
        terminal.until(lambda output: b"tunewright" in output)
        if terminal.echoes:
            raise RuntimeError("the terminal echoes: what is typed would be seen before it is drawn")
        yield terminal
    finally:
        terminal.close()


def _type(ours: Terminal, peer: Terminal, count: int) -> list[tuple[float, float]]:
    """Seconds from each letter to its picture, in both."""
    seen = (ours.output + peer.output).decode(errors="replace")
    letters = [c for low, high in _ALPHABETS for c in map(chr, range(low, high + 1)) if c not in seen]
    if len(letters) < count:
        raise ValueError(f"there are {len(letters)} letters for {count} keys")
    chance, delays = random.Random(0), []
    for i, letter in enumerate(letters[:count]):
        delays.append((_delay(ours, peer, letter, chance), _delay(peer, ours, letter, chance)))
        if i % _LINE == _LINE - 1:
            for terminal in (ours, peer):
                terminal.send(b"\x15")
            pump((ours, peer), 0.3)
    return delays


def _delay(typed: Terminal, other: Terminal, letter: str, chance: random.Random) -> float:
    pump((typed, other), chance.uniform(0.05, 0.2))
    key = letter.encode()
    typed.send(key)
    return typed.until(lambda output: key in output, beside=(other,))


def _last(path: Path) -> tuple[int, int]:
    """The number of points in the store, and the last step among them."""
    with open_store(path, check=False) as store:
        last = points.last_id(store)
        row = store.one("SELECT step FROM point WHERE id = ?", (last,))
    return last, int(row["step"]) if row is not None else 0


def _steps_drawn(output: bytes, low: int, high: int) -> int:
    """How many of the steps between `low` and `high` were painted as numbers."""
    return len({n for n in map(int, re.findall(rb"(?<!\d)\d{4,6}(?!\d)", output)) if low < n <= high})
