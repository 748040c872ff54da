"""Memory and utilisation of one trial, in a row or two under the curves; none while nothing is known."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from textual.strip import Strip
from textual.widget import Widget

from agent.tui.charts.usage import Usage, UsageReader, rows
from agent.tui.ink.colours import colours
from agent.tui.text import Part
from agent.tui.widgets.drawing import strip

if TYPE_CHECKING:
    from agent.tui.app import TunewrightApp
    from agent.tui.errands import Room

_EVERY = 2.0  # seconds between looks


class UsageStrip(Widget):
    """Say which trial with `follow`; it asks for the rest itself."""

    DEFAULT_CSS = "UsageStrip { height: auto; display: none; }"

    def __init__(self) -> None:
        super().__init__(id="usage")
        self._reader: UsageReader | None = None
        self._known: Usage | None = None
        self._seen: tuple[float, float] | None = None  # the time that the curves show; all of it
        self._asked = False
        self._high = 0  # rows

    def on_mount(self) -> None:
        self.set_interval(_EVERY, self._ask)

    def follow(self, trial_id: int | None) -> None:
        """Shows another trial, or none."""
        if trial_id == self.about:
            return
        self._reader = UsageReader(trial_id) if trial_id is not None else None
        self._take(None, None)
        self._asked = False
        self._ask()

    @property
    def about(self) -> int | None:
        """The id of the trial that is shown."""
        return self._reader.trial_id if self._reader is not None else None

    def look(self, seen: tuple[float, float] | None) -> None:
        """Shows what was used in that time; all of it where None."""
        if seen != self._seen:
            self._seen = seen
            self.refresh()

    def _ask(self) -> None:
        reader, desk = self._reader, cast("TunewrightApp", self.app).desk
        if reader is None or desk is None or self._asked or not self.is_mounted:
            return
        self._asked = True

        def read(room: Room) -> Usage | None:
            return reader.read(room)

        desk.errand(read, lambda found: self._told(reader, found), lambda _: self._told(reader, None))

    def _told(self, reader: UsageReader, found: Usage | None) -> None:
        if reader is self._reader:
            self._asked = False
            if found is not None:
                self._take(reader, found)

    def _take(self, reader: UsageReader | None, found: Usage | None) -> None:
        self._known = found
        high = len(self.parts(80))
        if high != self._high:
            self._high, self.display = high, bool(high)
            self.styles.height = max(high, 1)
        self.refresh()

    def parts(self, width: int) -> list[list[Part]]:
        return rows(self._known, width, self._seen) if self._known is not None else []

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        shown = self.parts(width)
        return strip(shown[y] if y < len(shown) else [], width, self.rich_style, colours(self.app.theme))

    @property
    def shown(self) -> str:
        """The rows as text."""
        return "\n".join("".join(text for text, _ in row).rstrip() for row in self.parts(self.size.width))
