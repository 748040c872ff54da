"""Lines from stdin without waiting for them: from a person with readline, from a pipe, or from nowhere."""

from __future__ import annotations

import os
import queue
import re
import sys
import threading
from typing import Any

_ESCAPES = re.compile(r"\x1b\[[0-9;]*m")
_LONGEST = 1 << 20  # bytes; what exceeds it is cut, so that a binary stream cannot fill the memory


class Lines:
    """Reads stdin in a thread of its own. `editing` gives a person on a terminal readline and `prompt`."""

    def __init__(self, *, prompt: str = "", editing: bool = False) -> None:
        self._prompt = prompt
        self._queue: queue.Queue[str | None] = queue.Queue()
        self._modes = _terminal_modes()
        self._editing = editing and sys.stdin.isatty() and sys.stdout.isatty() and _has_readline()
        target = self._edit if self._editing else self._read
        # A daemon, since nothing can wake a thread that waits for a terminal.
        threading.Thread(target=target, daemon=True, name="stdin").start()

    def get(self, timeout: float) -> str | None:
        """The next line without its end, or None when none came within `timeout` seconds.

        Raises EOFError once there will be no more.
        """
        try:
            line = self._queue.get(timeout=timeout)
        except queue.Empty:
            return None
        if line is None:
            self._queue.put(None)  # the end stays the end
            raise EOFError
        return line

    def print(self, text: str) -> None:
        """Prints without losing what the person is typing."""
        if not self._editing:
            print(text, flush=True)
            return
        import readline

        typed = self._prompt + readline.get_line_buffer()
        first, *rest = text.split("\n")
        covered = " " * max(len(typed) - len(_ESCAPES.sub("", first)), 0)  # a dumb terminal can only write over
        sys.stdout.write("\r" + "\n".join([first + covered, *rest, typed]))
        sys.stdout.flush()

    def close(self) -> None:
        """Gives the terminal back as it was: a waiting readline holds it in its own mode."""
        if self._modes is not None:
            import termios

            termios.tcsetattr(0, termios.TCSADRAIN, self._modes)

    def _edit(self) -> None:
        while True:
            try:
                self._queue.put(input(self._prompt))
            except (EOFError, OSError, ValueError):
                self._queue.put(None)
                return

    def _read(self) -> None:
        """Reads the descriptor itself: a buffered stdin would be locked when the program ends."""
        kept = b""
        while chunk := _chunk():
            *lines, kept = (kept + chunk).split(b"\n")
            for line in lines:
                self._queue.put(line[:_LONGEST].decode(errors="replace").rstrip("\r"))
            kept = kept[:_LONGEST]
        if kept:
            self._queue.put(kept.decode(errors="replace"))
        self._queue.put(None)


def _chunk() -> bytes:
    try:
        return os.read(0, 1 << 16)
    except OSError:  # the terminal is gone, or stdin was never open
        return b""


def _has_readline() -> bool:
    try:
        import readline  # noqa: F401 – its import is what makes `input` edit
    except ImportError:
        return False
    return True


def _terminal_modes() -> Any:
    try:
        import termios

        return termios.tcgetattr(0)
    except (ImportError, OSError, termios.error):
        return None
