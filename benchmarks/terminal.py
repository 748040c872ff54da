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

    def until(self, seen: Callable[[bytes], bool], seconds: float = 30.0) -> float:
        """Reads until `seen` of what is new holds; seconds since this call. Raises TimeoutError."""
        start, mark = time.perf_counter(), len(self.output)
        while not seen(bytes(self.output[mark:])):
            if time.perf_counter() - start > seconds:
                raise TimeoutError(bytes(self.output[-2000:]).decode(errors="replace"))
            self.read(0.05)
        return time.perf_counter() - start

    def send(self, keys: bytes) -> None:
        os.write(self.fd, keys)

    def close(self) -> None:
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.fd)
