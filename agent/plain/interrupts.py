"""Signals as flags, so that a loop can end in good order."""

from __future__ import annotations

import signal
from types import FrameType
from typing import Any

_LEAVING = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))
_ENOUGH = 3  # presses after which the loop evidently does not look


class Interrupts:
    """While it is entered: `presses` counts Ctrl-C (the third raises KeyboardInterrupt), and SIGTERM or
    SIGHUP set `leaving` to their number. What was ignored before (nohup, `&`) stays ignored.
    """

    def __init__(self) -> None:
        self.presses = 0
        self.leaving = 0
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Interrupts:
        for number in (signal.SIGINT, *_LEAVING):
            if signal.getsignal(number) is not signal.SIG_IGN:
                self._before[number] = signal.signal(number, self._note)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _note(self, number: int, _frame: FrameType | None) -> None:
        if number != signal.SIGINT:
            self.leaving = number
            return
        self.presses += 1
        if self.presses >= _ENOUGH:
            raise KeyboardInterrupt
