"""From a key to the changed screen, while trials report 1,000 values a second into the store.

A character is typed into the composer; the time until the terminal is sent it back is the figure.
"""

from __future__ import annotations

import os
import string
import subprocess
import sys
import tempfile
import time

import numpy as np

from benchmarks.harness import Figure
from benchmarks.terminal import Terminal

_LOAD = """
import sys, time
from pathlib import Path
from agent.runner.ingest import Ingest
from agent.store.connection import open_store
from benchmarks.reports import running_trials
from trainers import rundir

with open_store(Path(sys.argv[1])) as store:
    follows = running_trials(store, 8)
    writers = [rundir.ReportWriter(f.run_dir) for f in follows]
    ingest, start, step = Ingest(store), time.time(), 0
    print("ready", flush=True)
    while time.time() - start < float(sys.argv[2]):
        for i, writer in enumerate(writers):
            writer.write(step, {"loss": 1.0 / (1 + step / 100) + 0.01 * i})
        step += 1
        if step % 6 == 0:
            ingest.take(follows)
        time.sleep(max(0.0, start + step / 125 - time.time()))
"""


def figures(*, quick: bool) -> list[Figure]:
    keys = 20 if quick else 200
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        store = f"{folder}/store.sqlite"
        seconds = str(keys * 0.15 + 15)
        env = {**os.environ, "PYTHONPATH": os.getcwd()}
        load = subprocess.Popen([sys.executable, "-c", _LOAD, store, seconds], stdout=subprocess.PIPE, env=env)
        assert load.stdout is not None and load.stdout.readline() == b"ready\n"
        delays = _type(store, keys)
        load.kill()
        load.wait()
    p95 = float(np.percentile(delays, 95)) * 1000
    return [Figure("key → screen at 1,000 reports/s, p95", p95, None, "ms", "", "≤ 50 ms", p95 <= 50, keys)]


def _type(store: str, count: int) -> list[float]:
    terminal = Terminal([sys.executable, "-m", "agent", "--store", store], 180, 50, {"PYTHONPATH": os.getcwd()})
    try:
        terminal.until(lambda output: b"t0" in output)
        settled = time.perf_counter() + 5.0
        while time.perf_counter() < settled:
            terminal.read(0.1)
        delays = []
        letters = [c for c in string.ascii_lowercase if c not in "q"]
        for i in range(count):
            key = letters[i % len(letters)].encode()
            terminal.send(key)
            delays.append(terminal.until(lambda output, key=key: _typed(output, key)))
            quiet = time.perf_counter() + 0.1
            while time.perf_counter() < quiet:
                terminal.read(0.02)
            if i % 20 == 19:
                terminal.send(b"\x15")  # empties the line
                terminal.read(0.2)
        return delays
    finally:
        terminal.close()


def _typed(output: bytes, key: bytes) -> bool:
    """Whether the character was painted: it stands between two escape sequences, by itself or at the line's end."""
    return key + b"\x1b" in output or output.endswith(key)
