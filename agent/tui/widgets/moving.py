"""What is done to curves, by keys, mouse and commands: zoom, pan, cursor, choice of a metric."""

from __future__ import annotations

from textual import on
from textual.containers import Vertical
from textual.message import Message

from agent.scales import Scale
from agent.tui.charts import lens
from agent.tui.charts.looked import Looked
from agent.tui.widgets.plot import Boxed, CursorMoved, Panned, Picked, Plot, ShownWhole, Zoomed
from trainers.errors import TunewrightError

_PAN = 0.1  # of what is seen, an arrow


class Moving(Vertical):
    """Changes the view of what was drawn last, and says so; whoever has the curves draws them anew. What a person does
    before there is anything to look at raises TunewrightError where it was a command, and is nothing where it was
    the mouse."""

    plot: Plot

    class Rearranged(Message):
        """The view has changed: another stretch, another place of the cursor, another metric."""

    def __init__(self, id: str) -> None:
        super().__init__(id=id)
        self._shown: Looked | None = None

    @property
    def known(self) -> tuple[str, ...]:
        """The metrics there are to choose from."""
        return self._shown.known if self._shown is not None else ()

    @property
    def metric(self) -> str:
        """The one that keys are about."""
        return self._shown.metric if self._shown is not None else ""

    def _now(self) -> tuple[Looked, lens.Window]:
        if self._shown is None or (whole := self._shown.whole) is None:
            raise TunewrightError("there is nothing to look at yet", remedy="Wait for a trial's first reports.")
        return self._shown, whole

    @property
    def _is_drawn(self) -> bool:
        return self._shown is not None and self._shown.whole is not None

    def rearrange(self) -> None:
        """Has it drawn anew."""
        self.post_message(self.Rearranged())

    # -- stretches ---------------------------------------------------------------

    def _look(self, now: Looked, window: lens.Window | None, whole: lens.Window) -> None:
        now.chart.x_window = list(window) if window is not None else []
        now.chart.follows = window is not None and lens.is_at_end(window, whole)
        self.rearrange()

    def zoom(self, factor: float, at: float | None = None) -> None:
        """Around `at`, or else the cursor, what is new while trials run, or the middle. Raises TunewrightError when
        nothing is drawn, as all of these do."""
        now, whole = self._now()
        low, high = now.window or whole
        if at is None:
            live = any(not t.state.ended for t in now.trials) and lens.is_at_end((low, high), whole)
            at = now.chart.cursor if now.chart.cursor is not None else high if live else self.middle
        self._look(now, lens.zoomed(now.window, whole, factor, at, log=now.log_x), whole)

    def pan(self, share: float, up: float = 0.0, name: str = "") -> None:
        now, whole = self._now()
        name = name or now.metric
        if up and now.y_window(name) is not None and (scale := self._y_scale(name)) is not None:
            now.chart.y_windows[name] = [scale.value(up), scale.value(1 + up)]
        self._look(now, lens.panned(now.window, whole, share, log=now.log_x), whole)

    def zoom_y(self, factor: float, at: float | None = None, name: str = "") -> None:
        """Around `at`, or else the front curve's value at the cursor, or the middle."""
        now, _ = self._now()
        name = name or now.metric
        if (scale := self._y_scale(name)) is None:
            return
        unit = self._cursor_height(now, scale) if at is None else scale.unit(at)
        unit = 0.5 if unit is None else min(max(unit, 0.0), 1.0)
        ends = [scale.value(unit - unit / factor), scale.value(unit + (1 - unit) / factor)]
        if ends[1] - ends[0] > 1e-12 * max(map(abs, ends)):
            now.chart.y_windows[name] = ends
        self._touch(now, name)
        self.rearrange()

    def _cursor_height(self, now: Looked, scale: Scale) -> float | None:
        curves, at = now.curves(now.metric), now.chart.cursor
        front = next((curves[t.id] for t in reversed(now.trials) if t.id in curves), None)
        point = front.nearest(now.view.axis, now.view.smooth, at) if front is not None and at is not None else None
        return scale.unit(point[2]) if point is not None else None

    def _y_scale(self, name: str) -> Scale | None:
        placed = next((p for p in self.plot.placed if p.pane.name == name), self.plot.picked)
        return placed.frame.y_scale if placed is not None else None

    def look_at(self, window: lens.Window | None) -> None:
        """A stretch of x; all of everything where None."""
        now, whole = self._now()
        if window is None:
            now.chart.see_all()
        else:
            window = lens.between(*window, whole)
            if window is None:
                raise TunewrightError("nothing lies there", remedy=f"There is {whole[0]:g} to {whole[1]:g}.")
        self._look(now, window, whole)

    # -- the cursor, and which metric --------------------------------------------

    def put_cursor(self, at: float | None) -> None:
        """Where its values are said; None takes it away."""
        now, whole = self._now()
        now.chart.cursor = None if at is None else min(max(at, whole[0]), whole[1])
        self.rearrange()

    @property
    def cursor(self) -> float | None:
        return self._shown.chart.cursor if self._shown is not None else None

    @property
    def middle(self) -> float:
        """The middle of what is seen."""
        now, whole = self._now()
        low, high = now.window or whole
        return float((low * high) ** 0.5) if now.log_x else (low + high) / 2

    def move_cursor(self, cells: int) -> None:
        """By so many cells. While it is off, what is seen moves; where that is everything it is put at the end."""
        now, whole = self._now()
        picked = self.plot.picked
        if picked is None or (scale := picked.frame.x_scale) is None:
            return
        if now.chart.cursor is None and now.window is not None:
            self.pan(_PAN * cells)
        elif now.chart.cursor is None:
            self.put_cursor(whole[1])
        else:
            at = (scale.unit(now.chart.cursor) or 0.0) + cells / max(picked.frame.width - 1, 1)
            self.put_cursor(scale.value(at))
            self._keep_in_sight(now, whole)

    def _keep_in_sight(self, now: Looked, whole: lens.Window) -> None:
        """Moves what is seen after a cursor that has left it."""
        if (seen := now.window) is not None and (at := now.chart.cursor) is not None and not seen[0] <= at <= seen[1]:
            share = (at - (seen[1] if at > seen[1] else seen[0])) / (seen[1] - seen[0])
            self._look(now, lens.panned(seen, whole, share), whole)

    def pick(self, metric: str, *, alone: bool = False) -> None:
        """The one that keys are about; `alone` leaves the grid."""
        if self._shown is not None:
            self._shown.chart.metric = metric
            self._shown.chart.grid = self._shown.chart.grid and not alone
            self.rearrange()

    def spread(self, *, grid: bool | None = None) -> None:
        """All metrics side by side, or one; without a word the other of the two."""
        if self._shown is not None:
            self._shown.chart.grid = not self._shown.chart.grid if grid is None else grid
            self.rearrange()

    def _touch(self, now: Looked, name: str) -> None:
        """What was zoomed last is what keys are about."""
        if name in now.metrics and len(now.metrics) > 1:
            now.chart.metric = name

    # -- what the plot tells -----------------------------------------------------

    @on(Zoomed)
    def _zoomed(self, event: Zoomed) -> None:
        event.stop()
        if not self._is_drawn:
            return
        if event.values_of is not None:
            self.zoom_y(event.factor, event.at, event.values_of)
        else:
            self.zoom(event.factor, event.at)

    @on(Panned)
    def _panned(self, event: Panned) -> None:
        event.stop()
        if self._is_drawn:
            self.pan(event.x, event.y, event.name)

    @on(Boxed)
    def _boxed(self, event: Boxed) -> None:
        event.stop()
        if self._is_drawn:
            now, whole = self._now()
            if event.y is not None:
                now.chart.y_windows[event.name] = list(event.y)
            self._touch(now, event.name)
            self._look(now, lens.between(*event.x, whole) if event.x is not None else now.window, whole)

    @on(ShownWhole)
    def _shown_whole(self, event: ShownWhole) -> None:
        event.stop()
        if self._is_drawn:
            self.put_cursor(event.cursor)
            self.look_at(None)

    @on(CursorMoved)
    def _cursor_moved(self, event: CursorMoved) -> None:
        event.stop()
        if self._is_drawn and event.to is not None:
            self.put_cursor(event.to)
        elif self._is_drawn:
            self.move_cursor(event.cells)

    @on(Picked)
    def _picked(self, event: Picked) -> None:
        event.stop()
        self.pick(event.name, alone=event.alone)
