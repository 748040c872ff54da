"""The agent's turn while it is written: it grows in the store, at once with the first words, then in steps."""

from __future__ import annotations

import asyncio
import math
import time

from agent.chat.asked import visible
from agent.diagnosis.citations import checked, settled
from agent.diagnosis.pointers import Pointers
from agent.llm.seat import Seat
from agent.store import turns
from agent.study.nouns import TurnState
from trainers.errors import TunewrightError

EVERY = 0.2  # seconds between two writes: five a second are as good as more to the eye


class Writing:
    """One turn. Its text only ever grows: what may still turn into a citation or a tool's block is held back."""

    def __init__(self, seat: Seat, model: str) -> None:
        self._seat = seat
        self._pointers = Pointers(seat.store, seat.study.id)
        self.id = turns.add(seat.store, seat.study.id, "agent", "", state=TurnState.WRITING, model=model)
        self._done: list[str] = []  # what earlier steps said
        self._growing = ""  # the raw text of this step
        self._note = ""
        self._written, self._at = ("", ""), -math.inf
        self._later: asyncio.TimerHandle | None = None
        self._trouble: TunewrightError | None = None

    def add(self, piece: str) -> None:
        """More text of the present step. Raises StoreError when it cannot be stored."""
        if self._trouble is not None:
            raise self._trouble
        self._growing += piece
        self._note = ""
        self._soon()

    def doing(self, note: str) -> None:
        """Says what is being done meanwhile, such as reading a log."""
        self._note = note
        self._soon()

    def step(self, text: str) -> None:
        """The present step is over: this is all that the person should see of it."""
        self._growing = ""
        self._done += [text] if text else []

    @property
    def growing(self) -> bool:
        """Whether the present step has begun to say something."""
        return bool(self._growing)

    @property
    def begun(self) -> bool:
        """Whether anything has been said in it."""
        return self.growing or bool(self._done)

    def finish(self, state: TurnState, note: str = "") -> None:
        """Settles the turn, with what there is."""
        self._cancel()
        text, dropped = checked("\n\n".join([*self._done, *self._rest()]), self._pointers)
        if dropped:
            what = "citation" if dropped == 1 else "citations"
            note = "; ".join([*([note] if note else []), f"{dropped} {what} left out, which pointed at nothing"])
        turns.write(self._seat.store, self.id, text.strip(), state=state, note=" ".join(note.split()))

    def _rest(self) -> list[str]:
        shown = visible(self._growing, whole=True)
        return [shown] if shown else []

    def _soon(self) -> None:
        if self._later is not None:
            return
        wait = self._at + EVERY - time.monotonic()
        if wait <= 0:
            self._flush()
        else:
            self._later = asyncio.get_running_loop().call_later(wait, self._flush_later)

    def _flush_later(self) -> None:
        self._later = None
        try:
            self._flush()
        except TunewrightError as error:  # a timer has nobody to raise to: the next piece does
            self._trouble = error

    def _flush(self) -> None:
        growing = visible(self._growing, whole=False)
        text = "\n\n".join([*self._done, *([growing] if growing else [])])
        text = checked(settled(text), self._pointers)[0].strip()
        if (text, self._note) != self._written:
            turns.write(self._seat.store, self.id, text, note=self._note)
            self._written, self._at = (text, self._note), time.monotonic()

    def _cancel(self) -> None:
        if self._later is not None:
            self._later.cancel()
            self._later = None
