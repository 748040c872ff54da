"""The studies as a list: sorted, filtered as one types, each with what became of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from agent.tui.commands import bindings
from agent.tui.ink.colours import Colours, colours
from agent.tui.messages import StudyLine
from agent.tui.text import Part, fit, neutral, number, plural, seconds
from agent.tui.widgets.bar import Bar, Piece
from agent.tui.widgets.drawing import text
from agent.tui.widgets.field import Field

_STATES = {
    "running": ("▶", "run"),
    "queued": ("○", "muted"),
    "completed": ("✓", "good"),
    "failed": ("✗", "bad"),
    "pruned": ("◇", "muted"),
    "stopped": ("■", "ask"),
}
ORDERS: dict[str, Callable[[StudyLine], object]] = {
    "changed": lambda line: -line.changed,
    "name": lambda line: line.name.lower(),
    "best": lambda line: (line.best is None, line.metric, line.best),
    "trials": lambda line: -sum(line.states.values()),
    "cost": lambda line: (-line.money, -line.busy),
}


class Options(OptionList):
    BINDINGS = bindings("studies")


class StudiesList(Vertical):
    """Enter opens; what is told again keeps the cursor on its study."""

    DEFAULT_CSS = "StudiesList { height: 1fr; }"

    class Opened(Message):
        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

    def __init__(self, now: Callable[[], float]) -> None:
        super().__init__()
        self._now = now
        self._lines: tuple[StudyLine, ...] = ()
        self._shown: list[StudyLine] = []
        self._order, self._words, self._all = "changed", "", False
        self.stand_on: str | None = None  # the study to put the cursor on, once
        self.heading = Bar(classes="heading")
        self.field = Field("filter", "words", id="studies-filter")
        self.options = Options(id="studies-list", markup=False)

    def compose(self) -> ComposeResult:
        yield self.heading
        yield self.field
        yield self.options

    def focus_list(self) -> None:
        self.call_after_refresh(self.options.focus)

    @property
    def chosen(self) -> str | None:
        at = self.options.highlighted
        return self._shown[at].name if at is not None and at < len(self._shown) else None

    def fill(self, lines: Sequence[StudyLine]) -> None:
        """Shows them, the cursor on the study it was on."""
        before = self.chosen
        self._lines = tuple(lines)
        words = self._words.lower().split()
        kept = [line for line in self._lines if (self._all or not line.archived) and _holds(line, words)]
        self._shown = sorted(kept, key=ORDERS[self._order])  # type: ignore[arg-type]
        palette, now = colours(self.app.theme), self._now()
        self.options.clear_options()
        self.options.add_options([Option(described(line, now, palette)) for line in self._shown])
        names = [line.name for line in self._shown]
        if self.stand_on in names:
            before, self.stand_on = self.stand_on, None
        if names:
            self.options.highlighted = names.index(before) if before in names else 0
        self._head()

    def redraw(self) -> None:
        self.fill(self._lines)

    def _head(self) -> None:
        hidden = sum(line.archived for line in self._lines) if not self._all else 0
        left = [Piece(f" sort {self._order} ", "muted", "order", 8)]
        left += [Piece(f" filter {self._words} ", "ask", "sift", 7)] if self._words else []
        right = [Piece(f" {plural(hidden, 'study').replace('studys', 'studies')} put away ", "muted", "archived", 5)]
        self.heading.show(left, right if hidden else [])

    # -- what the person does ----------------------------------------------------

    def ask_filter(self) -> None:
        self.field.open(self._words)

    def sort_next(self) -> None:
        names = list(ORDERS)
        self._order = names[(names.index(self._order) + 1) % len(names)]
        self.fill(self._lines)

    def toggle_archived(self) -> None:
        self._all = not self._all
        self.fill(self._lines)

    @on(Field.Changed)
    def _typed(self, event: Field.Changed) -> None:
        event.stop()
        self._words = event.value
        self.fill(self._lines)

    @on(Field.Taken)
    def _taken(self, event: Field.Taken) -> None:
        event.stop()
        self.field.close()
        self.options.focus()

    @on(Field.Left)
    def _left(self, event: Field.Left) -> None:
        event.stop()
        self._words = ""
        self.field.close()
        self.fill(self._lines)
        self.options.focus()

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.post_message(self.Opened(self._shown[event.option_index].name))


def _holds(line: StudyLine, words: Sequence[str]) -> bool:
    said = f"{line.name} {line.trainer} {line.task} {line.policy} {line.metric}".lower()
    return all(word in said for word in words)


def described(line: StudyLine, now: float, palette: Colours) -> Text:
    """Name, task and best; trials by state, cost, policy and last change; what went on while nobody looked."""
    task = f"{line.trainer} {line.task}".strip()
    parts: list[Part] = [(fit(neutral(line.name), 28), "strong"), (" " + fit(neutral(task), 28), "text")]
    if line.best is not None:
        parts += [(f" ★ {line.metric} ", "best"), (number(line.best), "strong")]
    parts += [("  put away", "ask")] if line.archived else []
    parts.append(("\n", ""))
    parts.append((fit(plural(sum(line.states.values()), "trial"), 12), "muted"))
    for state, (glyph, role) in _STATES.items():
        if line.states.get(state):
            parts.append((f"{glyph} {line.states[state]} {state}  ", role))
    if line.pending:
        parts.append((f"◆ {line.pending} ask  ", "ask"))
    facts = [f"changed {seconds(max(now - line.changed, 0.0)) or '0s'} ago"]
    facts += [f"took {seconds(line.busy)}{f' and ${line.money:.2f}' if line.money else ''}"] if line.busy else []
    facts += [f"policy {line.policy}"] if line.policy else []
    parts.append((f"\n{'  ·  '.join(facts)}", "faint"))
    if line.away:
        parts.append((f"\n  while you were away: {line.away}", "primary"))
    return text(parts, palette, wrap=False)
