"""The studies of a store: open one, or learn how to make the first."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Static

from agent.tui.ink.colours import colours
from agent.tui.text import Part, neutral
from agent.tui.widgets.bar import Bar, Piece
from agent.tui.widgets.drawing import text
from agent.tui.widgets.keys_bar import KeysBar
from agent.tui.widgets.notice import Notice

if TYPE_CHECKING:
    from agent.tui.app import TunewrightApp
    from agent.tui.messages import ModelsFound, StudiesListed
    from agent.tui.widgets.studies_list import StudiesList

_GUIDE: tuple[Part, ...] = (
    ("No studies yet\n\n", "title"),
    ("  tunewright demo              ", "primary"),
    ("a study on a built-in task, no network\n", "muted"),
    ("  tunewright init train.py     ", "primary"),
    ("of your own script; {init} opens the guide\n\n", "muted"),
)
_LEAVE: Part = ("ctrl+q leaves.", "faint")
_AGAIN = 2.0  # seconds
_OFFERED = 6  # models named in the guide


class StudiesScreen(Screen[None]):
    """Up, down and enter; the list fills when the store has been read."""

    class StudyChosen(Message):
        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

    def __init__(self, store_path: str, opening: str | None, now: Callable[[], float]) -> None:
        super().__init__(id="studies")
        self._opening = opening
        self._now = now
        self.heading = Bar(
            [Piece(" tunewright", "strong", "", 9), Piece(f"  {store_path}", "muted", "", 3)], id="header"
        )
        self.notice, self.keys = Notice(), KeysBar()
        self._names: list[str] = []
        self._said: tuple[Part, ...] = ()
        self._again = False  # the list that comes next is the same, told anew

    def compose(self) -> ComposeResult:
        yield self.heading
        yield Vertical(Static(id="studies-said", markup=False), id="studies-body")
        yield self.notice
        yield self.keys

    def on_mount(self) -> None:
        self.keys.update("studies")
        self._say(((f"opening {self._opening or 'the store'} …", "faint"),))

    def listed(self, news: StudiesListed) -> None:
        """Fills the list, with the cursor on the study that was open last."""
        self._names = [line.name for line in news.studies]
        if not self._names:
            self._say((*self._guide(), _LEAVE))
            return
        if self._again and self.query("#studies-list"):
            self.call_later(self._fill, news)
            return
        counted = "1 study" if len(self._names) == 1 else f"{len(self._names)} studies"
        self._say(((counted, "title"), ("   enter opens", "muted")))
        self.call_later(self._fill, news)

    def _guide(self) -> list[Part]:
        key = cast("TunewrightApp", self.app).key_name("init")
        return [(said.replace("{init}", key), role) for said, role in _GUIDE]

    def offer(self, news: ModelsFound) -> None:
        """Adds to the guide the models one could begin with."""
        if self._names:
            return
        parts: list[Part] = [("Models at hand, for --model; without one the built-in advisor speaks\n\n", "title")]
        for model, what in news.offers[:_OFFERED]:
            parts += [(f"  {neutral(model)}  ", "primary"), (f"{neutral(what)}\n", "muted")]
        more = len(news.offers) - _OFFERED
        parts += [(f"  and {more} more: tunewright models\n", "muted")] if more > 0 else []
        self._say((*self._guide(), *parts, ("\n", ""), _LEAVE))

    async def _fill(self, news: StudiesListed) -> None:
        from agent.tui.widgets.studies_list import StudiesList

        found = self.query(StudiesList)
        if not found:
            await self.query_one("#studies-body").mount(StudiesList(self._now))
            self.set_interval(_AGAIN, self._list_again)
            self.query_one(StudiesList).stand_on = news.opened
            self.query_one(StudiesList).focus_list()
        elif not self._again:
            self.query_one(StudiesList).stand_on = news.opened
            self.query_one(StudiesList).focus_list()
        self._again = False
        self.query_one(StudiesList).fill(news.studies)

    def _list_again(self) -> None:
        """Counts of running trials go on while the list is looked at."""
        desk = cast("TunewrightApp", self.app).desk
        if desk is not None and self.is_active:
            desk.list_again()

    @property
    def is_filled(self) -> bool:
        return bool(self._names)

    @property
    def _list(self) -> StudiesList:
        from agent.tui.widgets.studies_list import StudiesList
        from trainers.errors import TunewrightError

        if not self.query(StudiesList):
            raise TunewrightError("there is no list of studies yet")
        return self.query_one(StudiesList)

    @property
    def chosen(self) -> str | None:
        """The study under the cursor."""
        return self._list.chosen

    def stand_on(self, name: str | None) -> None:
        """The list comes again; the cursor goes to `name`, or stays."""
        self._again = True
        if name is not None:
            self._list.stand_on = name

    def ask_filter(self) -> None:
        self._list.ask_filter()

    def sort_next(self) -> None:
        self._list.sort_next()

    def toggle_archived(self) -> None:
        self._list.toggle_archived()

    def redraw(self) -> None:
        """In the colours of another theme."""
        self._say(self._said)
        if self.is_filled:
            self._list.redraw()

    def _say(self, parts: tuple[Part, ...]) -> None:
        self._said = parts
        self.query_one("#studies-said", Static).update(text(parts, colours(self.app.theme)))

    def on_studies_list_opened(self, event: StudiesList.Opened) -> None:
        event.stop()
        self.post_message(self.StudyChosen(event.name))
