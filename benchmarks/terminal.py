"""A program in a real pseudo-terminal: what it has painted, and when."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time
from collections.abc import Callable, Mapping, Sequence


class Terminal:
    """Runs `command` in a terminal of `columns`×`rows`. `output` is all it has written, as bytes."""

    def __init__(self, command: Sequence[str], columns: int, rows: int, env: Mapping[str, str]) -> None:
        self.started = time.perf_counter()
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execvpe(
                command[0], list(command), {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", **env}
            )
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.output = bytearray()

    def read(self, seconds: float) -> bytes:
        """What it writes within `seconds`, or b"" when that is nothing."""
        ready, _, _ = select.select([self.fd], [], [], seconds)
        if not ready:
            return b""
        try:
            chunk = os.read(self.fd, 1 << 16)
        except OSError:  # Linux says EIO when the program has ended
            return b""
        self.output += chunk
        return chunk

    def until(self, seen: Callable[[bytes], bool], seconds: float = 30.0, *, beside: Sequence[Terminal] = ()) -> float:
        """Reads until `seen` of what is new holds; seconds since this call. What is painted `beside` is read too, so
        that no program stands still. Raises TimeoutError."""
        start, mark = time.perf_counter(), len(self.output)
        while not seen(bytes(self.output[mark:])):
            if time.perf_counter() - start > seconds:
                raise TimeoutError(bytes(self.output[-2000:]).decode(errors="replace"))
            pump((self, *beside), 0.05, once=True)
        return time.perf_counter() - start

    @property
    def echoes(self) -> bool:
        """Whether the terminal itself writes what is typed."""
        return bool(termios.tcgetattr(self.fd)[3] & termios.ECHO)

    def send(self, keys: bytes) -> None:
        os.write(self.fd, keys)

    def close(self) -> None:
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.fd)


def pump(terminals: Sequence[Terminal], seconds: float, *, once: bool = False) -> None:
    """Reads what all of them write within `seconds`; `once` until one of them has written something."""
    until = time.perf_counter() + seconds
    while (left := until - time.perf_counter()) > 0:
        ready, _, _ = select.select([t.fd for t in terminals], [], [], left)
        for terminal in terminals:
            if terminal.fd in ready:
                terminal.read(0)
        if once and ready:
            return
