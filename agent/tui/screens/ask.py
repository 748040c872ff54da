"""A question that lies over what it is about: a name to write, or a letter to press."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input, Static

from agent.tui.ink.colours import colours
from agent.tui.screens.page import Page
from agent.tui.text import Part, neutral
from agent.tui.widgets.drawing import text
from agent.tui.widgets.page_input import PageInput

Choices = Mapping[str, tuple[str, Callable[[], None]]]


class AskScreen(Page):
    """Enter takes the name, or one of the letters does what stands beside it; escape leaves everything as it is."""

    CSS_PATH = ["../styles/fields.tcss", "../styles/pages.tcss"]  # noqa: RUF012 – as Textual has it

    def __init__(
        self,
        title: str,
        *,
        hint: str = "",
        value: str | None = None,
        take: Callable[[str], None] | None = None,
        choices: Choices | None = None,
    ) -> None:
        super().__init__()
        self._title, self._hint, self._take, self._choices = neutral(title), hint, take, choices or {}
        self._field = PageInput(value or "", compact=True, id="ask-field") if take is not None else None

    def compose(self) -> ComposeResult:
        with Vertical(id="ask-box"):
            yield Static(id="ask-text", markup=False)
            if self._field is not None:
                self._field.cursor_blink = False
                yield self._field

    def on_mount(self) -> None:
        box = self.query_one("#ask-box")
        box.border_title = self._title
        box.border_subtitle = "enter takes · esc leaves" if self._take is not None else "esc leaves it"
        self.redraw()
        if self._field is not None:
            self._field.focus()

    def redraw(self) -> None:
        parts: list[Part] = [(f"{neutral(self._hint)}\n", "muted")] if self._hint else []
        for letter, (words, _) in self._choices.items():
            parts += [(f"{letter}  ", "ask+bold"), (f"{neutral(words)}\n", "text")]
        self.query_one("#ask-text", Static).update(text(parts, colours(self.app.theme)))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.leave()
        if self._take is not None:
            self.app.call_later(self._take, event.value)

    async def on_key(self, event: events.Key) -> None:
        if event.key in self._choices:
            event.stop()
            event.prevent_default()
            self.leave()
            self.app.call_later(self._choices[event.key][1])
