"""A proposal's values as fields, checked against the space at every keystroke."""

from __future__ import annotations

from collections.abc import Mapping

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Input, Label, Static

from agent.study.nouns import Proposal
from agent.tui.actions.words import typed
from agent.tui.text import full_param
from agent.tui.widgets.preview import Preview
from trainers.parameters import CategoricalParameter, NumberParameter, Parameter
from trainers.space import Config, SearchSpace


def hint(parameter: Parameter) -> str:
    """What may be written: `1e-05 … 0.1 log`, `64 | 128`."""
    if isinstance(parameter, CategoricalParameter):
        return " | ".join(full_param(c) for c in parameter.choices)
    if isinstance(parameter, NumberParameter):
        step = f" by {parameter.step:g}" if parameter.step is not None else ""
        return f"{parameter.low:g} … {parameter.high:g}{' log' if parameter.log else ''}{step}"
    return ""


class Editor(Vertical):
    """One line a parameter. Enter takes the values when they fit; escape leaves them; up and down move."""

    class Taken(Message):
        def __init__(self, proposal: Proposal, params: Config) -> None:
            super().__init__()
            self.proposal, self.params = proposal, params

    class Left(Message):
        pass

    def __init__(self, proposal: Proposal, space: SearchSpace, preview: Preview) -> None:
        super().__init__(classes="editor")
        self.proposal = proposal
        self._space, self._preview = space, preview
        self._inputs: dict[str, Input] = {}
        self._verdict = Static("", classes="verdict", markup=False)

    def compose(self) -> ComposeResult:
        wide = max((len(n) for n in self._space.parameters), default=4) + 2
        for name, parameter in self._space.parameters.items():
            value = full_param(self.proposal.params[name]) if name in self.proposal.params else ""
            field = Input(value, compact=True, select_on_focus=False)
            field.cursor_blink = False
            self._inputs[name] = field
            with Horizontal(classes="param"):
                label = Label(name, markup=False)
                label.styles.width = wide
                yield label
                yield field
                yield Label(hint(parameter), classes="hint", markup=False)
        yield self._preview
        yield self._verdict

    def on_mount(self) -> None:
        self._check()
        next(iter(self._inputs.values())).focus()

    def values(self) -> Config:
        """What is written now; an empty field is left out."""
        return {n: typed(n, f.value, self._space) for n, f in self._inputs.items() if f.value.strip()}

    def _check(self) -> list[str]:
        values = self.values()
        problems = self._space.problems(self._space.active(values) if not _unknown(values, self._space) else values)
        wrong = {p.split(" ", 1)[0] for p in problems}
        for name, field in self._inputs.items():
            field.set_class(name in wrong, "-wrong")
        changed = {k: v for k, v in values.items() if self.proposal.params.get(k) != v}
        said = "enter runs your changes" if changed else "enter runs it as it is"
        self._verdict.update("; ".join(problems) if problems else f"{said} · esc leaves it")
        self._verdict.set_class(bool(problems), "-wrong")
        self._preview.show(None if problems else self._space.active(values))
        return problems

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._check()

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if not self._check():
            self.post_message(self.Taken(self.proposal, self._space.active(self.values())))

    def on_key(self, event: events.Key) -> None:
        if event.key == "escape":
            event.stop()
            event.prevent_default()
            self.post_message(self.Left())
        elif event.key in ("up", "down"):
            event.stop()
            event.prevent_default()
            fields = list(self._inputs.values())
            at = next((i for i, f in enumerate(fields) if f.has_focus), 0)
            fields[(at + (1 if event.key == "down" else -1)) % len(fields)].focus()


def _unknown(values: Mapping[str, object], space: SearchSpace) -> bool:
    return any(name not in space.parameters for name in values)
