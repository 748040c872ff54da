"""A view of the whole study as a widget: drawn once for what it shows, and again when that has changed."""

from __future__ import annotations

from textual import events
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from agent.tui.ink.colours import Colours, colours
from agent.tui.pictures import Svg
from agent.tui.sights.pictured import Sight, nearest_trial
from agent.tui.text import Part
from agent.tui.widgets.drawing import strip
from trainers.errors import TunewrightError


class SightView(Widget, can_focus=True):
    """Give it what to draw with `show`. A click chooses an axis; near a dot of a slice, its trial too."""

    class Pointed(Message):
        """At an axis, and at a trial where one was near."""

        def __init__(self, axis: str, trial: int | None, *, twice: bool) -> None:
            super().__init__()
            self.axis, self.trial, self.twice = axis, trial, twice

    def __init__(self) -> None:
        super().__init__(id="sight")
        self.view = "parallel"
        self.sight: Sight | None = None
        self._frame: list[list[Part]] = []
        self._frame_size = (0, 0)

    @property
    def picture_name(self) -> str:
        return self.view

    def show(self, sight: Sight, view: str) -> None:
        self.sight, self.view, self._frame = sight, view, []
        self.refresh()

    def render_line(self, y: int) -> Strip:
        size = (self.size.width, self.size.height)
        if self.sight is not None and (not self._frame or self._frame_size != size):
            self._frame, self._frame_size = self.sight.rows(self.view, *size), size
        row = self._frame[y] if y < len(self._frame) else []
        return strip(row, size[0], self.rich_style, colours(self.app.theme))

    def picture(self, ink: Colours) -> Svg:
        """The same view as large as it is on the screen."""
        if self.sight is None:
            raise TunewrightError("the view is still being drawn", remedy="Try again in a moment.")
        return self.sight.picture(self.view, ink, self.size.width, self.size.height)

    def on_click(self, event: events.Click) -> None:
        if self.sight is None:
            return
        axis, trial = nearest_trial(self.sight, self.view, self.size.width, self.size.height, event.x, event.y)
        if axis:
            self.post_message(self.Pointed(axis, trial, twice=event.chain == 2))

    @property
    def shown(self) -> str:
        """What is drawn, as text."""
        return "\n".join(self.render_line(y).text.rstrip() for y in range(self.size.height))
