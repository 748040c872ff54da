"""The curves as a widget: a frame is worked out once, when something in it has changed."""

from __future__ import annotations

from collections.abc import Sequence

from textual.strip import Strip
from textual.widget import Widget

from agent.tui.colours import colours
from agent.tui.commands import bindings
from agent.tui.plot import Series, View, draw, is_log
from agent.tui.text import Part
from agent.tui.widgets.drawing import strip


class Plot(Widget, can_focus=True):
    """Give it what to draw with `show`."""

    BINDINGS = bindings("curves")

    def __init__(self) -> None:
        super().__init__(id="plot")
        self._series: tuple[Series, ...] = ()
        self._view = View()
        self._frame: list[list[Part]] = []
        self._frame_size = (0, 0)

    def show(self, series: Sequence[Series], view: View) -> None:
        self._series, self._view = tuple(series), view
        self._frame = []
        self.refresh()

    @property
    def log_shown(self) -> bool:
        """Whether the y axis is logarithmic now."""
        return is_log(self._series, self._view)

    def render_line(self, y: int) -> Strip:
        size = (self.size.width, self.size.height)
        if not self._frame or self._frame_size != size:
            self._frame, self._frame_size = draw(self._series, *size, self._view), size
        base = self.rich_style
        if y == size[1] // 2 and not any(s.buckets.count for s in self._series):
            return strip([("no reports yet".center(size[0]), "faint")], size[0], base, colours(self.app.theme))
        row = self._frame[y] if y < len(self._frame) else []
        return strip(row, size[0], base, colours(self.app.theme))

    @property
    def shown(self) -> str:
        """The frame as text."""
        return "\n".join(self.render_line(y).text.rstrip() for y in range(self.size.height))
