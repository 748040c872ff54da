"""Errands: what a page wants of the store, as a plain function that runs in the bridge's thread.

A page that shows something of its own need not add a message and a request for it: it hands over a function of
the store, and is handed what the function returns.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any, TypeVar

from trainers.errors import TunewrightError

if TYPE_CHECKING:
    from agent.store.connection import Store
    from agent.tui.back.orders import Driver

_tickets = count(1)
T = TypeVar("T")


@dataclass(frozen=True)
class Room:
    """What an errand works with: the store, and the session of the study that is open, if one is."""

    store: Store
    session: Driver | None

    @property
    def open(self) -> Driver:
        """The session. Raises TunewrightError when no study is open."""
        if self.session is None:
            raise TunewrightError("no study is open", remedy="Choose one with up, down and enter.")
        return self.session


@dataclass(frozen=True)
class Errand:
    """`do` runs in the bridge's thread and returns something immutable, or None."""

    do: Callable[[Room], Any]
    ticket: int = field(default_factory=lambda: next(_tickets))


@dataclass(frozen=True)
class ErrandDone:
    """The end of an errand: its result or the error it ended with."""

    ticket: int
    value: Any = None
    error: TunewrightError | None = None


def run(errand: Errand, room: Room) -> ErrandDone:
    try:
        return ErrandDone(errand.ticket, errand.do(room))
    except TunewrightError as error:
        return ErrandDone(errand.ticket, error=error)


class Waiting:
    """Who waits for which errand. `then` takes the result and `failed` the error, in the screens' thread."""

    def __init__(self, send: Callable[[Errand], None]) -> None:
        self._send = send
        self._waiting: dict[int, tuple[Callable[[Any], None], Callable[[TunewrightError], None]]] = {}

    def send(
        self, do: Callable[[Room], T], then: Callable[[T], None], failed: Callable[[TunewrightError], None]
    ) -> None:
        errand = Errand(do)
        self._waiting[errand.ticket] = (then, failed)
        self._send(errand)

    def done(self, news: ErrandDone) -> None:
        then, failed = self._waiting.pop(news.ticket, (None, None))
        if news.error is not None and failed is not None:
            failed(news.error)
        elif then is not None:
            then(news.value)
