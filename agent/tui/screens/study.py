"""One study: chat and proposals on one side, curves, trials and log on the other."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.screen import Screen

from agent.tui import messages as told
from agent.tui.answers import answer
from agent.tui.curve import STEP
from agent.tui.memory import Memory
from agent.tui.messages import News, Note, Standing
from agent.tui.model import CARDS, CHAT, CURVES, HEAD, TRIALS, StudyModel
from agent.tui.notes import ADVISOR
from agent.tui.requests import Request, WatchCurves, WatchLog
from agent.tui.shown import MOST, give_colours, shown_trials
from agent.tui.text import Part, neutral, number, steps
from agent.tui.view import SIDES, ViewState
from agent.tui.widgets.cards import Cards
from agent.tui.widgets.chat_panel import ChatPanel
from agent.tui.widgets.composer import Composer
from agent.tui.widgets.curves_panel import CurvesPanel
from agent.tui.widgets.header import Header
from agent.tui.widgets.keys_bar import KeysBar
from agent.tui.widgets.log_panel import LogPanel
from agent.tui.widgets.notice import Notice
from agent.tui.widgets.suggestions import Suggestions
from agent.tui.widgets.table import TrialTable
from agent.tui.widgets.tabs import Tabs
from agent.tui.widgets.trials_panel import TrialsPanel

if TYPE_CHECKING:
    from agent.tui.app import TunewrightApp

FRAME = 0.25  # seconds between pictures of trials in flight


class StudyScreen(Screen[None]):
    """Built at once, empty; `opened` fills it. Everything arrives through `apply`."""

    CSS_PATH = ["../styles/fields.tcss", "../styles/study.tcss"]  # noqa: RUF012 – as Textual has it
    AUTO_FOCUS = "#composer"

    def __init__(self, send: Callable[[Request], None], clock: Callable[[], float], now: Callable[[], float]) -> None:
        super().__init__(id="study")
        self.send = send
        self._now = now
        self.view = ViewState()
        self.ready = False  # laid out once, so that there is something to fill
        self.loaded: StudyModel | None = None
        self.memory = Memory(send)
        self._stale: set[str] = set()  # topics that wait for the next frame
        self._watched: WatchCurves | None = None
        self._logged: tuple[int, int] | None = None  # trial id and attempt whose log is shown
        self._mark: tuple[int, int] | None = None  # trial number and step pointed at
        self.header, self.keys, self.notice = Header(), KeysBar(), Notice()
        self.tabs = Tabs(id="tabs"), Tabs(id="side-tabs")
        self.suggestions = Suggestions()
        self.composer = Composer(self.suggestions)
        self.chat, self.cards = ChatPanel(), Cards(clock, send)
        self.curves, self.trials, self.log_panel = CurvesPanel(), TrialsPanel(now), LogPanel()

    def compose(self) -> ComposeResult:
        yield self.header
        yield self.tabs[0]
        with Horizontal(id="body"):
            with Vertical(id="talk"):
                yield self.chat
                yield self.cards
                yield self.notice
                yield self.suggestions
                yield self.composer
            with Vertical(id="side"):
                yield self.tabs[1]
                yield self.curves
                yield self.trials
                yield self.log_panel
        yield self.keys

    def on_mount(self) -> None:
        self.set_interval(FRAME, self._frame)
        self.set_interval(1.0, self.remember)
        self.app.theme_changed_signal.subscribe(self, lambda _: self._redraw())
        self.chat.stand(Standing())
        self.arranged()
        self.call_after_refresh(self._is_ready)

    def _is_ready(self) -> None:
        self.ready = True

    def _redraw(self) -> None:
        """In the colours of another theme."""
        self.arranged()
        if self.loaded is not None:
            self.cards.redraw()
            self.chat.stand(self.loaded.standing)

    # -- what the bridge tells -----------------------------------------------------

    @property
    def model(self) -> StudyModel:
        if self.loaded is None:
            from trainers.errors import TunewrightError

            raise TunewrightError("the study is still being opened", remedy="Try again in a moment.")
        return self.loaded

    def opened(self, news: told.StudyOpened) -> None:
        """Shows a study as it was left."""
        self.loaded = StudyModel(news)
        self.view, turns, draft = self.memory.recall(news.remembered)
        if draft and not self.composer.text:
            self.composer.write(draft)
        self.trials.load(self.loaded, self.view)
        self.chat.load(sorted([*news.notes, *turns], key=lambda note: note.at))
        self._watched = self._logged = None
        self.arranged()
        self.cards.update(self.loaded)

    def apply(self, news: News) -> None:
        """Takes one message in. Words and cards show at once, pictures with the next frame."""
        match news:
            case told.StudyOpened():
                self.opened(news)
                return
            case told.LogLoaded():
                self.log_panel.loaded(news)
            case told.LogGrew():
                self.log_panel.grown(news)
            case told.Noted(notes):
                self.chat.say(notes)
            case told.Said(text):
                self.notice.say(text)
            case told.Exported(text):
                self.say_here((("Exported:\n", "muted"), (neutral(text), "text")))
            case told.Refused():
                self.notice.complain(str(news))
                self.cards.refused()
        if self.loaded is None:
            return
        touched = self.loaded.apply(news)
        self._stale |= touched & {TRIALS, CURVES}
        if HEAD in touched:
            self.header.update(self.loaded)
        if CARDS in touched:
            self.cards.update(self.loaded)
        if CHAT in touched:
            self.chat.stand(self.loaded.standing)
            self.tabs[0].update(self.view, self.loaded.standing)

    def _frame(self) -> None:
        """Draws what has changed since the last frame, and what changes by itself: clocks of running trials."""
        if self.loaded is None:
            return
        stale, self._stale = self._stale, set()
        if stale or self.loaded.running:
            self.trials.update(self.selected)
            self._show_log_of(self.selected)
        if stale & {TRIALS, CURVES}:
            self._draw_curves()

    # -- what is shown ---------------------------------------------------------------

    @property
    def metric(self) -> str:
        return self.view.metric or (self.loaded.spec.objective.metric if self.loaded is not None else "")

    @property
    def selected(self) -> int | None:
        """The trial the person chose, or else the newest."""
        if self.loaded is None:
            return None
        if self.view.selected in self.loaded.trials:
            return self.view.selected
        return self.loaded.newest.number if self.loaded.newest is not None else None

    def arranged(self) -> None:
        """Shows everything anew after the person has arranged it differently."""
        for side in SIDES:
            self.set_class(self.view.side == side, f"-side-{side}")
        self.set_class(self.view.front == "chat", "-front-chat")
        self.set_class(self.view.zoomed, "-zoomed")
        for tabs in self.tabs:
            tabs.update(self.view, self.loaded.standing if self.loaded is not None else Standing())
        if self.loaded is None:
            return
        self.header.update(self.loaded)
        self.trials.update(self.selected)
        self._draw_curves()
        self._show_log_of(self.selected)

    def _draw_curves(self) -> None:
        model = self.model
        shown = shown_trials(model, self.view, self.selected)
        give_colours(self.view, shown)
        drawn = {t.number for t in shown}
        self.trials.table.colour_of = lambda n: self.view.colours.get(str(n)) if n in drawn else None
        wanted = WatchCurves(tuple(sorted(t.id for t in shown)), self.metric)
        if wanted != self._watched:
            self._watched = wanted
            self.send(wanted)
        mark = float(self._mark[1]) if self._mark is not None and self._mark[0] == self.selected else None
        self.curves.update(model, self.view, self.metric, shown, mark)

    def _show_log_of(self, number_: int | None) -> None:
        trial = self.model.trials.get(number_) if number_ is not None else None
        if trial is None:
            return
        key = (trial.id, trial.attempts)
        if key != self._logged:
            self._logged = key
            self.send(WatchLog(trial.id))
        value = trial.value if trial.value is not None else trial.last_value
        said = f"step {steps(trial.last_step)}" if trial.last_step is not None else ""
        if value is not None:
            said += f"  {self.model.spec.objective.metric} {number(value)}"
        self.log_panel.head(trial.number, said)

    # -- what the person does ----------------------------------------------------------

    def select(self, number_: int | None) -> None:
        self.view.selected = number_
        self._mark = None
        self.arranged()

    def toggle_curve(self, number_: int) -> None:
        """Shows a curve that is not shown, hides one that is."""
        view, drawn = self.view, {t.number for t in shown_trials(self.model, self.view, None)}
        view.pinned = [n for n in view.pinned if n != number_]
        view.hidden = [n for n in view.hidden if n != number_]
        if number_ in drawn:
            view.hidden.append(number_)
        else:
            view.pinned = [*view.pinned, number_][-MOST:]
        self.arranged()

    def show_panel(self, name: str) -> None:
        """Brings a panel to the front and gives it the focus."""
        if name in SIDES:
            self.view.side, self.view.front = name, "side"
        elif name == "chat":
            self.view.front = "chat"
        self.arranged()
        if name == "proposal":
            self.cards.focus_next()
            return
        places = {
            "chat": self.chat.lines,
            "curves": self.curves.plot,
            "trials": self.trials.table,
            "log": self.log_panel.lines,
        }
        places.get(name, self.composer).focus()

    def show_log(self, number_: int, line: int | None) -> None:
        """Shows the log of a trial, at a line."""
        self.show_panel("log")
        trial = self.model.trials[number_]
        if line is None:
            return
        if self.log_panel.shows(trial.id):
            self.log_panel.go_to(line)
        else:
            self.log_panel.expect(line)
            self.send(WatchLog(trial.id, line))

    def mark_step(self, number_: int, step: int) -> None:
        """Points at a step in the curves."""
        self._mark = (number_, step)
        self.view.axis = STEP
        self.view.hidden = [n for n in self.view.hidden if n != number_]
        self.show_panel("curves")

    def show_jumps(self) -> None:
        from agent.tui.screens.jump import JumpScreen

        self.app.push_screen(JumpScreen(self))

    def say_here(self, parts: tuple[Part, ...]) -> None:
        """The advisor's words in the chat, kept with the person's own."""
        note = Note(self._now(), ADVISOR, parts)
        self.chat.say([note])
        self.memory.keep_turn(note)

    # -- messages of widgets -------------------------------------------------------------

    @on(Composer.Sent)
    def _sent(self, event: Composer.Sent) -> None:
        app = cast("TunewrightApp", self.app)
        self.notice.clear()
        self.memory.keep_draft("")
        if event.text.startswith("/"):
            app.run_slash(event.text)
            return
        note = Note(self._now(), ("›", "ask"), ((neutral(event.text), "strong"),))
        self.chat.say([note])
        self.memory.keep_turn(note)
        if self.loaded is not None:
            self.say_here(answer(event.text, self.loaded))
        self.chat.lines.scroll_to_end()

    @on(Suggestions.Picked)
    def _picked(self, event: Suggestions.Picked) -> None:
        self.composer.write(f"/{event.name} ")
        self.composer.focus()

    @on(TrialTable.TrialChosen)
    def _chosen(self, event: TrialTable.TrialChosen) -> None:
        self.select(event.number)

    @on(LogPanel.LineWanted)
    def _line_wanted(self, event: LogPanel.LineWanted) -> None:
        if self._logged is not None:
            self.send(WatchLog(self._logged[0], event.line))

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        self._focus_changed()

    def on_descendant_blur(self, event: events.DescendantBlur) -> None:
        self._focus_changed()

    def _focus_changed(self) -> None:
        scope = next(
            (
                name
                for name, panel in (
                    ("card", self.cards),
                    ("trials", self.trials),
                    ("curves", self.curves),
                    ("log", self.log_panel),
                )
                if panel.has_focus_within
            ),
            "",
        )
        self.keys.update("" if scope == "card" and self.cards.editing else scope)

    def on_resize(self, event: events.Resize) -> None:
        self.call_after_refresh(self._after_resize)

    def _after_resize(self) -> None:
        self.arranged()
        if self.loaded is not None:
            self.cards.update(self.loaded)

    def remember(self) -> None:
        """Keeps what would be missed after a crash."""
        self.memory.keep_draft(self.composer.text)
        if self.loaded is not None:
            self.memory.keep_view(self.view)
