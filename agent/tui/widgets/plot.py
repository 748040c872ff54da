"""The curves as a widget: one plot or a grid of them; a frame is worked out once, when something in it has changed."""

from __future__ import annotations

from collections.abc import Sequence

from rich.style import Style
from textual import events
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from agent.tui.charts.lens import ZOOM
from agent.tui.charts.panes import Pane, Placed, compose, place
from agent.tui.charts.plot import Series, View, is_log
from agent.tui.commands import bindings
from agent.tui.ink.colours import colours
from agent.tui.text import Part
from agent.tui.widgets.drag import Drag
from agent.tui.widgets.drawing import strip
from agent.tui.widgets.plot_told import Boxed, CursorMoved, Panned, Picked, ShownWhole, Zoomed

_PAN = 0.1  # of what is seen, a key press


class Plot(Widget, can_focus=True):
    """Give it what to draw with `show`, or several plots with `show_panes`. What the person does to it with keys and
    mouse is told by messages; whoever holds the view draws anew. One that is `still` is only looked at."""

    BINDINGS = bindings("curves")

    def __init__(self, id: str = "plot", *, upright: bool = False, still: bool = False) -> None:
        super().__init__(id=id)
        self._upright, self._still = upright, still
        self.can_focus = not still
        self._panes: tuple[Pane, ...] = (Pane("", (), View()),)
        self._placed: list[Placed] = []
        self._frame: list[list[Part]] = []
        self._frame_size = (0, 0)
        self._drag: Drag | None = None
        self._cursor_was: float | None = None  # where it stood when the button went down
        self._cursor_before: float | None = None  # and before the first click of two
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
            self._placed = place(self._panes, *size, upright=self._upright)
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
        base, ink = self._base or self.rich_style, colours(self.app.theme)
        if y == height // 2 and not any(s.buckets.count for p in self._panes for s in p.series):
            return strip([("no reports yet".center(width), "faint")], width, base, ink)
        row = self._frame[y] if y < len(self._frame) else []
        drawn = strip(row, width, base, ink)
        return self._drag.over(drawn, y) if self._drag is not None else drawn

    @property
    def shown(self) -> str:
        """The frame as text."""
        return "\n".join(self.render_line(y).text.rstrip() for y in range(self.size.height))

    # -- keys --------------------------------------------------------------------

    def on_key(self, event: events.Key) -> None:
        message = {
            "left": CursorMoved(-1),
            "right": CursorMoved(1),
            "shift+left": Panned(-_PAN),
            "shift+right": Panned(_PAN),
            "shift+up": Panned(0.0, _PAN),
            "shift+down": Panned(0.0, -_PAN),
        }.get(event.key)
        if event.key in ("up", "down", "enter") and len(self._panes) > 1:
            names = [p.name for p in self._panes]
            at = next((i for i, p in enumerate(self._panes) if p.picked), 0)
            by = {"up": -1, "down": 1, "enter": 0}[event.key]
            message = Picked(names[(at + by) % len(names)], alone=event.key == "enter")
        if message is not None:
            event.stop()
            event.prevent_default()
            self.post_message(message)

    # -- mouse -------------------------------------------------------------------

    def _pane_at(self, x: int, y: int) -> Placed | None:
        return next((p for p in self.placed if p.holds(x, y)), None)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        self._scrolled(event, 1)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        self._scrolled(event, -1)

    def on_mouse_scroll_left(self, event: events.MouseScrollLeft) -> None:
        self._scrolled(event, -1, across=True)

    def on_mouse_scroll_right(self, event: events.MouseScrollRight) -> None:
        self._scrolled(event, 1, across=True)

    def _scrolled(self, event: events.MouseEvent, by: int, *, across: bool = False) -> None:
        """The wheel looks closer around its pointer, with ctrl at the values; with shift or sideways it moves."""
        if self._still or (found := self._pane_at(*_inside(self, event))) is None:
            return
        event.stop()
        event.prevent_default()
        x, y = _inside(self, event)
        if across or event.shift:
            self.post_message(Panned(_PAN * by))
        elif event.ctrl or event.meta:
            self.post_message(Zoomed(ZOOM**by, found.y_at(y), values_of=found.pane.name))
        else:
            self.post_message(Zoomed(ZOOM**by, found.x_at(x)))

    def on_mouse_down(self, event: events.MouseDown) -> None:
        found = self._pane_at(*_inside(self, event))
        if self._still or self._drag is not None or found is None:
            return
        self._cursor_was = self._panes[0].view.cursor
        moves = event.button != 1 or event.shift or event.ctrl or event.meta
        self._drag = Drag(found, *_inside(self, event), moves=moves)
        self.capture_mouse()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        if (drag := self._drag) is None or not drag.goes_to(*_inside(self, event)):
            return
        if drag.moves:
            self.post_message(drag.panned())
        else:
            self.refresh()

    def on_mouse_up(self, event: events.MouseUp) -> None:
        if (drag := self._drag) is None:
            return
        drag.goes_to(*_inside(self, event))
        self._drag = None
        self.release_mouse()
        self.refresh()
        if drag.begun and not drag.moves and (box := drag.box()) is not None:
            self.post_message(box)
        elif not drag.begun and not drag.moves:
            self._clicked(drag)

    def _clicked(self, drag: Drag) -> None:
        found = drag.on
        if not found.pane.picked and len(self._panes) > 1:
            self.post_message(Picked(found.pane.name))
        if (at := found.x_at(drag.x)) is not None:
            self.post_message(CursorMoved(to=at))

    def on_click(self, event: events.Click) -> None:
        """A second one shows all of it again, and puts the cursor back to where it was before the first."""
        if self._still or event.button != 1:
            return
        if event.chain == 1:
            self._cursor_before = self._cursor_was
        elif event.chain == 2:
            self.post_message(ShownWhole(self._cursor_before))


def _inside(widget: Widget, event: events.MouseEvent) -> tuple[int, int]:
    """Where in the frame: without the space around it."""
    left, top = widget.content_region.offset - widget.region.offset
    return int(event.x) - left, int(event.y) - top


__all__ = ["Boxed", "CursorMoved", "Panned", "Picked", "Plot", "ShownWhole", "Zoomed"]
