"""A text that says which of its lines was clicked."""

from __future__ import annotations

from textual import events
from textual.message import Message
from textual.widgets import Static


class Clicked(Static):
    """Shows lines that are no widgets of their own."""

    class Line(Message):
        """The number of the line, from the first one."""

        def __init__(self, number: int) -> None:
            super().__init__()
            self.number = number

    def on_click(self, event: events.Click) -> None:
        event.stop()
        self.post_message(self.Line(int(event.y)))
