"""From starting the process to the first painted frame, on a store with a study.

Peer: an empty Textual app. Both are imported from compiled files, in a terminal of 120×36, alternately.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
from pathlib import Path

from benchmarks.harness import Figure
from benchmarks.opening import fill_ours
from benchmarks.terminal import Terminal

_EMPTY = """
from textual.app import App
from textual.widgets import Static
class Empty(App):
    def compose(self):
        yield Static("tunewright")
Empty().run()
"""


def figures(*, quick: bool) -> list[Figure]:
    repeats = 3 if quick else 11
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        fill_ours(Path(folder) / "store.sqlite", 100, 20)
        ours_command = [sys.executable, "-m", "agent", "--store", f"{folder}/store.sqlite"]
        for command in (ours_command, [sys.executable, "-c", _EMPTY]):
            _paint(command)  # compiles what is not compiled yet
        pairs = [(_paint(ours_command), _paint([sys.executable, "-c", _EMPTY])) for _ in range(repeats)]
    ours, peer = (statistics.median(times) for times in zip(*pairs, strict=True))
    met = ours <= 1.0 and ours <= 1.5 * peer
    return [Figure("first paint", ours, peer, "s", "empty Textual app", "≤ 1 s and ≤ 1.5×", met, repeats)]


def _paint(command: list[str]) -> float:
    terminal = Terminal(command, 120, 36, {"PYTHONPATH": os.getcwd()})
    try:
        return terminal.until(lambda output: b"tunewright" in output)
    finally:
        terminal.close()
