"""A driver for a terminal that may go away: what is written then is dropped, and the app leaves in order.

Without this, Textual's output thread dies of the first failed write and the app waits for it for good.
"""

from __future__ import annotations

import contextlib
import select
import sys
import termios
import threading
from collections.abc import Callable
from functools import partial
from typing import IO, Any

from textual.driver import Driver

from agent.tui.terminal.escapes import RESTORE_TITLE, SAVE_TITLE
from agent.tui.terminal.pasted import guard


class _Dropping:
    """A file whose writes cannot fail."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file

    def write(self, text: str) -> None:
        try:
            self._file.write(text)
        except OSError:
            return  # nobody is there to read it

    def flush(self) -> None:
        try:
            self._file.flush()
        except OSError:
            return

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


def _written(write: Callable[[bytes], int], data: bytes) -> int:
    """Writes, or drops what nobody is there to read."""
    try:
        return write(data)
    except OSError:
        return len(data)


def hung_up() -> bool:
    """Waits for the end of what stdin comes from; False where that cannot be waited for."""
    ended = select.POLLHUP | select.POLLERR
    try:
        poller = select.poll()
        poller.register(sys.__stdin__.fileno(), 0)  # type: ignore[union-attr]
        return any(event & ended for _, event in poller.poll())
    except (AttributeError, OSError, ValueError):
        return False


def is_there() -> bool:
    """Whether stdin is a terminal that still answers."""
    try:
        return bool(termios.tcgetattr(sys.__stdin__.fileno()))  # type: ignore[union-attr]
    except (AttributeError, OSError, ValueError, termios.error):
        return False


def lasting(base: type[Driver], gone: Callable[[], None], *, titled: bool = False) -> type[Driver]:
    """`base`, calling `gone` in the app's thread when the terminal can no longer be read. Pastes come plain.

    `titled`: the terminal has a title, which is restored however the app ends; to one that has none no OSC is sent."""
    guard(base)
    own_title = titled and base.__name__ == "LinuxDriver"
    parts = {"gone": staticmethod(gone), "titled": titled, "own_title": own_title}
    return type("LastingDriver", (_Lasting, base), parts)


class _Lasting:
    """What is put before a driver's own methods."""

    gone: Callable[[], None]
    titled: bool
    own_title: bool

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        held = self.__dict__
        if "_file" in held:  # the headless driver has none
            held["_file"] = _Dropping(held["_file"])
        if "_write" in held:  # a browser's window is written to through a pipe
            held["_write"] = partial(_written, held["_write"])

    def write(self, data: str) -> None:
        if self.titled or not data.startswith("\x1b]"):
            super().write(data)  # type: ignore[misc]

    def start_application_mode(self) -> None:
        super().start_application_mode()  # type: ignore[misc]
        if self.own_title:
            self.write(SAVE_TITLE)

    def stop_application_mode(self) -> None:
        if self.own_title:
            self.write(RESTORE_TITLE)
        super().stop_application_mode()  # type: ignore[misc]

    def run_input_thread(self) -> None:
        threading.Thread(target=self._watch, name="hang-up", daemon=True).start()
        with contextlib.suppress(OSError):  # the watch has told it already
            super().run_input_thread()  # type: ignore[misc]

    def _watch(self) -> None:
        """Waits until nobody can type any more: reading fails then, or finds the end of a file again and again."""
        if hung_up():
            self.exit_event.set()  # type: ignore[attr-defined]
            self._app.call_later(self.gone)  # type: ignore[attr-defined]

    def _sigcont_application(self, *args: Any) -> None:
        """A terminal that hangs up sends SIGCONT after SIGHUP; there is nothing to go on with then."""
        if is_there():
            super()._sigcont_application(*args)  # type: ignore[misc]
