"""Two to six trials beside each other: what differs, their curves, and whether one is better at all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll

from agent.study.noise import Noise, noise
from agent.study.nouns import Trial
from agent.study.verdicts import whole
from agent.tui.charts.looked import Looked
from agent.tui.charts.shown import give_colours
from agent.tui.commands import bindings
from agent.tui.messages import News
from agent.tui.paging.compare_curves import CompareCurves, Reading
from agent.tui.paging.compare_text import Compared, Line, lines
from agent.tui.screens.page import Page
from agent.tui.widgets.bar import Bar, Piece
from agent.tui.widgets.charts import Charts
from agent.tui.widgets.compared_charts import ComparedCharts
from agent.tui.widgets.curves_text import KEYS
from agent.tui.widgets.notice import Notice
from agent.tui.widgets.sheet import Sheet

if TYPE_CHECKING:
    from agent.tui.app import TunewrightApp
    from agent.tui.screens.study import StudyScreen

_LOOK = 0.5  # seconds between looks at what has changed


class CompareScreen(Page):
    """Live: trials that run go on, and the verdicts with them. The curves are looked at as the study's are: the same
    metric, axes, stretch and smoothing, and the same colours."""

    CSS_PATH = ["../styles/compare.tcss"]  # noqa: RUF012 – as Textual has it
    BINDINGS = bindings("compare")

    def __init__(self, study: StudyScreen, numbers: Sequence[int]) -> None:
        super().__init__()
        self._study, self._model, self.numbers = study, study.model, tuple(numbers)
        self._noise, self._judged = Noise(), -1  # and the shape of the model it was worked out for
        self._reading, self._read = Reading([t.id for t in self.trials]), CompareCurves()
        self._asked = False  # something is on its way
        self._drawn: object = None
        self.shared_shown = False
        self.heading, self.keys, self.notice = Bar(classes="heading"), Bar(id="keys"), Notice()
        self.sheet, self.charts = Sheet(self._lines, id="compare-sheet"), ComparedCharts(self._read)

    def compose(self) -> ComposeResult:
        yield self.heading
        with Horizontal(id="compare-body"):
            with VerticalScroll(id="compare-words"):
                yield self.sheet
            yield self.charts
        yield self.notice
        yield self.keys

    def on_mount(self) -> None:
        give_colours(self._study.side.view, self.trials)
        self.heading.show([Piece(" COMPARE ", "title", "", 9), *self._titles()])
        self.keys.show(self._pieces(), [Piece(" esc back ", "muted", "back", 8)])
        self.charts.plot.focus()
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
        pieces = []
        for name, word, keep in (*KEYS, ("same", "same in all", 5)):
            pieces += [Piece(f" {app.key_name(name)}", "primary", name, keep), Piece(f" {word} ", "muted", name, keep)]
        return pieces

    @property
    def _compared(self) -> Compared:
        model, view = self._model, self._study.side.view
        return Compared(self.trials, model.best, self._noise, model.spec.objective, view.colours, self._study.now)

    def _lines(self, width: int) -> list[Line]:
        return lines(self._compared, width, all_shared=self.shared_shown)

    def _draw_curves(self) -> None:
        """Where something has changed since they were drawn last."""
        view, metric, model = self._study.side.view, self._study.side.metric, self._model
        known = self._read.metrics or (metric,)
        chart = (view.cursor, tuple(view.x_window), str(view.y_windows), view.follows, view.grid)
        seen = (view.axis, view.smooth, view.log_y, view.log_x, chart, self.charts.plot.size, self.app.theme)
        key = (self._read.version, seen, tuple(self.trials), self._noise, metric)
        if key == self._drawn:
            return
        self._drawn = key
        metrics = self.charts.fitting(known, view, metric)
        backward = tuple(self.trials[::-1])
        self.charts.show(Looked(model, view, view, self._read.held, known, metric, metrics, backward), self._compared)

    @on(Charts.Rearranged)
    def _rearranged(self, event: Charts.Rearranged) -> None:
        event.stop()
        self._look()

    # -- keeping up -----------------------------------------------------------------------

    def _look(self) -> None:
        """Draws what has changed, and asks for what is new; never twice at once."""
        if not self.is_open:
            return
        self.sheet.redraw()
        self._draw_curves()
        view, shape = self._study.side.view, self._model.shape
        wanted = self.charts.fitting(self._read.metrics, view, self._study.side.metric)
        live = any(not t.state.ended for t in self.trials)
        desk = cast("TunewrightApp", self.app).desk
        if self._asked or desk is None or not (live or wanted != self._read.wanted or shape != self._judged):
            return
        self._asked = True
        known = list(self._model.trials.values()) if shape != self._judged else None
        space, objective = self._model.spec.space, self._model.spec.objective
        desk.errand(
            lambda room: (
                None if known is None else noise(known, space, objective),
                self._reading.read(room, wanted),
            ),
            lambda found: self._told(wanted, shape, *found),
            lambda _: self._told(wanted, shape, None, ()),  # what keeps the store from being read is said elsewhere
        )

    def _told(self, wanted: tuple[str, ...], shape: int, found: Noise | None, news: Sequence[News]) -> None:
        self._asked = False
        self._judged = shape
        if found is not None:
            self._noise = found
        self._read.take(wanted, news, {t.id: t.started_at for t in self.trials})
        if self.is_open:
            self.sheet.redraw()
            self._draw_curves()
