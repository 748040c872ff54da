"""What comes back after a crash: the draft, the arrangement, the person's words and the answers to them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from agent.tui.messages import Note
from agent.tui.requests import Remember, Request
from agent.tui.view import ViewState

_TURNS = 100


class Memory:
    """Sends what has changed to the store, at most when asked to, and reads it back."""

    def __init__(self, send: Callable[[Request], None]) -> None:
        self._send = send
        self._known: dict[str, Any] = {}
        self._turns: list[dict[str, Any]] = []
        self._open = False

    def recall(self, remembered: Mapping[str, Any]) -> tuple[ViewState, list[Note], str]:
        """The view, the turns of the chat, and the draft, as they were left."""
        self._open = True
        view = ViewState.from_dict(remembered.get("view"))
        self._turns = [t for t in remembered.get("turns") or [] if isinstance(t, dict)]
        notes = [note for turn in self._turns if (note := _note(turn)) is not None]
        draft = remembered.get("draft")
        self._known = {"view": view.to_dict(), "draft": draft if isinstance(draft, str) else ""}
        return view, notes, self._known["draft"]

    def keep_draft(self, text: str) -> None:
        self._keep("draft", text)

    def keep_view(self, view: ViewState) -> None:
        self._keep("view", view.to_dict())

    def keep_turn(self, note: Note) -> None:
        turn = {"at": note.at, "lead": list(note.lead), "parts": [list(p) for p in note.parts]}
        self._turns = [*self._turns, turn][-_TURNS:]
        self._keep("turns", self._turns)

    def _keep(self, key: str, value: Any) -> None:
        """Nothing is written before the study has been read: an empty draft must not replace a kept one."""
        if self._open and self._known.get(key) != value:
            self._known[key] = value
            self._send(Remember(key, value))


def _note(turn: Mapping[str, Any]) -> Note | None:
    try:
        lead, parts = turn["lead"], tuple((str(t), str(r)) for t, r in turn["parts"])
        return Note(float(turn["at"]), (str(lead[0]), str(lead[1])), parts)
    except (KeyError, TypeError, ValueError, IndexError):
        return None  # a turn from another version
