"""F1: what acts where one is, then everything else; searched as one types, run by enter or the mouse."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from agent.tui.commands import COMMANDS, ON_PAGES, SCOPES, bindings
from agent.tui.commands.command import Command
from agent.tui.ink.colours import colours
from agent.tui.keymap import keys_file
from agent.tui.screens.page import Page
from agent.tui.text import Part, fit, wrap
from agent.tui.widgets.drawing import text
from agent.tui.widgets.page_input import PageInput

if TYPE_CHECKING:
    from agent.tui.app import TunewrightApp

_TOUR = (
    "The agent proposes a config; its card waits below the chat. {proposal} goes to it, {approve} runs it, {edit} "
    "changes it first, {reject} lets it be.\n"
    "Running trials draw their curves and fill the table; {why} on one says what became of it and why.\n"
    "{policy} decides what may run without asking, {ask} takes that back at once.\n"
    "Ask in words in the input line; / begins a command, {palette} finds any by name, {settings} has the settings.\n"
    "{quit} leaves; trials keep running, and the next start shows them as they are."
)
_MOVING = (
    "Tab and shift+tab go from panel to panel; arrows, page up and down, home and end move in one. The mouse goes "
    "anywhere: panels and tabs, headings, the keys in the last line, evidence, trials and their curves.\n"
    "In the input line enter sends, ctrl+j breaks the line, up and down recall, tab completes."
)
_KEYS = (
    'In {path}, under [keys], write command = "key", for example proposal = "ctrl+y"; /keys writes one that lists all.'
)


class HelpScreen(Page):
    """Up and down move, enter or a click runs what stands there; F1 again closes it, as does escape."""

    CSS_PATH = ["../styles/fields.tcss", "../styles/pages.tcss"]  # noqa: RUF012 – as Textual has it

    def __init__(self, here: str) -> None:
        super().__init__()
        self._here = here
        self._search = PageInput(placeholder="search", compact=True, id="help-search")
        self._list = OptionList(id="help-list", markup=False)

    def compose(self) -> ComposeResult:
        with Vertical(id="help-box"):
            yield self._search
            yield self._list

    def on_mount(self) -> None:
        box = self.query_one("#help-box")
        box.border_title, box.border_subtitle = "Help", "enter runs · esc closes"
        self._list.can_focus = False
        self._search.cursor_blink = False
        self._search.focus()

    def on_resize(self) -> None:
        self.call_after_refresh(self._fill)

    def redraw(self) -> None:
        self._fill()

    @on(Input.Changed)
    def _fill(self) -> None:
        width, palette = max(self._list.size.width - 2, 30), colours(self.app.theme)
        self._list.clear_options()
        for name, parts in self.blocks(width):
            self._list.add_option(Option(text(parts, palette), id=name or None, disabled=not name))
        self._list.highlighted = next((i for i, option in enumerate(self._list.options) if not option.disabled), None)
        self._list.scroll_home(animate=False)

    def blocks(self, width: int) -> list[tuple[str, list[Part]]]:
        """The name of a command and its lines; no name for headings and paragraphs."""
        wanted, found = self._search.value.lower().split(), list[tuple[str, list[Part]]]()
        others = [scope for scope in SCOPES if scope != self._here]
        for scope in ([self._here] if self._here in SCOPES else []) + others:
            here = [c for c in COMMANDS if (c.acts_in(scope) if scope == self._here else c.scope == scope)]
            here = [c for c in here if all(word in self._words(c) for word in wanted)]
            if here:
                found.append(("", [(f"{SCOPES[scope]}{', where you are' if scope == self._here else ''}", "title")]))
                found += [(c.name, self._line(c, width)) for c in here]
        return (
            _once(found) if wanted else [*self._paragraph("In short", _TOUR, width), *_once(found), *self._end(width)]
        )

    def _end(self, width: int) -> list[tuple[str, list[Part]]]:
        own = _KEYS.format(path=keys_file())
        return [*self._paragraph("Moving", _MOVING, width), *self._paragraph("Keys of your own", own, width)]

    def _words(self, command: Command) -> str:
        return f"/{command.name} {command.title} {command.help} {self._app.key_name(command.name)}".lower()

    @property
    def _app(self) -> TunewrightApp:
        return cast("TunewrightApp", self.app)

    def _paragraph(self, heading: str, words: str, width: int) -> list[tuple[str, list[Part]]]:
        keys = {c.name: self._app.key_name(c.name) for c in COMMANDS}
        said = words.format(**keys) if words is _TOUR else words
        parts: list[Part] = [(heading, "title")]
        for line in wrap([(said, "muted")], width - 2):
            parts += [("\n  ", ""), *line]
        return [("", parts)]

    def _line(self, command: Command, width: int) -> list[Part]:
        """Key, usage, and what it does beside them; below them where the screen is narrow."""
        key, usage = self._app.key_name(command.name), f"/{command.name} {command.arguments}".rstrip()
        beside = width >= 100
        usage = fit(usage, 40 if beside else min(len(usage), width - 12))
        indent = 50 if beside else 10
        lines = wrap([(command.title, "text"), (f"  {command.help}", "muted")], max(width - indent, 20))
        parts: list[Part] = [
            (f" {fit(key, 8)} ", "primary"),
            (usage if beside else usage + "\n", "strong"),
        ]
        for i, line in enumerate(lines):
            parts += [("\n" if i else "", ""), (" " * (0 if beside and i == 0 else indent), ""), *line]
        return parts

    @on(Input.Submitted)
    def _entered(self) -> None:
        at = self._list.highlighted
        if at is not None:
            self._run(self._list.get_option_at_index(at).id)

    @on(OptionList.OptionSelected)
    def _clicked(self, event: OptionList.OptionSelected) -> None:
        self._run(event.option_id)

    def _run(self, name: str | None) -> None:
        if name:
            self.leave()
            self.app.call_later(self._app.run_command, name)

    async def on_key(self, event: events.Key) -> None:
        moves = {"up": "cursor_up", "down": "cursor_down", "pageup": "page_up", "pagedown": "page_down"}
        if event.key in moves:
            await self._list.run_action(moves[event.key])
        elif event.key == "escape" and self._search.value:
            self._search.value = ""
        else:
            return
        event.stop()
        event.prevent_default()


def _once(blocks: list[tuple[str, list[Part]]]) -> list[tuple[str, list[Part]]]:
    """A command that acts in two places is listed where one is and not again."""
    seen: set[str] = set()
    kept = []
    for name, parts in blocks:
        if not name or name not in seen:
            kept.append((name, parts))
            seen.add(name)
    return kept


def place(app: TunewrightApp) -> str:
    """The scope whose keys act where the person is: that of the page on top, or of what has the focus."""
    screen = app.screen
    if screen.is_modal:
        own = list(type(screen).__dict__.get("BINDINGS", ()))
        return next((s for s in ON_PAGES if own and all(b in own for b in bindings(s))), "pages")
    return app.desk.study.keys.scope if app.desk is not None and app.desk.study is not None else "everywhere"
