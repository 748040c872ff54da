"""Two to six trials beside each other: what differs, their curves, and whether one is better at all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll

from agent.study.noise import Noise, noise
from agent.study.nouns import Trial
from agent.study.verdicts import verdicts, whole
from agent.tui.charts import lens, xaxis
from agent.tui.charts.plot import View
from agent.tui.charts.shown import give_colours
from agent.tui.commands import bindings
from agent.tui.ink.colours import Colours
from agent.tui.messages import News
from agent.tui.paging.compare_curves import CompareCurves, Reading
from agent.tui.paging.compare_text import Compared, Line, lines
from agent.tui.pictures import Figure, Svg, plots
from agent.tui.screens.page import Page
from agent.tui.widgets.bar import Bar, Piece
from agent.tui.widgets.curves_text import at_cursor
from agent.tui.widgets.notice import Notice
from agent.tui.widgets.plot import Plot
from agent.tui.widgets.sheet import Sheet

if TYPE_CHECKING:
    from agent.tui.app import TunewrightApp
    from agent.tui.screens.study import StudyScreen

_LOOK = 0.5  # seconds between looks at what has changed


class CompareScreen(Page):
    """Live: trials that run go on, and the verdicts with them. The curves are drawn as the study's are: the same
    metric, axis, scale and smoothing, and the same colours."""

    picture_name = "compare"
    CSS_PATH = ["../styles/compare.tcss"]  # noqa: RUF012 – as Textual has it
    BINDINGS = bindings("compare")

    def __init__(self, study: StudyScreen, numbers: Sequence[int]) -> None:
        super().__init__()
        self._study, self._model, self.numbers = study, study.model, tuple(numbers)
        self._noise, self._judged = Noise(), -1  # and the shape of the model it was worked out for
        self._reading, self._curves = Reading([t.id for t in self.trials]), CompareCurves()
        self._asked = False  # something is on its way
        self._drawn: object = None
        self.shared_shown = False
        self.heading, self.curves_heading, self.keys = Bar(classes="heading"), Bar(classes="heading"), Bar(id="keys")
        self.sheet, self.plot, self.notice = Sheet(self._lines, id="compare-sheet"), Plot(), Notice()
        self.values = Bar(id="compare-values")

    def compose(self) -> ComposeResult:
        yield self.heading
        with Horizontal(id="compare-body"):
            with VerticalScroll(id="compare-words"):
                yield self.sheet
            with Vertical(id="compare-curves"):
                yield self.curves_heading
                yield self.plot
                yield self.values
        yield self.notice
        yield self.keys

    def on_mount(self) -> None:
        give_colours(self._study.side.view, self.trials)
        self.heading.show([Piece(" COMPARE ", "title", "", 9), *self._titles()])
        self.keys.show(self._pieces())
        self.plot.focus()
        self.call_after_refresh(self._look)
        self.set_interval(_LOOK, self._look)

    @property
    def trials(self) -> list[Trial]:
        """As they stand now, in the order asked for; each stands for all runs of its config."""
        every = self._model.trials
        chosen = [every[n] for n in self.numbers]
        return whole(chosen, list(every.values())) if self._model.groups.any else chosen

    def show_shared(self, shown: bool) -> None:
        self.shared_shown = shown
        self.sheet.redraw()

    def redraw(self) -> None:
        self._look()

    # -- what is on the screen ------------------------------------------------------------

    def _titles(self) -> list[Piece]:
        objective, colours = self._model.spec.objective, self._study.side.view.colours
        named = [Piece(f" t{n} ", f"curve:{colours.get(str(n), 0)}+bold", f"why {n}", 6) for n in self.numbers]
        return [*named, Piece(f" {objective.direction} {objective.metric} ", "muted", "", 3)]

    def _pieces(self) -> list[Piece]:
        app = cast("TunewrightApp", self.app)
        said = (("metric", "metric"), ("same", "same in all"), ("ylog", "log"), ("smooth", "smooth"), ("xaxis", "axis"))
        pieces = []
        for name, word in said:
            pieces += [Piece(f" {app.key_name(name)}", "primary", name, 5), Piece(f" {word} ", "muted", name, 5)]
        return [*pieces, Piece(" esc back", "muted", "back", 3)]

    @property
    def _compared(self) -> Compared:
        model, view = self._model, self._study.side.view
        return Compared(self.trials, model.best, self._noise, model.spec.objective, view.colours, self._study.now)

    def _lines(self, width: int) -> list[Line]:
        return lines(self._compared, width, all_shared=self.shared_shown)

    def _draw_curves(self) -> None:
        view, metric, objective = self._study.side.view, self._study.side.metric, self._model.spec.objective
        seen = (view.axis, view.smooth, view.log_y, view.cursor, tuple(view.x_window), view.follows)
        key = (self._curves.version, seen, tuple(self.trials), self._noise, metric, self.plot.size)
        if key == self._drawn:
            return
        self._drawn = key
        log = view.log_y
        if log is None and metric == objective.metric and objective.direction == "maximize":
            log = False  # as in the study's curves
        window = self._curves.window(view)
        drawn = View(log=log, axis=view.axis, x_window=window, cursor=view.cursor)
        self.plot.show(self._curves.series(self._compared, view), drawn)
        scale = "log" if self.plot.log_shown else "linear"
        said = [
            Piece(f" {metric} ", "primary", "metric", 8),
            Piece(f" {xaxis.NAMES[view.axis]} ", "muted", "xaxis", 3),
            Piece(f" y {scale} ", "muted", "ylog", 4),
        ]
        self.curves_heading.show([Piece(" CURVES ", "title", "", 9), *said])
        self._say_values()

    def _say_values(self) -> None:
        """What each trial has at the cursor, the first one first."""
        view, whole = self._study.side.view, self._curves.whole(self._study.side.view)
        if view.cursor is None or whole is None:
            app = cast("TunewrightApp", self.app)
            self.values.show([Piece(f" ←→ or {app.key_name('cursor')} for the values at one place", "faint", "", 9)])
            return
        low, high = self._curves.window(view) or whole
        near = (high - low) / max(self.plot.size.width - 12, 20)
        backward = self.trials[::-1]
        self.values.show(at_cursor(backward, self._curves.by_trial, view, view.cursor, near))

    # -- what is done to the curves -------------------------------------------------------

    @on(Plot.CursorMoved)
    def _cursor_moved(self, event: Plot.CursorMoved) -> None:
        event.stop()
        self.move_cursor(event.cells, event.to)

    def move_cursor(self, cells: int, to: float | None = None) -> None:
        """By so many cells of the plot, or to an x; one that was off begins at the end."""
        view, whole, picked = self._study.side.view, self._curves.whole(self._study.side.view), self.plot.picked
        if whole is None or picked is None or picked.frame.x_scale is None:
            return
        scale, low_high = picked.frame.x_scale, self._curves.window(view) or whole
        if to is None and view.cursor is None:
            to = low_high[1]
        elif to is None:
            unit = scale.unit(view.cursor if view.cursor is not None else low_high[1]) or 0.0
            to = scale.value(unit + cells / max(picked.frame.width - 1, 1))
        view.cursor = min(max(to, low_high[0]), low_high[1])
        self._draw_curves()

    @on(Plot.Zoomed)
    def _zoomed(self, event: Plot.Zoomed) -> None:
        event.stop()
        view, whole = self._study.side.view, self._curves.whole(self._study.side.view)
        if whole is None:
            return
        at = event.at if event.at is not None else view.cursor if view.cursor is not None else whole[1]
        self._look_at(lens.zoomed(self._curves.window(view), whole, event.factor, at), whole)

    @on(Plot.Panned)
    def _panned(self, event: Plot.Panned) -> None:
        event.stop()
        if (whole := self._curves.whole(self._study.side.view)) is not None:
            self._look_at(lens.panned(self._curves.window(self._study.side.view), whole, event.x), whole)

    def _look_at(self, window: lens.Window | None, whole: lens.Window) -> None:
        view = self._study.side.view
        view.x_window = list(window) if window is not None else []
        view.follows = window is not None and lens.is_at_end(window, whole)
        self._draw_curves()

    def picture(self, ink: Colours) -> Svg:
        """The curves as vectors, with the verdicts below."""
        view, model = self._study.side.view, self._model
        drawn = self._curves.lines(self._compared, view)
        notes = [v.text for v in verdicts(self.trials, self._noise, model.spec.objective)]
        title = f"{model.spec.name} · {self._curves.metric}"
        figure = Figure(title=title, lines=drawn, x_kind=view.axis, log_y=self.plot.log_shown, notes=notes)
        return plots([figure], ink)

    # -- keeping up -----------------------------------------------------------------------

    def _look(self) -> None:
        """Draws what has changed, and asks for what is new; never twice at once."""
        if not self.is_open:
            return
        self.sheet.redraw()
        self._draw_curves()
        metric, shape = self._study.side.metric, self._model.shape
        live = any(not t.state.ended for t in self.trials)
        desk = cast("TunewrightApp", self.app).desk
        if self._asked or desk is None or not (live or metric != self._curves.metric or shape != self._judged):
            return
        self._asked = True
        known = list(self._model.trials.values()) if shape != self._judged else None
        space, objective = self._model.spec.space, self._model.spec.objective
        desk.errand(
            lambda room: (
                None if known is None else noise(known, space, objective),
                self._reading.read(room, metric),
            ),
            lambda found: self._told(metric, shape, *found),
            lambda _: self._told(metric, shape, None, ()),  # what keeps the store from being read is said elsewhere
        )

    def _told(self, metric: str, shape: int, found: Noise | None, news: Sequence[News]) -> None:
        self._asked = False
        self._judged = shape
        if found is not None:
            self._noise = found
        self._curves.take(metric, news, {t.id: t.started_at for t in self.trials})
        if self.is_open:
            self.sheet.redraw()
            self._draw_curves()
