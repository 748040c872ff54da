"""The thread between the screens and the store.

It owns its store connection and its session, ticks ten times a second, and hands the screens
immutable messages through a queue that a timer of theirs drains: a `call_from_thread` a message
costs 25 times as much. Nothing heavy is imported before the thread runs.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.tui.messages import News, Refused
from agent.tui.requests import Request
from trainers.errors import TunewrightError

if TYPE_CHECKING:
    from agent.store.connection import Store
    from agent.tui.back.orders import Driver

    SessionOpener = Callable[[Store, str], Driver]

TICK = 0.1  # seconds
_SLOW_TICK = 1.0  # between rounds that fail


class Bridge:
    """Start it once the first frame is on the screen; `send` and `drain` are for the screens' thread."""

    def __init__(self, store_path: Path, open_session: SessionOpener | None = None) -> None:
        self._path = store_path
        self._open_session = open_session
        self._requests: queue.SimpleQueue[Request] = queue.SimpleQueue()
        self._news: queue.SimpleQueue[News] = queue.SimpleQueue()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="tunewright-bridge", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def send(self, request: Request) -> None:
        """Asks for something; the answer comes as a message."""
        self._requests.put(request)

    def drain(self) -> list[News]:
        """All messages that have arrived, oldest first."""
        found: list[News] = []
        while True:
            try:
                found.append(self._news.get_nowait())
            except queue.Empty:
                return found

    def close(self, patience: float = 2.0) -> None:
        """Ends the thread and with it the store connection; trials run on."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(patience)

    # -- in the thread -------------------------------------------------------------

    def _run(self) -> None:
        try:
            from agent.store.connection import open_store
            from agent.tui.back.backroom import Backroom

            with open_store(self._path) as store:
                room = Backroom(store, self._opener(), self._news.put)
                try:
                    self._loop(room)
                finally:
                    room.close()
        except TunewrightError as error:
            self._news.put(refusal(error, fatal=True))
        except Exception as error:  # noqa: BLE001 – a fault of ours must reach the person as a sentence, not end the screen
            self._news.put(unexpected(error, fatal=True))

    def _opener(self) -> Any:
        if self._open_session is not None:
            return self._open_session
        from agent.session import open_session

        return lambda store, name: open_session(store, name, ahead=1)

    def _loop(self, room: Any) -> None:
        """Rounds until told to stop; one that fails is said once, and tried again more slowly."""
        said = ""
        while not self._stop.is_set():
            pause = TICK
            try:
                room.serve(self._waiting())
                room.tick()
                said = ""
            except TunewrightError as error:
                pause, said = _SLOW_TICK, self._say_once(refusal(error), said)
            except Exception as error:  # noqa: BLE001 – as above: whatever it is, the next round may well succeed
                pause, said = _SLOW_TICK, self._say_once(unexpected(error), said)
            self._stop.wait(pause)
        room.serve(self._waiting())  # what was asked last, such as to remember the draft

    def _say_once(self, refused: Refused, before: str) -> str:
        if str(refused) != before:
            self._news.put(refused)
        return str(refused)

    def _waiting(self) -> list[Request]:
        found: list[Request] = []
        while True:
            try:
                found.append(self._requests.get_nowait())
            except queue.Empty:
                return found


def refusal(error: TunewrightError, *, fatal: bool = False) -> Refused:
    return Refused(error.what, error.where, error.remedy, fatal, error.exit_code)


def unexpected(error: Exception, *, fatal: bool = False) -> Refused:
    """A fault of ours in words."""
    from agent import faults

    return Refused(f"unexpected {type(error).__name__}: {error}", remedy=faults.keep(error), fatal=fatal)
