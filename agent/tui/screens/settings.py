"""/settings: a person's settings and the study's, searched as one types, changed in place."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from agent.settings import rows, values
from agent.settings.rows import Row
from agent.tui.actions import settings as actions
from agent.tui.commands import bindings
from agent.tui.ink.colours import colours
from agent.tui.paging.setting_text import VALUE_AT, about, headed, line
from agent.tui.screens.page import Page
from agent.tui.widgets.drawing import text
from agent.tui.widgets.page_input import PageInput
from trainers.errors import TunewrightError

if TYPE_CHECKING:
    from agent.tui.app import TunewrightApp


class SettingsScreen(Page):
    """What is typed searches; up and down move, enter changes: the next of a few words, or a field in its place."""

    CSS_PATH = ["../styles/fields.tcss", "../styles/settings.tcss"]  # noqa: RUF012 – as Textual has it
    BINDINGS = bindings("settings")

    def __init__(self, search: str = "") -> None:
        super().__init__()
        self._search = PageInput(
            search, placeholder="search", compact=True, id="settings-search", select_on_focus=False
        )
        self._field = PageInput(compact=True, id="settings-field", select_on_focus=False)
        self._list, self._about = OptionList(id="settings-list", markup=False), Static(id="settings-about")
        self._rows: list[Row] = []
        self._shown: list[Row | None] = []  # a line each; None is a heading
        self._fault = ""

    def compose(self) -> ComposeResult:
        with Vertical(id="settings-box"):
            yield self._search
            yield self._list
            yield self._about
            yield self._field

    def on_mount(self) -> None:
        box, app = self.query_one("#settings-box"), self._app
        box.border_title = "Settings"
        box.border_subtitle = f"enter changes · {app.key_name('unset')} default · esc leaves"
        self._list.can_focus = False
        self._field.display = False
        for field in (self._search, self._field):
            field.cursor_blink = False
        self._search.focus()
        self.set_interval(0.5, self._refresh)  # the study may be changed by others

    @property
    def _app(self) -> TunewrightApp:
        return cast("TunewrightApp", self.app)

    def on_resize(self) -> None:
        self.call_after_refresh(self._fill)

    # -- what is shown -------------------------------------------------------------

    def _read(self) -> list[Row]:
        mine, desk = self._app.preferences.settings, self._app.desk
        loaded = desk.study.loaded if desk is not None and desk.study is not None else None
        return rows.of_person(mine) + (rows.of_study(mine, loaded.spec) if loaded is not None else [])

    def _refresh(self) -> None:
        if not self._field.display and self._read() != self._rows:
            self._fill()

    def redraw(self) -> None:
        self._fill()

    def _fill(self) -> None:
        """The lines that match, with the cursor where it was."""
        before = self._row
        self._rows = self._read()
        self._shown = headed([row for row in self._rows if matches(row, self._search.value)])
        palette, width = colours(self.app.theme), max(self._list.size.width - 2, 40)
        study = self._app.desk.study if self._app.desk is not None else None
        name = study.loaded.spec.name if study is not None and study.loaded is not None else ""
        following = [*self._shown[1:], None]
        self._list.clear_options()
        self._list.add_options(
            Option(text(line(row, after, name, width), palette, wrap=False), disabled=row is None)
            for row, after in zip(self._shown, following, strict=True)
        )
        same = [i for i, row in enumerate(self._shown) if row is not None and before is not None and _same(row, before)]
        self._list.highlighted = same[0] if same else (1 if len(self._shown) > 1 else None)
        self._tell()

    @property
    def _row(self) -> Row | None:
        at = self._list.highlighted
        return self._shown[at] if at is not None and at < len(self._shown) else None

    def _tell(self) -> None:
        self._about.update(text(about(self._row, self._fault), colours(self.app.theme)))

    @on(OptionList.OptionHighlighted)
    def _moved(self) -> None:
        self._close()

    # -- what the person does --------------------------------------------------------

    @on(Input.Changed, "#settings-search")
    def _searched(self) -> None:
        self._close()
        self._fill()

    @on(Input.Submitted, "#settings-search")
    @on(OptionList.OptionSelected)
    def _change(self) -> None:
        """The next of its words, or the field."""
        if (row := self._row) is None:
            return
        if words := values.choices(row.setting):
            at = words.index(row.said) if row.said in words else -1
            self._put(words[(at + 1) % len(words)])
            return
        region = self._list.region
        y = region.y - self.query_one("#settings-box").region.y + self._list.highlighted - self._list.scroll_offset.y  # type: ignore[operator]
        self._field.styles.offset = (VALUE_AT, y - 1)
        self._field.value = "" if row.said == "none" else row.said
        self._field.display = True
        self._field.focus()

    @on(Input.Changed, "#settings-field")
    def _typed(self) -> None:
        if (row := self._row) is None or not self._field.display:
            return
        try:
            values.read(row.setting, self._field.value or "none")
            self._fault = ""
        except TunewrightError as error:
            self._fault = str(error)
        self._field.set_class(bool(self._fault), "-wrong")
        self._tell()

    @on(Input.Submitted, "#settings-field")
    def _taken(self) -> None:
        if not self._fault:
            self._put(self._field.value or "none")

    def _put(self, typed: str) -> None:
        row = self._row
        assert row is not None
        self._close()
        self._attempt(lambda: actions.change(self._app, row.setting, typed, of_study=row.of_study))

    def unset(self) -> None:
        """The default holds again."""
        if (row := self._row) is not None:
            self._close()
            self._attempt(lambda: actions.put(self._app, row.setting, None, of_study=row.of_study, unset=True))

    def _attempt(self, do: Callable[[], None]) -> None:
        try:
            do()
        except TunewrightError as error:
            self._fault = str(error)
        self._fill()

    def _close(self) -> None:
        """Takes the field away."""
        self._fault = ""
        if self._field.display:
            self._field.display = False
            self._search.focus()
        self._tell()

    async def on_key(self, event: events.Key) -> None:
        if event.key in ("up", "down", "pageup", "pagedown") and not self._field.display:
            action = {"up": "cursor_up", "down": "cursor_down", "pageup": "page_up", "pagedown": "page_down"}
            await self._list.run_action(action[event.key])
        elif event.key == "escape" and self._field.display:
            self._close()
        elif event.key == "escape" and self._search.value:
            self._search.value = ""
        else:
            return
        event.stop()
        event.prevent_default()


def matches(row: Row, wanted: str) -> bool:
    """Every word is in its name, what it says of itself, its value, its variable or its flag."""
    setting = row.setting
    whole = f"{setting.name} {setting.key.about} {row.said} {row.origin} {setting.environment} {setting.flag}".lower()
    whole += " study" if row.of_study else " your"
    return all(word in whole for word in wanted.lower().split())


def _same(a: Row, b: Row) -> bool:
    return a.setting is b.setting and a.of_study == b.of_study
