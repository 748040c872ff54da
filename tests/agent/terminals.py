"""Running the command in a real process: over pipes, or in a pseudo-terminal as a person would."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
COMMAND = [sys.executable, "-m", "agent"]
ROOT = Path(__file__).resolve().parents[2]


def environment(**more: str) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm-256color", "COLUMNS": "", "LINES": "", **more}


def tunewright(
    *words: str, cwd: Path, stdin: str | bytes = "", env: Mapping[str, str] | None = None, timeout: float = 60
) -> subprocess.CompletedProcess[str]:
    """Runs to the end over pipes; text comes back decoded, whatever it was."""
    done = subprocess.run(
        [*COMMAND, *words],
        cwd=cwd,
        input=stdin.encode() if isinstance(stdin, str) else stdin,
        capture_output=True,
        env=environment(**(env or {})),
        timeout=timeout,
        check=False,
    )
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


class Terminal:
    """A command in a pseudo-terminal of its own, its controlling one. `seen` is all it has
    printed; `under` are the words of a program that starts it."""

    def __init__(
        self,
        *words: str,
        cwd: Path,
        env: Mapping[str, str] | None = None,
        size: tuple[int, int] = (100, 30),
        under: Sequence[str] = (),
    ) -> None:
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
        self.process = subprocess.Popen(
            [*under, *COMMAND, *words],
            cwd=cwd,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=environment(**(env or {})),
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )
        os.close(slave)
        self.seen = ""

    def expect(self, text: str, timeout: float = 30, *, after: int = 0) -> int:
        """Reads until `text` is on the screen past position `after`; returns where it ends."""
        until = time.monotonic() + timeout
        while (found := self.seen.find(text, after)) < 0:
            if not self.read(until - time.monotonic()):
                raise AssertionError(f"{text!r} did not come; seen: {self.seen[-2000:]!r}")
        return found + len(text)

    def until(self, what: Callable[[], bool], timeout: float = 60) -> None:
        """Reads on until `what` holds; a program whose screen nobody reads would stand still."""
        until(what, self, timeout=timeout)

    @property
    def painted(self) -> str:
        """What it has printed, without the escape sequences between the words."""
        return _ESCAPES.sub("", self.seen)

    def read(self, seconds: float) -> bool:
        if seconds <= 0 or not select.select([self._master], [], [], seconds)[0]:
            return False
        try:
            chunk = os.read(self._master, 1 << 16)
        except OSError:  # the other end is closed
            return False
        self.seen += chunk.decode(errors="replace")
        return bool(chunk)

    def send(self, text: str | bytes) -> None:
        os.write(self._master, text.encode() if isinstance(text, str) else text)

    def interrupt(self) -> None:
        """Ctrl-C, as the terminal sends it."""
        self.send("\x03")

    def hang_up(self) -> None:
        """Closes the terminal, as a lost SSH connection does."""
        os.close(self._master)
        self._master = -1

    def wait(self, timeout: float = 30) -> int:
        """The exit code, having read the rest."""
        until = time.monotonic() + timeout
        while self._master >= 0 and self.process.poll() is None and time.monotonic() < until:
            self.read(0.1)
        code = self.process.wait(max(until - time.monotonic(), 0.1))
        while self._master >= 0 and self.read(0.1):
            pass
        return code

    def close(self) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        if self._master >= 0:
            os.close(self._master)


def until(what: Callable[[], bool], *terminals: Terminal, timeout: float = 60) -> None:
    """As `Terminal.until`, for several at once: none of them stands still meanwhile."""
    end = time.monotonic() + timeout
    while not what():
        assert time.monotonic() < end, f"it did not happen; seen: {[t.seen[-2000:] for t in terminals]}"
        for terminal in terminals:
            terminal.read(0.05)
