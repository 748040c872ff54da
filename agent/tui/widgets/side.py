"""The side: curves, trials and log of one study, and which trial they are about."""

from __future__ import annotations

from collections.abc import Callable

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widget import Widget

from agent.study.nouns import Trial
from agent.tui.charts.curve import STEP
from agent.tui.charts.shown import MOST, give_colours, shown_trials
from agent.tui.messages import LogGrew, LogLoaded, Standing
from agent.tui.model import LOG, StudyModel
from agent.tui.requests import Request, WatchCurves, WatchLog
from agent.tui.text import number, steps
from agent.tui.view import SIDES, ViewState
from agent.tui.widgets.curves_panel import CurvesPanel
from agent.tui.widgets.log_panel import LogPanel
from agent.tui.widgets.table import TrialTable
from agent.tui.widgets.tabs import Tabs
from agent.tui.widgets.trials_panel import TrialsPanel


class Side(Vertical):
    """Asks the bridge for the curves and the log it shows, and for no others."""

    def __init__(self, send: Callable[[Request], None], now: Callable[[], float]) -> None:
        super().__init__(id="side")
        self._send = send
        self.view = ViewState()
        self._model: StudyModel | None = None
        self._watched: WatchCurves | None = None
        self._logged: tuple[int, int] | None = None  # trial id and attempt whose log is shown
        self._grown: list[LogGrew] = []  # what waits for the next frame
        self._mark: tuple[int, int] | None = None  # trial number and step pointed at
        self.tabs = Tabs(id="side-tabs")
        self.curves, self.trials, self.log_panel = CurvesPanel(), TrialsPanel(now), LogPanel()

    def compose(self) -> ComposeResult:
        yield self.tabs
        yield self.curves
        yield self.trials
        yield self.log_panel

    def load(self, model: StudyModel, view: ViewState) -> None:
        """Shows a study as it was left."""
        self._model, self.view = model, view
        self._watched = self._logged = None
        self.trials.load(model, view)

    # -- what is shown ---------------------------------------------------------------

    @property
    def metric(self) -> str:
        return self.view.metric or (self._model.spec.objective.metric if self._model is not None else "")

    @property
    def selected(self) -> int | None:
        """The trial the person chose, or else the newest."""
        if self._model is None:
            return None
        if self.view.selected in self._model.trials:
            return self.view.selected
        return self._model.newest.number if self._model.newest is not None else None

    def focus_of(self, panel: str) -> Widget:
        """What takes the focus in a panel."""
        return {"curves": self.curves.plot, "trials": self.trials.table, "log": self.log_panel.lines}[panel]

    @property
    def focused_panel(self) -> str:
        """The panel with the focus, or nothing."""
        panels = zip(SIDES, (self.curves, self.trials, self.log_panel), strict=True)
        return next((name for name, panel in panels if panel.has_focus_within), "")

    def update(self, *, curves: bool) -> None:
        """A frame: the rows whose trials changed, the log's heading, the curves where they grew."""
        if self._model is None:
            return
        self.trials.update(self.selected)
        self._show_log()
        if self._grown:
            lines = [line for news in self._grown for line in news.lines]
            self.log_panel.grown(lines, self._grown[-1].partial)
            self._grown.clear()
        if curves:
            self._draw_curves(self._model)

    def arranged(self) -> None:
        """Everything anew."""
        self.tabs.update(self.view, Standing())
        self.update(curves=True)

    def _draw_curves(self, model: StudyModel) -> None:
        shown = shown_trials(model, self.view, self.selected)
        give_colours(self.view, shown)
        drawn = {t.number for t in shown}
        self.trials.table.colour_of = lambda n: self.view.colours.get(str(n)) if n in drawn else None
        wanted = WatchCurves(tuple(sorted(t.id for t in shown)), self.curves.metrics(model, self.view, self.metric))
        if wanted != self._watched:
            self._watched = wanted
            model.keep_curves(wanted.trial_ids, wanted.metrics)
            self._send(wanted)
        mark = float(self._mark[1]) if self._mark is not None and self._mark[0] == self.selected else None
        about = model.trials.get(self.selected) if self.selected is not None else None
        self.curves.usage.follow(about.id if about is not None else None)
        self.curves.update(model, self.view, self.metric, shown, mark)

    def _show_log(self) -> None:
        trial = self._model.trials.get(self.selected) if self._model and self.selected is not None else None
        if trial is None:
            return
        key = (trial.id, trial.attempts)
        if key != self._logged:
            self._logged = key
            self._send(WatchLog(trial.id))
        self.log_panel.head(trial.number, self._said(trial))

    def _said(self, trial: Trial) -> str:
        assert self._model is not None
        value = trial.value if trial.value is not None else trial.last_value
        said = f"step {steps(trial.last_step)}" if trial.last_step is not None else ""
        return said if value is None else f"{said}  {self._model.spec.objective.metric} {number(value)}"

    # -- what the person does ----------------------------------------------------------

    def select(self, number_: int | None) -> None:
        """Puts the cursor on a trial; None follows the newest."""
        self.view.selected = number_
        self._mark = None
        self.arranged()

    def toggle_curve(self, number_: int) -> None:
        """Shows a curve that is not shown, hides one that is."""
        if self._model is None:
            return
        view, drawn = self.view, {t.number for t in shown_trials(self._model, self.view, None)}
        view.pinned = [n for n in view.pinned if n != number_]
        view.hidden = [n for n in view.hidden if n != number_]
        if number_ in drawn:
            view.hidden.append(number_)
        else:
            view.pinned = [*view.pinned, number_][-MOST:]
        self.arranged()

    def show_line(self, trial: Trial, line: int) -> None:
        """Points at a line of a trial's log."""
        if self.log_panel.shows(trial.id):
            self.log_panel.go_to(line)
        else:
            self._logged = (trial.id, trial.attempts)
            self._send(WatchLog(trial.id, line))

    def mark_step(self, number_: int, step: int) -> None:
        """Points at a step in the curves of a trial."""
        self._mark = (number_, step)
        self.view.axis = STEP
        self.view.hidden = [n for n in self.view.hidden if n != number_]

    @on(CurvesPanel.Rearranged)
    def _redraw_curves(self, event: CurvesPanel.Rearranged) -> None:
        event.stop()
        if self._model is not None:
            self._draw_curves(self._model)

    # -- messages -------------------------------------------------------------------------

    def log_told(self, news: LogLoaded | LogGrew) -> set[str]:
        """Lines of the log that is shown; those of one shown before are too late. A log that was asked for shows at
        once, what is added to it with the next frame. The topics whose picture has changed."""
        if self._logged is None or news.trial_id != self._logged[0]:
            return set()
        if isinstance(news, LogLoaded):
            self._grown.clear()
            self.log_panel.loaded(news)
            return set()
        self._grown.append(news)
        return {LOG}

    @on(TrialTable.TrialChosen)
    def _chosen(self, event: TrialTable.TrialChosen) -> None:
        event.stop()
        self.select(event.number)

    @on(LogPanel.LineWanted)
    def _line_wanted(self, event: LogPanel.LineWanted) -> None:
        event.stop()
        if self._logged is not None:
            self._send(WatchLog(self._logged[0], event.line))
