"""What may run without asking: four policies and the stops of each, for this study only."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Input, Label, OptionList, Static
from textual.widgets.option_list import Option

from agent.study.policy import Policy, PolicyKind
from agent.tui.ink.colours import colours
from agent.tui.screens.page import Page
from agent.tui.text import Part
from agent.tui.widgets.drawing import text
from agent.tui.widgets.page_input import PageInput

if TYPE_CHECKING:
    from agent.tui.app import TunewrightApp

_SAID = {
    PolicyKind.ASK: "every proposal waits for you",
    PolicyKind.ASK_UNLESS_SAFE: "runs what is near a trial that completed, asks for the rest",
    PolicyKind.AUTO_UNTIL: "runs everything until one of its stops, then asks",
    PolicyKind.WATCH: "runs everything until the budget is spent",
}
_STOPS: dict[str, tuple[str, ...]] = {
    PolicyKind.ASK: (),
    PolicyKind.ASK_UNLESS_SAFE: ("nearness",),
    PolicyKind.AUTO_UNTIL: ("trials", "target", "failures"),
    PolicyKind.WATCH: (),
}
_HINTS = {
    "trials": "in all, earlier ones included",
    "target": "once a trial reaches this value",
    "failures": "in a row",
    "nearness": "how far from a completed trial is safe, 0 to 1",
}


class PolicyScreen(Page):
    """Up and down choose, enter takes; tab goes to the stops; escape leaves it as it was."""

    CSS_PATH = ["../styles/fields.tcss", "../styles/pages.tcss"]  # noqa: RUF012

    def __init__(self, policy: Policy) -> None:
        super().__init__()
        self._policy = policy
        self._fields = {name: PageInput(compact=True, select_on_focus=False) for name in _HINTS}

    def compose(self) -> ComposeResult:
        with Vertical(id="policy-box"):
            yield OptionList(*(Option(_said(k, self.app.theme), id=str(k)) for k in PolicyKind), id="kinds")
            for name, field in self._fields.items():
                field.cursor_blink = False
                value = getattr(self._policy, name)
                field.value = "" if value is None else f"{value:g}"
                with Horizontal(classes="param", id=f"stop-{name}"):
                    yield Label(f"  {name:<9} ", markup=False)
                    yield field
                    yield Label(_HINTS[name], classes="hint", markup=False)
            yield Static(id="policy-verdict", markup=False)

    def on_mount(self) -> None:
        box = self.query_one("#policy-box")
        box.border_title = "Policy: what runs without asking, in this study"
        key = cast("TunewrightApp", self.app).key_name("ask")
        box.border_subtitle = f"enter takes · esc leaves · {key} asks again, any time"
        kinds = self.query_one(OptionList)
        kinds.highlighted = [str(k) for k in PolicyKind].index(str(self._policy.kind))
        kinds.focus()

    def redraw(self) -> None:
        for index, kind in enumerate(PolicyKind):
            self.query_one(OptionList).replace_option_prompt_at_index(index, _said(kind, self.app.theme))

    @property
    def _kind(self) -> str:
        return str(list(PolicyKind)[self.query_one(OptionList).highlighted or 0])

    @on(OptionList.OptionHighlighted)
    def _highlighted(self) -> None:
        for name in _HINTS:
            self.query_one(f"#stop-{name}").display = name in _STOPS[self._kind]

    @on(OptionList.OptionSelected)
    @on(Input.Submitted)
    def _taken(self) -> None:
        given = {n: self._fields[n].value.strip() for n in _STOPS[self._kind]}
        words = " ".join(f"{n}={v or 'none'}" for n, v in given.items() if v or n == "failures")
        from agent.tui.actions.policy import parse
        from trainers.errors import TunewrightError

        try:
            parse(f"{self._kind} {words}")
        except TunewrightError as error:
            self.query_one("#policy-verdict", Static).update(str(error))
            return
        self.leave()
        self.app.call_later(cast("TunewrightApp", self.app).run_command, "policy", f"{self._kind} {words}")


def _said(kind: PolicyKind, theme: str) -> Text:
    parts: list[Part] = [(f"{kind:<16}", "strong"), (_SAID[kind], "muted")]
    return text(parts, colours(theme))
