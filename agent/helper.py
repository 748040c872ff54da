"""A process of ours that serves one front: JSON lines in on its stdin, JSON lines out on its stdout.

Nothing here waits: a long message goes out piece by piece, and answers are taken as they arrive.
"""

from __future__ import annotations

import json
import os
import selectors
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from trainers import processes


class Helper:
    """`python -m MODULE WORD …`, started when first spoken to. One numeric thread; deaf to the terminal's Ctrl-C."""

    def __init__(self, module: str, words: Sequence[str] = ()) -> None:
        self._module, self._words = module, words
        self._process: subprocess.Popen[bytes] | None = None
        self._received, self._outgoing = bytearray(), bytearray()

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int | None:
        return None if self._process is None else self._process.pid

    @property
    def ended(self) -> int | None:
        """The exit code of the process, negative for a signal; None while it runs, or was never started."""
        return None if self._process is None else self._process.poll()

    def start(self) -> bool:
        """Starts it unless it runs; whether it is a new process."""
        if self.alive:
            return False
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", self._module, *self._words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, **dict.fromkeys(processes.THREAD_VARIABLES, "1")},
            start_new_session=True,  # a Ctrl-C in the terminal is the front's to handle
        )
        assert self._process.stdin is not None
        os.set_blocking(self._process.stdin.fileno(), False)
        self._received, self._outgoing = bytearray(), bytearray()
        return True

    def send(self, message: Mapping[str, Any]) -> None:
        """Hands a message over; what the pipe does not take now goes with the next `push`."""
        self._outgoing += json.dumps(message).encode() + b"\n"
        self.push()

    def push(self) -> None:
        """Writes what the pipe takes now: a long message must not hold up a screen."""
        if self._process is None or self._process.stdin is None:
            return
        try:
            while self._outgoing:
                written = os.write(self._process.stdin.fileno(), self._outgoing[: 1 << 16])
                del self._outgoing[:written]
        except BlockingIOError:
            pass  # the rest with the next look
        except BrokenPipeError:
            self._outgoing.clear()  # it has just died, which the caller sees by `alive`

    def receive(self) -> list[dict[str, Any]]:
        """The whole messages that have come."""
        if self._process is None or self._process.stdout is None:
            return []
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            while selector.select(0):
                chunk = os.read(self._process.stdout.fileno(), 1 << 16)
                if not chunk:
                    break
                self._received += chunk
        *lines, rest = bytes(self._received).split(b"\n")
        self._received = bytearray(rest)
        return [json.loads(line) for line in lines]

    def close(self, patience: float = 0.0) -> None:
        """Ends it: by closing its stdin if it ends within `patience` seconds, else by killing it."""
        if self._process is None:
            return
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        try:
            self._process.wait(patience)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None
