"""The front's end of the proposer process: asks without waiting, takes the answer when it is there."""

from __future__ import annotations

import time
from typing import Any

from agent.helper import Helper
from agent.search import wire
from agent.search.history import History
from agent.study.nouns import Draft
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
        self._helper = Helper("agent.search.service")
        self._request: tuple[str, History, int] | None = None
        self._tries = 0
        self._asked = 0
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
        self._helper.push()
        for answer in self._helper.receive():
            if answer["id"] != self._asked:
                continue  # the answer to a request that was dropped
            self._request = None
            if "error" in answer:
                raise ProposerError(**answer["error"])
            return [wire.draft_from_dict(draft) for draft in answer["drafts"]]
        if not self._helper.alive:
            self._send()
        return None

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
        self._helper.close()

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
        if self._helper.start():
            self._sent, self._keys = set(), frozenset()
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
        self._helper.send(message)
