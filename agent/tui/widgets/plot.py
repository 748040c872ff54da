"""The curves as a widget: one plot or a grid of them; a frame is worked out once, when something in it has changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.style import Style
from textual import events
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from agent.tui.charts.lens import ZOOM
from agent.tui.charts.panes import Pane, Placed, compose, place
from agent.tui.charts.plot import Series, View, is_log
from agent.tui.commands import bindings
from agent.tui.ink.colours import colours
from agent.tui.text import Part
from agent.tui.widgets.drawing import strip

_PAN = 0.1  # of what is seen, a key press


class Plot(Widget, can_focus=True):
    """Give it what to draw with `show`, or several plots with `show_panes`. What the person does to it with keys and
    mouse is told by messages; whoever holds the view draws anew."""

    BINDINGS = bindings("curves")

    @dataclass
    class Zoomed(Message):
        """Closer by `factor`, in x; `at` stays where it is, where the mouse says where."""

        factor: float
        at: float | None = None

    @dataclass
    class Panned(Message):
        """Moved by shares of what is seen."""

        x: float
        y: float = 0.0

    @dataclass
    class Boxed(Message):
        """Two opposite corners were drawn: x, y, x, y."""

        corners: tuple[float, float, float, float]

    @dataclass
    class CursorMoved(Message):
        """By so many cells, or to an x."""

        cells: int = 0
        to: float | None = None

    @dataclass
    class Picked(Message):
        """A plot of the grid; `alone` when it should be the only one."""

        name: str
        alone: bool = False

    def __init__(self, id: str = "plot") -> None:
        super().__init__(id=id)
        self._panes: tuple[Pane, ...] = (Pane("", (), View()),)
        self._placed: list[Placed] = []
        self._frame: list[list[Part]] = []
        self._frame_size = (0, 0)
        self._drag: tuple[int, int, bool] | None = None  # where the button went down, and whether a box is drawn
        self._dragged = False
        self._base: Style | None = None

    def show(self, series: Sequence[Series], view: View) -> None:
        self.show_panes((Pane("", tuple(series), view),))

    def show_panes(self, panes: Sequence[Pane]) -> None:
        self._panes = tuple(panes)
        self._frame = []
        self.refresh()

    @property
    def log_shown(self) -> bool:
        """Whether the y axis is logarithmic now: that of the plot that is picked."""
        one = next((p for p in self._panes if p.picked), self._panes[0])
        return is_log(one.series, one.view)

    @property
    def placed(self) -> list[Placed]:
        """The plots where they lie, as they are drawn now."""
        self._work_out()
        return self._placed

    @property
    def picked(self) -> Placed | None:
        """The plot the keys are about."""
        return next((p for p in self.placed if p.pane.picked), self._placed[0] if self._placed else None)

    def _work_out(self) -> None:
        size = (self.size.width, self.size.height)
        if not self._frame or self._frame_size != size:
            self._placed = place(self._panes, *size)
            self._frame, self._frame_size = compose(self._placed, *size), size

    def render_lines(self, crop: Region) -> list[Strip]:
        """The style is the same for all of them, and takes long to find."""
        self._base = self.rich_style
        try:
            return super().render_lines(crop)
        finally:
            self._base = None

    def render_line(self, y: int) -> Strip:
        self._work_out()
        width, height = self._frame_size
        base = self._base or self.rich_style
        if y == height // 2 and not any(s.buckets.count for p in self._panes for s in p.series):
            return strip([("no reports yet".center(width), "faint")], width, base, colours(self.app.theme))
        row = self._frame[y] if y < len(self._frame) else []
        return strip(row, width, base, colours(self.app.theme))

    @property
    def shown(self) -> str:
        """The frame as text."""
        return "\n".join(self.render_line(y).text.rstrip() for y in range(self.size.height))

    # -- keys --------------------------------------------------------------------

    def on_key(self, event: events.Key) -> None:
        message = {
            "left": self.CursorMoved(-1),
            "right": self.CursorMoved(1),
            "shift+left": self.Panned(-_PAN),
            "shift+right": self.Panned(_PAN),
            "shift+up": self.Panned(0.0, _PAN),
            "shift+down": self.Panned(0.0, -_PAN),
        }.get(event.key)
        if event.key in ("up", "down", "enter") and len(self._panes) > 1:
            names = [p.name for p in self._panes]
            at = next((i for i, p in enumerate(self._panes) if p.picked), 0)
            by = {"up": -1, "down": 1, "enter": 0}[event.key]
            message = self.Picked(names[(at + by) % len(names)], alone=event.key == "enter")
        if message is not None:
            event.stop()
            event.prevent_default()
            self.post_message(message)

    # -- mouse -------------------------------------------------------------------

    def _pane_at(self, x: int, y: int) -> Placed | None:
        return next((p for p in self.placed if p.holds(x, y)), None)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        self._scrolled(event, ZOOM)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        self._scrolled(event, 1 / ZOOM)

    def _scrolled(self, event: events.MouseScrollUp | events.MouseScrollDown, factor: float) -> None:
        event.stop()
        event.prevent_default()
        if (found := self._pane_at(*_inside(self, event))) is not None:
            self.post_message(self.Zoomed(factor, found.x_at(_inside(self, event)[0])))

    def on_mouse_down(self, event: events.MouseDown) -> None:
        if event.button == 1:
            self._drag, self._dragged = (*_inside(self, event), event.shift or event.ctrl), False
            self.capture_mouse()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        if self._drag is None:
            return
        (x, y), (from_x, from_y, boxing) = _inside(self, event), self._drag
        if (x, y) == (from_x, from_y):
            return
        self._dragged = True
        found = self._pane_at(from_x, from_y)
        if not boxing and found is not None and found.frame.width > 1:
            self.post_message(self.Panned((from_x - x) / found.frame.width, (y - from_y) / max(found.frame.height, 1)))
            self._drag = (x, y, False)

    def on_mouse_up(self, event: events.MouseUp) -> None:
        if self._drag is None:
            return
        (x, y), (from_x, from_y, boxing) = _inside(self, event), self._drag
        self._drag = None
        self.release_mouse()
        found = self._pane_at(from_x, from_y)
        if found is None:
            return
        if boxing and self._dragged:
            corners = (found.x_at(from_x), found.y_at(from_y), found.x_at(x), found.y_at(y))
            x0, y0, x1, y1 = corners
            if x0 is not None and y0 is not None and x1 is not None and y1 is not None:
                self.post_message(self.Boxed((x0, y0, x1, y1)))
        elif not self._dragged:
            if not found.pane.picked and len(self._panes) > 1:
                self.post_message(self.Picked(found.pane.name))
            if (at := found.x_at(x)) is not None:
                self.post_message(self.CursorMoved(to=at))


def _inside(widget: Widget, event: events.MouseEvent) -> tuple[int, int]:
    """Where in the frame: without the space around it."""
    left, top = widget.content_region.offset - widget.region.offset
    return int(event.x) - left, int(event.y) - top
