"""What came of the last request, in a line or two. A fault stays: a command's until the next command."""

from __future__ import annotations

from textual.timer import Timer
from textual.widgets import Static

from agent.tui.ink.colours import colours
from agent.tui.text import neutral
from agent.tui.widgets.drawing import text

_SECONDS = 6.0


class Notice(Static):
    """Hidden while there is nothing to say."""

    def __init__(self) -> None:
        super().__init__(id="notice")
        self._timer: Timer | None = None
        self.said = ""
        self.is_fault = False
        self._passes = False

    def say(self, words: str) -> None:
        self._show("✓", "good", words)
        self._timer = self.set_timer(_SECONDS, self.clear)

    def complain(self, words: str, *, passes: bool = False) -> None:
        """`passes` is for what a command got wrong, which the next one makes old news."""
        self._show("✗", "bad", words)
        self.is_fault, self._passes = True, passes

    def pass_by(self) -> None:
        """Another command is given."""
        if self.is_fault and self._passes:
            self.clear()

    def clear(self) -> None:
        self._stop_timer()
        self.said, self.is_fault = "", False
        self.display = False

    def _show(self, glyph: str, role: str, words: str) -> None:
        self._stop_timer()
        self.said, self.is_fault = neutral(words), False
        self.display = True
        self.update(text([(f"{glyph} ", role), (self.said, "text")], colours(self.app.theme)))

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
