"""Keeps a trial's page up to date: its curves, and the log or another file of the trial, by errands."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, cast

from agent.samples import samples_of
from agent.tui.back.follower import read_trial
from agent.tui.back.logread import anew, stretch
from agent.tui.back.logtail import Growth, LogTail
from agent.tui.charts.curve import CurveData
from agent.tui.messages import LogLoaded, TrialRead
from agent.tui.trial.trial_feed import Curves, curves_of, grown

if TYPE_CHECKING:
    from agent.store.points import Point
    from agent.tui.app import TunewrightApp
    from agent.tui.desk import Desk
    from agent.tui.errands import Room
    from agent.tui.screens.trial import TrialScreen
    from trainers.errors import TunewrightError
    from trainers.samples import Samples

T = TypeVar("T")


class TrialFeed:
    """One errand of a kind at a time: what takes long is not asked for again meanwhile."""

    def __init__(self, page: TrialScreen) -> None:
        self._page = page
        self.curves: dict[str, CurveData] = {}
        self.attempt = 0
        self.seen: object = None  # what the page was read for last
        self.begun = False
        self._trial_id = -1
        self._cursor: int | None = None
        self._tail: LogTail | None = None
        self._partial = ""
        self._busy: set[str] = set()
        self._sampled: object = None  # the trial, attempt and state whose samples are shown
        self._line: int | None = None  # wanted of a log that is still being read

    @property
    def _desk(self) -> Desk:
        desk = cast("TunewrightApp", self._page.app).desk
        assert desk is not None  # a page lies over a study
        return desk

    def _ask(self, do: Callable[[Room], T], then: Callable[[T], None]) -> None:
        """What comes back once the page is closed has nobody left to see it."""
        self._desk.errand(do, lambda value: then(value) if self._page.is_attached else None)

    def read_again(self, number: int, then: Callable[[TrialRead], None]) -> None:
        noise = self._page.read.noise
        self._ask(lambda room: read_trial(room.store, room.open.study, number, noise), then)

    def begin(self) -> None:
        """Another trial, or another attempt of it: everything is read anew."""
        read = self._page.read
        self.begun, self.attempt, self._trial_id = True, read.trial.attempts, read.trial.id
        self.curves, self._cursor = {}, None
        trial_id = self._trial_id
        self._ask(lambda room: curves_of(room, trial_id), self._curves_read)
        log = next((path for path, _ in read.files if path.name == "log.txt"), None)
        self.read_file(log, name="LOG")

    def read_file(self, path: Path | None, *, name: str = "") -> None:
        """Shows the end of a file in the log, and follows it."""
        panel = self._page.log_panel
        self._tail, self._partial = (LogTail(path) if path is not None else None), ""
        panel.name_of = name or f"FILE {path.name if path is not None else ''}"
        panel.lines.needle = ""
        if path is None:
            panel.loaded(LogLoaded(self._trial_id, None, 1, (), at_end=True))
            panel.head(self._page.read.trial.number, "no log yet")
        else:
            self.load_log(None if path.name == "log.txt" else 1)  # a log is read from its end

    def load_log(self, line: int | None) -> None:
        tail, trial_id = self._tail, self._trial_id
        if tail is None:
            return
        self._line = line

        def loaded(news: LogLoaded) -> None:
            if tail is self._tail:
                self._partial, self._line = "", None
                self._page.log_panel.head(self._page.read.trial.number, self._said)
                self._page.log_panel.loaded(news)
                self._follow(tail)

        self._ask(lambda _: stretch(tail, trial_id, line), loaded)

    def go_to(self, line: int) -> None:
        """Shows a line of the trial's log, whatever file is shown now."""
        log = next((path for path, _ in self._page.read.files if path.name == "log.txt"), None)
        if self._tail is None or self._tail.path != log:
            self.read_file(log, name="LOG")
        panel = self._page.log_panel
        if panel.shows(self._trial_id) and self._line is None and panel.path == log:
            panel.go_to(line)
        else:
            self.load_log(line)

    @property
    def _said(self) -> str:
        return self._tail.path.name if self._tail is not None else ""

    def read_samples(self) -> None:
        """What its model answered, once the page shows that; again when the trial has ended since."""
        page, trial = self._page, self._page.read.trial
        wanted = (trial.id, trial.attempts, trial.state)
        if page.part != "samples" or wanted == self._sampled or "samples" in self._busy:
            return
        self._sampled = wanted
        self._busy.add("samples")

        def read(found: Samples) -> None:
            self._busy.discard("samples")
            if wanted == self._sampled:
                page.samples.show(found, page.study.side.view)
            self.read_samples()

        def failed(error: TunewrightError) -> None:
            self._busy.discard("samples")
            if page.is_attached and wanted == self._sampled:
                page.samples.say(str(error))

        self._desk.errand(
            lambda room: samples_of(room.store, trial), lambda f: read(f) if page.is_attached else None, failed
        )

    # -- growing -----------------------------------------------------------------

    def poll(self) -> None:
        """Asks for what has been added."""
        if self._cursor is not None and not self._page.read.trial.state.ended and "curves" not in self._busy:
            self._busy.add("curves")
            trial_id, cursor = self._trial_id, self._cursor
            self._ask(lambda room: grown(room, trial_id, cursor), lambda new: self._curves_grew(trial_id, new))
        if self._tail is not None and not self._page.read.trial.state.ended:
            self._follow(self._tail)

    def _follow(self, tail: LogTail) -> None:
        if "log" not in self._busy:
            self._busy.add("log")
            self._ask(lambda _: tail.grown(), lambda new: self._log_grew(tail, new))

    def _log_grew(self, tail: LogTail, new: Growth) -> None:
        self._busy.discard("log")
        panel = self._page.log_panel
        if tail is not self._tail or not panel.at_end:
            return
        if new.first is not None:
            panel.loaded(anew(tail, self._trial_id, new))
            panel.grown([], new.partial)
        elif new.lines or new.partial != self._partial:
            panel.grown(new.lines, new.partial)
        self._partial = new.partial

    def _curves_read(self, told: Curves) -> None:
        if told.trial_id != self._trial_id:
            return
        self._cursor = told.cursor
        self.curves = {name: CurveData() for name in told.found}
        for name, curve in told.found.items():
            self.curves[name].extend(curve.steps, curve.values, curve.ats)
        self._page.draw_curves()

    def _curves_grew(self, trial_id: int, new: tuple[Point, ...]) -> None:
        self._busy.discard("curves")
        if trial_id != self._trial_id or not new:
            return
        self._cursor = new[-1].id
        for point in new:
            self.curves.setdefault(point.metric, CurveData()).extend([point.step], [point.value], [point.at])
        self._page.draw_curves()
