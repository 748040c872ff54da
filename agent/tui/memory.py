"""What comes back after a crash, besides the chat: the draft and the arrangement."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from agent.tui.requests import Remember, Request
from agent.tui.view import ViewState

_LONGEST = 2_000  # characters of a line of the history


class Memory:
    """Sends what has changed to the store, at most when asked to, and reads it back."""

    def __init__(self, send: Callable[[Request], None]) -> None:
        self._send = send
        self._known: dict[str, Any] = {}
        self._open = False
        self.history: list[Any] = []  # what was sent, as it was remembered

    def recall(self, remembered: Mapping[str, Any]) -> tuple[ViewState, str]:
        """The view and the draft, as they were left."""
        self._open = True
        view = ViewState.from_dict(remembered.get("view"))
        draft = remembered.get("draft")
        sent = remembered.get("history")
        self.history = sent if isinstance(sent, list) else []
        self._known = {"view": view.to_dict(), "draft": draft if isinstance(draft, str) else ""}
        return view, self._known["draft"]

    def keep_draft(self, text: str) -> None:
        self._keep("draft", text)

    def keep_history(self, sent: list[str]) -> None:
        """Lines longer than people recall are left out."""
        self._keep("history", [text for text in sent if len(text) <= _LONGEST])

    def keep_view(self, view: ViewState) -> None:
        self._keep("view", view.to_dict())

    def _keep(self, key: str, value: Any) -> None:
        """Nothing is written before the study has been read: an empty draft must not replace a kept one."""
        if self._open and self._known.get(key) != value:
            self._known[key] = value
            self._send(Remember(key, value))
