"""A one-line input with a label, for filters, searches and reasons: enter takes it, escape leaves it."""

from __future__ import annotations

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, Label


class Field(Horizontal):
    """Hidden until `open`. Posts `Changed` while typing, `Taken` on enter, `Left` on escape."""

    DEFAULT_CSS = """
    Field { height: 1; display: none; }
    Field.-open { display: block; }
    Field Label { width: auto; }
    Field Input { width: 1fr; }
    """

    class Changed(Message):
        def __init__(self, field: Field, value: str) -> None:
            super().__init__()
            self.field, self.value = field, value

    class Taken(Changed):
        pass

    class Left(Message):
        def __init__(self, field: Field) -> None:
            super().__init__()
            self.field = field

    def __init__(self, label: str, placeholder: str, *, id: str) -> None:
        super().__init__(id=id)
        self._label = Label(f" {label} ", markup=False)
        self.input = Input(placeholder=placeholder, compact=True, select_on_focus=False)
        self.input.cursor_blink = False

    def compose(self) -> ComposeResult:
        yield self._label
        yield self.input

    def open(self, value: str = "") -> None:
        self.add_class("-open")
        with self.input.prevent(Input.Changed):
            self.input.value = value
        self.input.cursor_position = len(value)
        self.input.focus()

    def close(self) -> None:
        self.remove_class("-open")

    @property
    def is_open(self) -> bool:
        return self.has_class("-open")

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self.post_message(self.Changed(self, event.value))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.post_message(self.Taken(self, event.value))

    def on_key(self, event: events.Key) -> None:
        if event.key == "escape":
            event.stop()
            event.prevent_default()
            self.post_message(self.Left(self))
