"""A real tmux around a real program: what a person types, and what they then see."""

from __future__ import annotations

import itertools
import os
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60.0  # seconds
needs_tmux = pytest.mark.skipif(shutil.which("tmux") is None, reason="there is no tmux (Debian: apt install tmux)")
_numbers = itertools.count()


class Tmux:
    """One server with one window. Its shell lives on when the program ends, as it would for a person."""

    def __init__(self, folder: Path, size: tuple[int, int] = (180, 50), env: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        self._name = f"tunewright-{os.getpid()}-{next(_numbers)}"
        more = {
            "PYTHONPATH": str(ROOT),
            "XDG_CONFIG_HOME": str(folder / "config"),
            "TUNEWRIGHT_LESSONS": str(folder / "lessons.sqlite"),
            "PS1": "$ ",
            "COLUMNS": "",
            "LINES": "",
            **(env or {}),
        }
        words = [word for name, value in more.items() for word in ("-e", f"{name}={value}")]
        width, height = map(str, size)
        self._tmux("-f", "/dev/null", "new-session", "-d", "-x", width, "-y", height, "-c", str(folder), *words, "sh")
        self._tmux("set", "-g", "escape-time", "0")  # keys follow one another as fast as they are sent
        self._tmux("set", "-g", "window-size", "manual")
        self.resize(*size)

    def _tmux(self, *words: str) -> str:
        done = subprocess.run(["tmux", "-L", self._name, *words], capture_output=True, text=True, check=False)
        return done.stdout

    def run(self, *words: str) -> None:
        """Types a tunewright command into the shell."""
        self.type(shlex.join([sys.executable, "-m", "agent", *words]))
        self.press("Enter")

    def type(self, text: str) -> None:
        self._tmux("send-keys", "-l", "--", text)

    def press(self, *keys: str, pause: float = 0.15) -> None:
        """Keys by tmux's names: Enter, Escape, C-g, F3."""
        for key in keys:
            self._tmux("send-keys", key)
            time.sleep(pause)

    def say(self, text: str) -> None:
        """Types a line into whatever has the focus, and sends it."""
        self.type(text)
        time.sleep(0.2)
        self.press("Enter")

    @property
    def screen(self) -> str:
        return self._tmux("capture-pane", "-p")

    def until(self, wanted: str | Callable[[str], object], seconds: float = PATIENCE) -> str:
        """The screen once it shows `wanted`. Fails with the screen as it is when that never comes."""
        holds = (lambda screen: wanted in screen) if isinstance(wanted, str) else wanted
        end = time.monotonic() + seconds
        while not holds(screen := self.screen):
            assert time.monotonic() < end, f"{wanted!r} never came:\n{screen}"
            time.sleep(0.1)
        return screen

    def resize(self, width: int, height: int) -> None:
        self._tmux("resize-window", "-x", str(width), "-y", str(height))

    @property
    def program(self) -> int:
        """The pid of what runs in the shell now."""
        shell = self._tmux("list-panes", "-F", "#{pane_pid}").split()[0]
        found = subprocess.run(["ps", "-o", "pid=", "--ppid", shell], capture_output=True, text=True, check=False)
        return int(found.stdout.split()[0])

    def close(self) -> None:
        self._tmux("kill-server")
