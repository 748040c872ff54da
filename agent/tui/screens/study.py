"""One study: chat and proposals on one side, curves, trials and log on the other."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.screen import Screen

from agent.tui import messages as told
from agent.tui.memory import Memory
from agent.tui.messages import News, Note, Standing
from agent.tui.model import CARDS, CHAT, CURVES, HEAD, LOG, TRIALS, StudyModel
from agent.tui.requests import AskAgent, ReadTrial, Request
from agent.tui.talk.completion import mentions_out, offers
from agent.tui.talk.notes import ADVISOR
from agent.tui.text import Part, neutral
from agent.tui.view import SIDES
from agent.tui.widgets.asks import Asks
from agent.tui.widgets.cards import Cards
from agent.tui.widgets.chat_panel import ChatPanel
from agent.tui.widgets.composer import Composer
from agent.tui.widgets.header import Header
from agent.tui.widgets.keys_bar import KeysBar
from agent.tui.widgets.notice import Notice
from agent.tui.widgets.side import Side
from agent.tui.widgets.suggestions import Suggestions
from agent.tui.widgets.tabs import Tabs

if TYPE_CHECKING:
    from agent.tui.app import TunewrightApp
    from agent.tui.preferences import Preferences

FRAME = 0.25  # seconds between pictures of trials in flight


class StudyScreen(Screen[None]):
    """Built at once, empty; `opened` fills it. Everything arrives through `apply`."""

    CSS_PATH = ["../styles/fields.tcss", "../styles/study.tcss"]  # noqa: RUF012 – as Textual has it
    AUTO_FOCUS = "#composer"

    def __init__(self, send: Callable[[Request], None], clock: Callable[[], float], now: Callable[[], float]) -> None:
        super().__init__()
        self.send = send
        self._now = now
        self.ready = False  # laid out once, so that there is something to fill
        self.loaded: StudyModel | None = None
        self.memory = Memory(send)
        self._stale: set[str] = set()  # topics that wait for the next frame
        self.header, self.keys, self.notice = Header(), KeysBar(), Notice()
        self.tabs = Tabs(id="tabs")
        self.suggestions = Suggestions()
        self.composer = Composer(self.suggestions)
        self.composer.offers = lambda text: offers(text, self.loaded)
        self.chat, self.cards, self.asks = ChatPanel(), Cards(clock, send), Asks(clock, send)
        self.side = Side(send, now)

    def compose(self) -> ComposeResult:
        yield self.header
        yield self.tabs
        with Horizontal(id="body"):
            with Vertical(id="talk"):
                yield self.chat
                yield self.cards
                yield self.asks
                yield self.notice
                yield self.suggestions
                yield self.composer
            yield self.side
        yield self.keys

    def on_mount(self) -> None:
        self._frames = self.set_interval(FRAME, self._frame)
        self.paced()
        self.set_interval(1.0, self.remember)
        self.chat.stand(Standing())
        self.arranged()
        self.call_after_refresh(self._is_ready)

    def paced(self) -> None:
        """Draws trials in flight as often as the person has set."""
        self._frames.stop()
        self._frames = self.set_interval(1 / self._preferences["look.frames"], self._frame)

    @property
    def _preferences(self) -> Preferences:
        return cast("TunewrightApp", self.app).preferences

    def _is_ready(self) -> None:
        self.ready = True

    def redraw(self) -> None:
        """In the colours of another theme."""
        self.arranged()
        if self.loaded is not None:
            self.cards.redraw()
            self.asks.redraw()
            self.chat.stand(self.loaded.standing)
            self.chat.redraw_offer()

    # -- what the bridge tells -----------------------------------------------------

    @property
    def now(self) -> float:
        """The time of day."""
        return self._now()

    @property
    def model(self) -> StudyModel:
        if self.loaded is None:
            from trainers.errors import TunewrightError

            raise TunewrightError("the study is still being opened", remedy="Try again in a moment.")
        return self.loaded

    def opened(self, news: told.StudyOpened) -> None:
        """Shows a study as it was left."""
        self.loaded = StudyModel(news)
        view, draft = self.memory.recall(news.remembered)
        if news.remembered.get("view") is None:
            view.smooth, view.axis = self._preferences["curves.smooth"], self._preferences["curves.axis"]
        if draft and not self.composer.text:
            self.composer.write(draft)
        self.composer.recall(self.memory.history)
        self.side.load(self.loaded, view)
        self.chat.load(news.notes, news.turns, news.place)
        self.arranged()
        self._update_cards()
        if view.page in self.loaded.trials:
            self.send(ReadTrial(view.page))
        self.chat.offer(self.loaded)

    def _update_cards(self) -> None:
        if self.loaded is not None:
            self.cards.update(self.loaded)
            self.asks.update(self.loaded)

    def apply(self, news: News) -> None:
        """Takes one message in. Words and cards show at once, pictures with the next frame."""
        match news:
            case told.StudyOpened():
                self.opened(news)
                return
            case told.LogLoaded() | told.LogGrew():
                self._stale |= self.side.log_told(news)
            case told.Noted(notes):
                self.chat.say(notes)
            case told.TurnsChanged(turns):
                self.chat.say_turns(turns)
                if self.loaded is not None:
                    self.chat.offer(self.loaded)
            case told.Said(text):
                self.notice.say(text)
            case told.ModelsFound(offers):
                found = "\n".join(f"{model}  {what}" for model, what in offers)
                self.say_here((("Models at hand, for /model:\n", "muted"), (neutral(found), "text")))
            case told.Printed(title, text):
                self.say_here(((f"{title}:\n", "muted"), (neutral(text), "text")))
            case told.Refused():
                self.notice.complain(str(news))
                self.cards.refused()
                self.asks.refused()
        if self.loaded is None:
            return
        touched = self.loaded.apply(news)
        self._stale |= touched & {TRIALS, CURVES}
        if HEAD in touched:
            self.header.update(self.loaded)
        if CARDS in touched:
            self._update_cards()
            self.chat.offer(self.loaded)
        if CHAT in touched:
            self.chat.stand(self.loaded.standing)
            self.tabs.update(self.side.view, self.loaded.standing)

    def _frame(self) -> None:
        """Draws what has changed since the last frame, and what changes by itself: clocks of running trials."""
        if self.loaded is None:
            return
        stale, self._stale = self._stale, set()
        if stale or self.loaded.running:
            self.side.update(curves=bool(stale - {LOG}))

    def arranged(self) -> None:
        """Shows everything anew after the person has arranged it differently."""
        view = self.side.view
        for side in SIDES:
            self.set_class(view.side == side, f"-side-{side}")
        self.set_class(view.front == "chat", "-front-chat")
        self.set_class(view.zoomed, "-zoomed")
        self.tabs.update(view, self.loaded.standing if self.loaded is not None else Standing())
        if self.loaded is not None:
            self.header.update(self.loaded)
        self.side.arranged()

    # -- what the person does ----------------------------------------------------------

    def uncovered(self) -> None:
        """A page that lay over it is gone: a card is seen anew, and no letter meant for the page decides on it."""
        if not any(screen.name == "trial" for screen in self.app.screen_stack):
            self.side.view.page = -1
        for card in (self.cards, self.asks):
            if card.has_focus:
                card.on_focus()

    def show_panel(self, name: str) -> None:
        """Brings a panel to the front and gives it the focus."""
        if name in SIDES:
            self.side.view.side, self.side.view.front = name, "side"
        elif name == "chat":
            self.side.view.front = "chat"
        self.arranged()
        if name in SIDES:
            self.side.focus_of(name).focus()
        elif name == "proposal":
            self.focus_waiting()
        else:
            (self.chat.lines if name == "chat" else self.composer).focus()

    def focus_waiting(self) -> None:
        """The next thing that waits for a decision: proposals first, then what the agent asks for."""
        if self.asks.waiting and (self.cards.has_focus_within or not self.cards.waiting) and not self.cards.editing:
            self.asks.focus()
        else:
            self.cards.focus_next()

    def show_jumps(self) -> None:
        from agent.tui.screens.jump import JumpScreen

        self.app.push_screen(JumpScreen(self))

    def say_here(self, parts: tuple[Part, ...]) -> None:
        """Something to read here and now, not kept."""
        self.chat.say([Note(self._now(), ADVISOR, parts)])

    # -- messages of widgets -------------------------------------------------------------

    @on(Composer.Sent)
    def _sent(self, event: Composer.Sent) -> None:
        app = cast("TunewrightApp", self.app)
        self.notice.clear()
        self.memory.keep_draft("")
        self.memory.keep_history(self.composer.sent)
        if event.text.startswith("/"):
            app.run_slash(event.text)
            return
        self.ask(event.text)

    def ask(self, question: str) -> None:
        """A question to the agent; the answer grows in the chat."""
        self.send(AskAgent(mentions_out(question, self.loaded)))
        self.chat.lines.scroll_to_end()

    def take_back(self, question: str) -> None:
        """A question comes back into the input, unless something else is being written there."""
        if not self.composer.text.strip():
            self.composer.write(question)
        self.composer.focus()

    @on(Suggestions.Picked)
    def _picked(self, event: Suggestions.Picked) -> None:
        self.composer.write(event.offer.text)
        self.composer.focus()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        self._focus_changed()

    def on_descendant_blur(self, event: events.DescendantBlur) -> None:
        self._focus_changed()

    def _focus_changed(self) -> None:
        deciding = self.asks.has_focus_within or (self.cards.has_focus_within and not self.cards.editing)
        scope = "card" if deciding else "chat" if self.chat.lines.has_focus else self.side.focused_panel
        self.keys.update(scope)
        within = set(self.focused.ancestors_with_self) if self.focused is not None else set()
        for panel in self.query("#chat-panel, #curves, #trials, #log"):  # :focus-within does not reach headings
            panel.set_class(panel in within, "-focused")

    def on_resize(self, event: events.Resize) -> None:
        self.call_after_refresh(self._after_resize)

    def _after_resize(self) -> None:
        self.arranged()
        self._update_cards()

    def remember(self) -> None:
        """Keeps what would be missed after a crash."""
        self.memory.keep_draft(self.composer.text)
        if self.loaded is not None:
            self.memory.keep_view(self.side.view)
