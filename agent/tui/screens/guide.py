"""The guide of the first run: a script is found, read, tried; its space and goal are agreed; the study is opened."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical, VerticalScroll
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from agent.tui.commands import bindings
from agent.tui.guide import guide_edits, guide_rows, guide_text
from agent.tui.guide.guiding import Guiding
from agent.tui.ink.colours import colours
from agent.tui.screens.page import Page
from agent.tui.text import Part, neutral
from agent.tui.widgets.bar import Bar, Piece
from agent.tui.widgets.click_list import ClickList
from agent.tui.widgets.drawing import text
from agent.tui.widgets.field import Field
from agent.tui.widgets.notice import Notice
from agent.tui.widgets.sheet import Sheet
from trainers.errors import TunewrightError

if TYPE_CHECKING:
    from agent.tui.app import TunewrightApp
    from agent.tui.messages import ModelsFound

_LOOK = 0.2  # seconds between looks at what the thread has left


class GuideScreen(Page):
    """Draws `state`, which outlives it. Each step is a list to choose from, or the words of a try."""

    CSS_PATH = ["../styles/guide.tcss", "../styles/fields.tcss"]  # noqa: RUF012 – as Textual has it
    BINDINGS = [  # noqa: RUF012 – as Textual has it
        *bindings("guide"),
        Binding("enter", "app.command('onward')", show=False),  # where no list takes it
    ]

    def __init__(self, state: Guiding) -> None:
        super().__init__()
        self.state = state
        self.heading, self.keys, self.notice = Bar(classes="heading"), Bar(id="keys"), Notice()
        self.head, self.foot = Static(id="guide-head", markup=False), Static(id="guide-foot", markup=False)
        self.list = ClickList(id="guide-list", markup=False)
        self.sheet = Sheet(lambda width: guide_text.trying(self.state, width))
        self.field = Field("range", "", id="guide-field")
        self.editing = ""  # what the field is for
        self.offers: ModelsFound | None = None
        self._rows: list[str] = []
        self._drawn: object = None

    def compose(self) -> ComposeResult:
        yield self.heading
        with Vertical(id="guide-body"):
            yield self.head
            yield self.list
            with VerticalScroll(id="guide-try"):
                yield self.sheet
            yield self.foot
        yield self.field
        yield self.notice
        yield self.keys

    def on_mount(self) -> None:
        self.call_after_refresh(self.draw)
        self.set_interval(_LOOK, self._look)

    def redraw(self) -> None:
        self.draw(anew=True)

    def on_resize(self) -> None:
        self.call_after_refresh(self.draw, anew=True)

    # -- what is on the screen ------------------------------------------------------------

    def _look(self) -> None:
        self.sheet.redraw()
        key = self._key
        if key != self._drawn:
            self.draw()

    @property
    def _key(self) -> object:
        """What a picture depends on, besides the person's own changes."""
        state = self.state
        return state.step, state.found, state.reading, state.tried, state.busy, state.said

    def draw(self, *, anew: bool = False) -> None:
        """Everything of the present step. The list is filled again only where its rows differ."""
        state = self.state
        self._drawn = self._key
        at = [Piece(content, role, "", 6) for content, role in guide_text.steps(state.step)]
        script = f"  {state.reading.script.name}" if state.reading is not None and state.step != "script" else ""
        self.heading.show([Piece(" GUIDE  ", "title", "", 9), *at], [Piece(f"{neutral(script)} ", "muted", "", 2)])
        self.keys.show(
            [p for key, name, word in guide_rows.keys(state) for p in _piece(key, name, word)],
            _piece("esc", "back", "leave"),
        )
        is_try = state.step == "try"
        self.list.display, self.query_one("#guide-try").display = not is_try, is_try
        self.sheet.redraw()
        desk = cast("TunewrightApp", self.app).desk
        first = desk is not None and desk.study is None
        self._say(self.head, guide_rows.head(state, self._width, first=first))
        self._fill(guide_rows.rows(self.state, self._width), anew=anew)
        self._explain()
        if not self.field.is_open:
            (self.query_one("#guide-try") if is_try else self.list).focus()

    @property
    def _width(self) -> int:
        return max(self.app.size.width - 9, 20)

    def _fill(self, rows: list[tuple[str, list[Part]]], *, anew: bool) -> None:
        names, palette = [name for name, _ in rows], colours(self.app.theme)
        at = self.list.highlighted if names == self._rows else 0
        marked = [[("▸ " if i == at else "  ", "primary"), *parts] for i, (_, parts) in enumerate(rows)]
        prompts = [text(parts, palette, wrap=False) for parts in marked]
        if names == self._rows and not anew:
            for index, prompt in enumerate(prompts):
                self.list.replace_option_prompt_at_index(index, prompt)
            return
        kept = self.list.highlighted if names == self._rows else None
        self._rows = names
        self.list.clear_options()
        self.list.add_options([Option(prompt) for prompt in prompts])
        if rows:
            self.list.highlighted = min(kept or 0, len(rows) - 1)

    def _say(self, where: Static, parts: list[Part]) -> None:
        where.display = bool(parts)
        where.update(text(parts, colours(self.app.theme)))

    def _explain(self) -> None:
        """What is said about the row under the cursor."""
        at = self.list.highlighted
        row = self._rows[at] if at is not None and at < len(self._rows) else ""
        self._say(self.foot, guide_rows.foot(self.state, at, row, self.offers, self._width))

    def offer(self, news: ModelsFound) -> None:
        self.offers = news
        self._explain()

    # -- what a person does ----------------------------------------------------------------

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        self._fill(guide_rows.rows(self.state, self._width), anew=False)  # the mark of the row under the cursor
        self._explain()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        clicked, self.list.clicked = self.list.clicked, False
        if self.state.step == "script":
            self._choose_script(self._rows[event.option_index])
        elif clicked:
            self.choose()
        else:
            self.onward()

    def _choose_script(self, row: str) -> None:
        if row == "demo":
            cast("TunewrightApp", self.app).run_command("demo")
        elif row == "other":
            self.edit("path")
        else:
            self.state.choose(Path(row))
            self.draw()

    def _choose_goal(self, row: str) -> None:
        if row.startswith("metric ") or row == "direction":
            assert self.state.plan is not None
            self.state.plan = guide_edits.chosen_goal(self.state.plan, row)
            self.draw()
        else:
            self.edit(row)

    def onward(self) -> None:
        state = self.state
        match state.step:
            case "script" if self.list.highlighted is not None:
                self._choose_script(self._rows[self.list.highlighted])
            case "try":
                self._onward_from_try()
            case "space":
                assert state.plan is not None
                state.plan.spec()  # says what is wrong before the next step
                state.step = "goal"
                self.draw()
            case "goal":
                guide_edits.write_and_open(cast("TunewrightApp", self.app), state)

    def _onward_from_try(self) -> None:
        state = self.state
        if state.busy or state.reading is None:
            return
        if state.tried is None or state.tried.problem:
            state.start_try()
        else:
            state.make_plan()
        self.draw()

    def step_back(self) -> None:
        if self.state.trying:
            self.state.skip()
        elif not self.state.back():
            self.leave()
        self.draw()

    @property
    def _row(self) -> str:
        """The row under the cursor, where it is one of a space or a goal."""
        at = self.list.highlighted
        return self._rows[at] if self.state.step in ("space", "goal") and at is not None else ""

    def choose(self) -> None:
        """Takes a parameter in or out; makes a metric the objective, or turns its direction round."""
        state, row = self.state, self._row
        if not row or state.plan is None:
            return
        if state.step == "space":
            state.plan = state.plan.toggled(row)
            self.draw()
        else:
            self._choose_goal(row)

    def amend(self) -> None:
        """Opens the field of the row under the cursor."""
        if row := self._row:
            self.edit(f"range {row}") if self.state.step == "space" else self._choose_goal(row)

    def consult(self, model: str) -> None:
        """Has a model read the script beside us."""
        from agent.llm.names import parse_model

        if self.state.step != "space":
            raise TunewrightError("a model is asked at the third step", remedy="There the space stands already.")
        if model in ("", "none"):
            remedy = "Name one: /consult MODEL, or /settings agent.model MODEL."
            raise TunewrightError("no model is set", remedy=remedy)
        app = cast("TunewrightApp", self.app)
        self.state.ask_model(app.store_path, parse_model(model).text)
        self.draw()

    def skip(self) -> None:
        if self.state.step == "try":
            self.state.skip()
            self.draw()

    # -- editing in place -------------------------------------------------------------------

    def edit(self, what: str) -> None:
        """Opens the field for `range NAME`, `trials`, `trial_time`, `name` or `path`."""
        self.editing = what
        self.field.query_one("Label", Static).update(f" {neutral(what.removeprefix('range '))} ")
        self.field.open(guide_edits.value_of(self.state, what))

    def on_field_changed(self, event: Field.Changed) -> None:
        event.stop()
        try:
            guide_edits.edited(self.state, self.editing, event.value)
        except TunewrightError as error:
            self._say(self.foot, [(f"✗ {neutral(str(error))}", "bad")])
        else:
            self._say(self.foot, [("✓ enter takes it", "good")])

    def on_field_taken(self, event: Field.Taken) -> None:
        event.stop()
        try:
            guide_edits.take(self.state, self.editing, event.value)
        except TunewrightError as error:
            self._say(self.foot, [(f"✗ {neutral(str(error))}", "bad")])
            return
        self.close_field()

    def on_field_left(self, event: Field.Left) -> None:
        event.stop()
        self.close_field()

    def close_field(self) -> None:
        self.field.close()
        self.editing = ""
        self.draw()


def _piece(key: str, name: str, word: str) -> list[Piece]:
    return [Piece(f" {key}", "primary", name, 5), Piece(f" {word} ", "muted", name, 5)]
