"""Where the person writes: enter sends, ctrl+j breaks the line; a slash offers commands, @ trials."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from textual import events
from textual.message import Message
from textual.widgets import TextArea

from agent.tui import commands
from agent.tui.talk.completion import Offer
from agent.tui.widgets.suggestions import Suggestions

_MOST_HISTORY = 200


class Composer(TextArea):
    """Grows to eight lines. What is in it is the draft, kept until it is sent."""

    class Sent(Message):
        """The person sent a text, which is no longer in the composer."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    def __init__(self, suggestions: Suggestions) -> None:
        super().__init__(
            id="composer",
            soft_wrap=True,
            compact=True,
            show_line_numbers=False,
            tab_behavior="focus",
            highlight_cursor_line=False,
            placeholder="ask, or / for commands",
        )
        self.cursor_blink = False
        self._suggestions = suggestions
        self.offers: Callable[[str], list[Offer]] = lambda text: []
        self._history: list[str] = []
        self._place = 0  # in the history; its length while a new text is written
        self._kept = ""

    def on_unmount(self) -> None:
        """A TextArea watches the app's theme, and Textual forgets such a watcher only at the next change: until then it
        would keep the whole study that was left."""
        for watchers in getattr(self.app, "__watchers", {}).values():
            watchers[:] = [watcher for watcher in watchers if watcher[0] is not self]

    @property
    def sent(self) -> list[str]:
        """What was sent, oldest first."""
        return self._history

    def recall(self, history: Iterable[object]) -> None:
        """Takes up what was sent in earlier sessions."""
        known = [text for text in history if isinstance(text, str) and text not in self._history]
        self._history = [*known, *self._history][-_MOST_HISTORY:]
        self._place = len(self._history)

    def write(self, text: str) -> None:
        """Puts `text` in, with the cursor at its end."""
        self.text = text
        self.move_cursor(self.document.end)

    def take(self, text: str) -> None:
        """What was typed or pasted elsewhere comes in at the cursor, and the focus with it: at once, for the next key
        may be here before a message is."""
        self.screen.set_focus(self)
        self.insert(text)

    async def _on_key(self, event: events.Key) -> None:
        handled = self._own_key(event.key)
        if handled:
            event.stop()
            event.prevent_default()
            return
        await super()._on_key(event)

    def _own_key(self, key: str) -> bool:
        match key:
            case "enter":
                self._enter()
            case "ctrl+j":
                self.insert("\n")
            case "tab" if self._suggestions.chosen is not None:
                self._complete()
            case "up" if self._suggestions.chosen is not None:
                self._suggestions.move(-1)
            case "down" if self._suggestions.chosen is not None:
                self._suggestions.move(1)
            case "up" if self.cursor_at_first_line and self._place > 0:
                self._recall(self._place - 1)
            case "down" if self.cursor_at_last_line and self._place < len(self._history):
                self._recall(self._place + 1)
            case "escape" if self._suggestions.chosen is not None:
                self._suggestions.show([])
            case _:
                return False
        return True

    def _enter(self) -> None:
        """Sends; half a command's name or half a mention is completed instead, so that nothing runs that was not
        written out."""
        text, chosen = self.text.strip(), self._suggestions.chosen
        if chosen is not None and chosen.whole and text.removeprefix("/") not in commands.BY_NAME:
            self._complete()
            return
        if not text:
            return
        self._history = [*(h for h in self._history if h != text), text][-_MOST_HISTORY:]
        self._place = len(self._history)
        self.clear()
        self.post_message(self.Sent(text))

    def _complete(self) -> None:
        chosen = self._suggestions.chosen
        if chosen is not None:
            self.write(chosen.text)

    def _recall(self, place: int) -> None:
        if self._place == len(self._history):
            self._kept = self.text
        self._place = place
        self.write(self._history[place] if place < len(self._history) else self._kept)
        self._suggestions.show([])

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        at_end = self.cursor_location == self.document.end
        self._suggestions.show(self.offers(self.text) if at_end and self.has_focus else [])
