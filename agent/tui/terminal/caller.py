"""Calls the person: title, bell and notification, as they have set it and as the terminal can."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from agent.tui.preferences import Preferences
from agent.tui.terminal import escapes

if TYPE_CHECKING:
    from agent.tui.model import StudyModel
    from agent.tui.terminal.calls import Calls

IDLE = 60.0  # seconds without a key or the mouse after which nobody is there
_QUIET = 10.0  # seconds between two bells


class Caller:
    """`write` goes to the terminal. `clock` counts seconds."""

    def __init__(self, preferences: Preferences, write: Callable[[str], None], clock: Callable[[], float]) -> None:
        self._preferences, self._write, self._clock = preferences, write, clock
        self._last_seen, self._last_bell = clock(), -_QUIET
        self._calls: Calls | None = None
        self._model: StudyModel | None = None
        self._title = ""
        self.focused = True  # until a terminal that reports it says otherwise

    def person_acts(self) -> None:
        """A key or the mouse."""
        self._last_seen = self._clock()

    @property
    def away(self) -> bool:
        return not self.focused or self._clock() - self._last_seen >= IDLE

    def look(self, model: StudyModel | None) -> None:
        """At the study that is open, if one is. Costs little: it is done with each round of messages."""
        from agent.tui.terminal import calls

        if model is not self._model:
            self._model, self._calls = model, None if model is None else calls.Calls(model)
        self._entitle("tunewright" if model is None else calls.title(model))
        if model is None or self._calls is None:
            return
        found = [c for c in self._calls.look(model, away=self.away) if self._preferences[f"notify.on_{c.kind}"]]
        if found:
            self._call("; ".join(call.text for call in found))

    def _call(self, text: str) -> None:
        if self._preferences["notify.bell"] and self._clock() - self._last_bell >= _QUIET:
            self._last_bell = self._clock()
            self._write(escapes.BELL)
        if (
            self._preferences["notify.osc9"]
            and self.away
            and (sent := escapes.notification(text, self._preferences.kind))
        ):
            self._write(sent)

    def _entitle(self, text: str) -> None:
        wanted = text if self._preferences["notify.title"] else ""
        if wanted != self._title:
            self._title = wanted
            if sent := escapes.title(wanted, self._preferences.kind):
                self._write(sent)
