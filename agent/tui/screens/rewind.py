"""What a rewind would drop from the conversation, before it does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from agent.study.nouns import Turn
from agent.tui.ink.colours import colours
from agent.tui.screens.page import Page
from agent.tui.text import Part, fit, neutral, plural
from agent.tui.widgets.drawing import text

if TYPE_CHECKING:
    from agent.tui.app import TunewrightApp
    from agent.tui.errands import Room

_SHOWN = 12  # turns listed


class RewindScreen(Page):
    """Up and down choose how far back, enter does it, escape leaves all as it is."""

    CSS_PATH = "../styles/rewind.tcss"

    def __init__(self, turns: Sequence[Turn], count: int) -> None:
        super().__init__()
        self._turns = list(turns)
        self._questions = [t for t in turns if t.role == "person"]
        self._count = count

    def compose(self) -> ComposeResult:
        with Vertical(id="rewind-box"):
            yield Static(id="rewind-text")

    def on_mount(self) -> None:
        self.query_one("#rewind-box").border_title = "TAKE BACK"
        self._show()

    def redraw(self) -> None:
        self._show()

    @property
    def _first(self) -> Turn:
        return self._questions[-self._count]

    def _show(self) -> None:
        dropped = [t for t in self._turns if t.id >= self._first.id]
        width = max(min(self.app.size.width - 12, 90), 20)
        parts: list[Part] = [("This question comes back into the input:\n", "muted")]
        parts += [("› ", "ask"), (_line(self._first, width) + "\n\n", "strong")]
        parts.append(
            (f"{plural(len(dropped), 'turn')} would be taken back, and no longer be told to the agent:\n", "muted")
        )
        for turn in dropped[:_SHOWN]:
            mark: Part = ("› ", "ask") if turn.role == "person" else ("● ", "primary")
            parts += [mark, (_line(turn, width) + "\n", "faint+strike")]
        if len(dropped) > _SHOWN:
            parts.append((f"and {len(dropped) - _SHOWN} more\n", "muted"))
        parts.append(("They stay in the store. Trials, proposals and settings are not touched.\n\n", "muted"))
        for key, said in (("enter", "takes them back"), ("↑↓", "further or less far"), ("esc", "leaves all as it is")):
            parts += [(key, "ask+bold"), (f"\u00a0{said.replace(' ', chr(160))}   ", "text")]
        self.query_one("#rewind-text", Static).update(text(parts, colours(self.app.theme)))

    async def on_key(self, event: events.Key) -> None:
        if event.key in ("up", "down"):
            by = 1 if event.key == "up" else -1
            self._count = min(max(self._count + by, 1), len(self._questions))
            self._show()
        elif event.key == "enter":
            self._do()
        else:
            await super().on_key(event)
            return
        event.stop()
        event.prevent_default()

    def _do(self) -> None:
        app, first = cast("TunewrightApp", self.app), self._first

        def undo(room: Room) -> None:
            from agent.store import turns

            turns.undo(room.store, first.study_id, first.id)

        self.leave()
        if app.desk is not None:
            app.desk.errand(undo, lambda _: app.study.take_back(first.text))


def _line(turn: Turn, width: int) -> str:
    return fit(" ".join(neutral(turn.text).split()), width).rstrip()
