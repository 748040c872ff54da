"""What may follow in the line that is being written, above the composer."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from agent.tui.ink.colours import colours
from agent.tui.talk.completion import Offer
from agent.tui.text import Part, fit
from agent.tui.widgets.drawing import strip

_MOST = 8


class Suggestions(Widget):
    """As high as it has something to say. `chosen` is what tab would complete."""

    class Picked(Message):
        """One was clicked."""

        def __init__(self, offer: Offer) -> None:
            super().__init__()
            self.offer = offer

    def __init__(self) -> None:
        super().__init__(id="suggestions")
        self._found: list[Offer] = []
        self._at = 0

    @property
    def chosen(self) -> Offer | None:
        return self._found[self._at] if self._found else None

    def show(self, found: Sequence[Offer]) -> None:
        if list(found) != self._found:
            self._found, self._at = list(found), 0
            self.styles.height = min(len(found), _MOST)
            self.display = bool(found)
            self.refresh(layout=True)

    def move(self, by: int) -> None:
        self._at = (self._at + by) % len(self._found)
        self.refresh()

    @property
    def _top(self) -> int:
        return max(min(self._at - _MOST // 2, len(self._found) - _MOST), 0)

    def render_line(self, y: int) -> Strip:
        width, base = self.size.width, self.rich_style
        place = self._top + y
        if place >= len(self._found):
            return Strip.blank(width, base)
        offer = self._found[place]
        here = place == self._at
        wide = min(max(len(o.shown) for o in self._found) + 2, width * 3 // 5)
        parts: list[Part] = [
            ("▌" if here else " ", "primary"),
            (fit(offer.shown, wide), "strong" if here else "text"),
            (offer.about, "muted"),
        ]
        return strip(parts, width, base, colours(self.app.theme))

    def on_click(self, event: events.Click) -> None:
        place = self._top + event.y
        if place < len(self._found):
            self.post_message(self.Picked(self._found[place]))
