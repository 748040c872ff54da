"""The front's end of the proposer process: asks without waiting, takes the answer when it is there."""

from __future__ import annotations

import json
import os
import selectors
import subprocess
import sys
import time
from typing import Any

from agent.search import wire
from agent.search.history import History
from agent.study.nouns import Draft
from trainers import processes
from trainers.errors import TunewrightError

_TRIES = 3


class ProposerError(TunewrightError):
    """The proposer process refused, or died several times over one request."""

    exit_code = 1


class ProposerClient:
    """One proposer process, started when first asked and again if it dies; ends with this object.

    One request at a time. A process that dies over a request is replaced and asked again, up to
    three times: proposals are pure, so the answer is the same.
    """

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._request: tuple[str, History, int] | None = None
        self._tries = 0
        self._asked = 0
        self._received = bytearray()
        self._outgoing = bytearray()
        self._sent: set[int] = set()  # ids of ended trials the process knows
        self._keys: frozenset[str] = frozenset()

    def ask(self, search: str, history: History, n: int = 1) -> None:
        """Asks for `n` drafts; `take` gives them. A request not yet answered is dropped."""
        self._request, self._tries = (search, history, n), 0
        self._send()

    def take(self) -> list[Draft] | None:
        """The drafts, or None while they are being prepared. Raises ProposerError, once, when they cannot be."""
        if self._request is None:
            return None
        self._push()
        line = self._read_line()
        if line is None:
            if self._process is not None and self._process.poll() is not None:
                self._send()
            return None
        answer = json.loads(line)
        if answer["id"] != self._asked:
            return None  # the answer to a request that was dropped
        self._request = None
        if "error" in answer:
            raise ProposerError(**answer["error"])
        return [wire.draft_from_dict(draft) for draft in answer["drafts"]]

    def propose(self, search: str, history: History, n: int = 1, *, timeout: float = 120.0) -> list[Draft]:
        """Asks and waits. Raises ProposerError, also when `timeout` seconds were not enough."""
        self.ask(search, history, n)
        until = time.monotonic() + timeout
        while time.monotonic() < until:
            if (drafts := self.take()) is not None:
                return drafts
            time.sleep(0.005)
        raise ProposerError(f"the search '{search}' took more than {timeout:g} s", remedy="Try --search random.")

    def close(self) -> None:
        """Ends the process; a proposal in preparation is lost."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    # -- the process -------------------------------------------------------------

    def _send(self) -> None:
        assert self._request is not None
        search, history, n = self._request
        self._tries += 1
        if self._tries > _TRIES:
            self._request = None
            raise ProposerError(
                f"the proposer process died {_TRIES} times over one proposal",
                remedy="Try --search random; 'tunewright doctor' looks at the installation.",
            )
        self._start()
        self._asked += 1
        ended = [t for t in history.trials if t.state.ended and t.id not in self._sent]
        message: dict[str, Any] = {
            "id": self._asked,
            "search": search,
            "n": n,
            "frame": wire.frame_to_dict(history),
            "ended": [wire.trial_to_dict(t) for t in ended],
            "open": [wire.trial_to_dict(t) for t in history.trials if not t.state.ended],
            "taken": sorted(history.taken - self._keys),
        }
        self._sent |= {t.id for t in ended}
        self._keys = history.taken
        self._outgoing += json.dumps(message).encode() + b"\n"
        self._push()

    def _push(self) -> None:
        """Writes what the pipe takes now: a long history must not hold up a screen."""
        assert self._process is not None and self._process.stdin is not None
        try:
            while self._outgoing:
                written = os.write(self._process.stdin.fileno(), self._outgoing[: 1 << 16])
                del self._outgoing[:written]
        except BlockingIOError:
            pass  # the rest with the next look
        except BrokenPipeError:
            self._outgoing.clear()  # it has just died; `take` sees that and asks the next one

    def _start(self) -> None:
        if self._process is None or self._process.poll() is not None:
            env = {**os.environ, **dict.fromkeys(processes.THREAD_VARIABLES, "1")}
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "agent.search.service"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=env,
                start_new_session=True,  # a Ctrl-C in the terminal is the front's to handle
            )
            assert self._process.stdin is not None
            os.set_blocking(self._process.stdin.fileno(), False)
            self._received, self._outgoing = bytearray(), bytearray()
            self._sent, self._keys = set(), frozenset()

    def _read_line(self) -> bytes | None:
        """A whole answer, if one has come."""
        assert self._process is not None and self._process.stdout is not None
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            while b"\n" not in self._received and selector.select(0):
                chunk = os.read(self._process.stdout.fileno(), 1 << 16)
                if not chunk:
                    return None
                self._received += chunk
        line, found, rest = bytes(self._received).partition(b"\n")
        if not found:
            return None
        self._received = bytearray(rest)
        return line
