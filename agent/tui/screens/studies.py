"""The studies of a store: open one, or learn how to make the first."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Static

from agent.tui.colours import Colours, colours
from agent.tui.text import Part, fit, neutral, number, plural, seconds
from agent.tui.widgets.bar import Bar, Piece
from agent.tui.widgets.drawing import text
from agent.tui.widgets.keys_bar import KeysBar
from agent.tui.widgets.notice import Notice

if TYPE_CHECKING:
    from textual.widgets import OptionList

    from agent.tui.app import TunewrightApp
    from agent.tui.messages import ModelsFound, StudiesListed, StudyLine

_GUIDE: tuple[Part, ...] = (
    ("No studies yet\n\n", "title"),
    ("  tunewright demo              ", "primary"),
    ("a study on a built-in task, no network\n", "muted"),
    ("  tunewright init train.py     ", "primary"),
    ("of your own script; {init} opens the guide\n\n", "muted"),
)
_LEAVE: Part = ("ctrl+q leaves.", "faint")
_OFFERED = 6  # models named in the guide
_STATE_ROLES = {"running": ("▶", "run"), "queued": ("○", "muted"), "completed": ("✓", "good"), "failed": ("✗", "bad")}


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
        from textual.widgets import OptionList
        from textual.widgets.option_list import Option

        palette = colours(self.app.theme)
        await self.query("#studies-list").remove()
        options = OptionList(
            *(Option(_described(line, self._now(), palette)) for line in news.studies), id="studies-list", markup=False
        )
        await self.query_one("#studies-body").mount(options)
        options.highlighted = self._names.index(news.opened) if news.opened in self._names else 0
        options.focus()

    def _say(self, parts: tuple[Part, ...]) -> None:
        self.query_one("#studies-said", Static).update(text(parts, colours(self.app.theme)))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.post_message(self.StudyChosen(self._names[event.option_index]))


def _described(line: StudyLine, now: float, palette: Colours) -> Text:
    """Two lines: name, task and best; trials by state, and when it last changed."""
    task = f"{line.trainer} {line.task}".strip()
    parts: list[Part] = [(fit(line.name, 28), "strong"), (" " + fit(task, 28), "text")]
    if line.best is not None:
        parts += [(f" ★ {line.metric} ", "best"), (number(line.best), "strong")]
    parts.append(("\n", ""))
    total = sum(line.states.values())
    parts.append((fit(plural(total, "trial"), 12), "muted"))
    for state, (glyph, role) in _STATE_ROLES.items():
        if line.states.get(state):
            parts.append((f"{glyph} {line.states[state]} {state}  ", role))
    if line.pending:
        parts.append((f"◆ {line.pending} ask  ", "ask"))
    parts.append((f"changed {seconds(max(now - line.changed, 0.0)) or '0s'} ago", "faint"))
    return text(parts, palette, wrap=False)
