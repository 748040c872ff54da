"""One trial in full: why it ended so, its curves, its log, its config, where it came from, its files."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical

from agent.study.nouns import Evidence
from agent.tui.charts.xaxis import STEP
from agent.tui.commands import bindings
from agent.tui.messages import TrialRead
from agent.tui.model import StudyModel
from agent.tui.requests import ReadTrial
from agent.tui.screens.page import Page
from agent.tui.trial.trial_live import TrialFeed
from agent.tui.trial.trial_text import CHOSEN, evidence, sections
from agent.tui.view import PageView
from agent.tui.widgets.charts import Charts
from agent.tui.widgets.log_panel import LogPanel
from agent.tui.widgets.notice import Notice
from agent.tui.widgets.samples_panel import SamplesPanel
from agent.tui.widgets.trial_bars import KeysBar, PartTabs, TrialHeader
from agent.tui.widgets.trial_curves import TrialCurves
from agent.tui.widgets.trial_words import TrialWords

if TYPE_CHECKING:
    from agent.tui.app import TunewrightApp
    from agent.tui.screens.study import StudyScreen

FRAME = 0.25  # seconds
NAME = "trial"
_WORDS = ("why", "config", "origin", "files")  # parts of one text


class TrialScreen(Page):
    """Parts side by side, or one at a time where it is narrow. A digit follows a piece of evidence to its line of the
    log or its step of a curve, on this page."""

    CSS_PATH = "../styles/trial.tcss"

    BINDINGS = bindings("trial")

    def __init__(self, read: TrialRead, model: StudyModel, now: Callable[[], float]) -> None:
        super().__init__(name=NAME)
        self._read, self._model, self._now = read, model, now
        self._number = read.trial.number  # the one asked for, which may not have come yet
        self._place: tuple[str, int] | None = None  # where to go once it has come
        self._file = 0
        self._section = ""  # gone to, and not scrolled away from
        self._seen: object = None  # what was drawn last
        self._mirrored = ""  # what the study said last
        self.header, self.tabs, self.keys = TrialHeader(), PartTabs(), KeysBar()
        self.words, self.curves, self.log_panel = TrialWords(), TrialCurves(), LogPanel()
        self.samples = SamplesPanel()
        self.notice = Notice()
        self.feed = TrialFeed(self)

    def compose(self) -> ComposeResult:
        yield self.header
        yield self.tabs
        with Horizontal(id="trial-body"):
            yield self.words
            with Vertical(id="trial-side"):
                yield self.curves
                yield self.samples
                yield self.log_panel
        yield self.notice
        yield self.keys

    def on_mount(self) -> None:
        self.set_interval(FRAME, self.frame)
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        """Once it is laid out: as it was left."""
        scroll = self.study.side.view.part_scroll
        self.show(self._read)
        self.show_part(self.part)
        if scroll and self.part in _WORDS:
            self.words.scroll_to(y=scroll, animate=False, immediate=True)
            self._section = ""

    @property
    def study(self) -> StudyScreen:
        return cast("TunewrightApp", self.app).study

    @property
    def part(self) -> str:
        return self.study.side.view.part

    @property
    def read(self) -> TrialRead:
        return self._read

    @property
    def model(self) -> StudyModel:
        return self._model

    # -- what is told ------------------------------------------------------------

    def redraw(self) -> None:
        self.show(self._read)
        self.samples.redraw()

    def show(self, read: TrialRead) -> None:
        """Turns to a trial, unless another has been asked for since."""
        if read.trial.number != self._number:
            return
        turned = read.trial.number != self._read.trial.number or not self.feed.begun
        self._read = read
        view = self.study.side.view
        if turned and (view.page < 0 or view.page_charts.mark is not None):
            view.page_charts = PageView()  # another's evidence, or what was looked at on a page that is closed
        view.page = read.trial.number
        if turned:
            self._file = 0
            self.feed.begin()
        elif read.trial.attempts != self.feed.attempt:
            self.feed.begin()
        self.draw_words()
        if turned:  # to the part that the tabs name
            self._section = self.part if self.part in _WORDS else ""
            self.words.go_to(self._section)
        self.header.show_trial(read, self._model, self._now())
        self.tabs.show_part(self.part, read)
        self.keys.show_trial(read, evidence(read), self.part)
        self.draw_curves()
        self.feed.read_samples()
        if self._place is not None and turned:
            (kind, at), self._place = self._place, None
            self._go(kind, at)

    def draw_words(self) -> None:
        width = self.words.text_width
        self.words.show(sections(self._read, self._model, self._now(), width, chosen=self._chosen))

    @property
    def _chosen(self) -> int | None:
        """The file under the cursor, while files are what is looked at."""
        return self._file if self.part == "files" else None

    def draw_curves(self) -> None:
        self.curves.show(self.feed.curves, self._read.trial, self._model, self.study.side.view)

    def frame(self) -> None:
        """Four times a second: what has changed of the trial, and what the study has to say meanwhile."""
        self._mirror_notice()
        if not self.feed.begun:
            return
        view, number = self.study.side.view, self._number
        trial = self._model.trials.get(number)
        seen = (trial, self._model.diagnosis(number), len(self._model.notes), self._model.best)
        if seen != self.feed.seen:
            self.feed.seen = seen
            self.feed.read_again(number, self.show)  # an answer that comes after the page has closed opens none
        self.feed.poll()
        drawn = (view.axis, view.smooth, view.log_y, view.log_x, self.app.theme, self.curves.plot.size)
        if drawn != self._seen:
            self._seen = drawn
            self.draw_curves()
        if trial is not None and not trial.state.ended:
            self.header.show_trial(self._read, self._model, self._now())
        if self.part in _WORDS:
            view.part_scroll = int(self.words.scroll_offset.y)
            self._section = self._section if self.words.is_at(self._section) else ""

    def _mirror_notice(self) -> None:
        """What is news in the study is news here too; what is said here alone stays."""
        said = self.study.notice
        if said.said != self._mirrored:
            self._mirrored = said.said
            if not said.said:
                self.notice.clear()
            elif said.is_fault:
                self.notice.complain(said.said)
            else:
                self.notice.say(said.said)

    # -- what the person does ----------------------------------------------------

    def show_part(self, name: str) -> None:
        """Brings a part to the front and gives it the focus."""
        view = self.study.side.view
        was, view.part = view.part, name
        self.tabs.show_part(name, self._read)
        self.keys.show_trial(self._read, evidence(self._read), name)
        front = name if name in ("curves", "samples", "log") else "words"
        for one in ("words", "curves", "samples", "log"):
            self.set_class(front == one, f"-front-{one}")
        self.words.choosing = name == "files"
        if "files" in (was, name):
            self.draw_words()
        if front == "words":
            self._section = name
            self.words.go_to(name)
        places = {"words": self.words, "curves": self.curves, "samples": self.samples.rows, "log": self.log_panel.lines}
        places[front].focus()
        self.feed.read_samples()

    async def on_key(self, event: events.Key) -> None:
        places = {str(i + 1): e for i, e in enumerate(evidence(self._read))}
        if event.key in places:
            self._follow(places[event.key])
            event.stop()
            event.prevent_default()

    def _follow(self, item: Evidence) -> None:
        if item.line is not None:
            self._go("log", item.line)
        elif item.step is not None:
            self._go("step", item.step, item.metric or "")
        elif item.trial is not None:
            self.turn_to(item.trial)

    def _go(self, kind: str, at: int, metric: str = "") -> None:
        if kind == "log":
            self.show_part("log")
            self.feed.go_to(at)
            return
        self.study.side.view.axis = STEP
        self.curves.point_at(metric or self._model.spec.objective.metric, at)
        self.show_part("curves")
        self.draw_curves()

    def take_link(self, target: str) -> bool:
        """Follows a link of this page; False for one that leads elsewhere."""
        kind, _, rest = target.partition(":")
        if kind == "file":
            self._file = int(rest)
            self.open_file()
            return True
        if not (kind.startswith("t") and kind[1:].isdigit()) or int(kind[1:]) not in self._model.trials:
            return False
        where, _, at = rest.partition(":")
        number = int(kind[1:])
        if number != self._number:
            self._place = (where, int(at)) if at else None
            self.turn_to(number)
        elif at:
            known = (e for e in evidence(self._read) if where == "step" and e.step == int(at))
            self._go(where, int(at), next((e.metric or "" for e in known), ""))
        return True

    @on(Charts.Rearranged)
    def _rearranged(self, event: Charts.Rearranged) -> None:
        event.stop()
        if self.feed.begun:
            self.draw_curves()

    def turn(self, by: int) -> None:
        """To a neighbour."""
        numbers = sorted(self._model.trials)
        at = numbers.index(self._number) + by
        if 0 <= at < len(numbers):
            self.turn_to(numbers[at])

    def turn_to(self, number: int) -> None:
        self._number = number
        self.study.side.select(number)
        self.study.send(ReadTrial(number))

    def open_file(self) -> None:
        """Reads the chosen file in the log, and copies its path."""
        if not self._read.files:
            return
        path = self._read.files[self._file][0]
        cast("TunewrightApp", self.app).copy_to_clipboard(str(path))
        self.feed.read_file(path)
        self.show_part("log")

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        self.keys.show_trial(self._read, evidence(self._read), self.part, within=self.curves.is_within)

    @on(TrialWords.Rewrapped)
    def _rewrapped(self) -> None:
        if self.feed.begun:
            self.draw_words()
            if self._section:
                self.words.go_to(self._section)

    @on(TrialWords.FileMoved)
    def _file_moved(self, event: TrialWords.FileMoved) -> None:
        event.stop()
        self._file = min(max(self._file + event.by, 0), max(len(self._read.files) - 1, 0))
        self.draw_words()
        self.words.reveal(CHOSEN)

    @on(TrialWords.FileOpened)
    def _file_opened(self, event: TrialWords.FileOpened) -> None:
        event.stop()
        self.open_file()

    @on(LogPanel.LineWanted)
    def _line_wanted(self, event: LogPanel.LineWanted) -> None:
        event.stop()
        self.feed.load_log(event.line)
