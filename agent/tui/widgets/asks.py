"""What the agent asks for besides proposals: another space or budget, a stop, money. Nothing happens unasked."""

from __future__ import annotations

from collections.abc import Callable

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical

from agent.study import action_words
from agent.study.nouns import Action
from agent.tui.ink.colours import colours
from agent.tui.model import StudyModel
from agent.tui.requests import Request, SettleAction
from agent.tui.talk.marks import marked
from agent.tui.text import Part, neutral
from agent.tui.widgets.drawing import text
from agent.tui.widgets.field import Field
from agent.tui.widgets.linked import Linked
from agent.tui.widgets.waiting_card import WaitingCard
from trainers.errors import TunewrightError


class Asks(WaitingCard):
    """Shows one of the waiting actions whole."""

    def __init__(self, clock: Callable[[], float], send: Callable[[Request], None]) -> None:
        super().__init__(clock, "asks")
        self._send = send
        self._model: StudyModel | None = None
        self._at: int | None = None
        self._sent: set[int] = set()
        self._body = Linked()
        self._reason = Field("reason", "optional; enter declines, escape keeps it", id="ask-reason")

    def compose(self) -> ComposeResult:
        yield Vertical(self._body, self._reason)

    @property
    def waiting(self) -> list[Action]:
        """Those not settled on this screen, oldest first."""
        return [a for a in self._model.actions if a.id not in self._sent] if self._model is not None else []

    @property
    def shown(self) -> Action | None:
        return next((a for a in self.waiting if a.id == self._at), None)

    def update(self, model: StudyModel) -> None:
        self._model = model
        self._sent &= {a.id for a in model.actions}
        if self.shown is None:
            waiting = self.waiting
            self._at = waiting[0].id if waiting else None
            self._reason.close()
            self.changed()
            if self._at is None:
                self.give_up_focus()
        self.redraw()

    def redraw(self) -> None:
        action, model = self.shown, self._model
        self.display = action is not None
        if action is None or model is None:
            return
        others = len(self.waiting) - 1
        self.border_title = f"{action_words.asker(action).upper()} ASKS · {action_words.title(action)}"
        self.border_subtitle = f"{others} more" if others else ""
        parts = self._line(action) if self.collapsed else self._card(action, model)
        self._body.update(text(parts, colours(self.app.theme), wrap=not self.collapsed))

    def _line(self, action: Action) -> list[Part]:
        key = self.tunewright.key_name("proposal")
        return [
            ("◆ ", "ask+bold"),
            (f"{action_words.asker(action)} asks: {action_words.title(action)}", "text"),
            (f"  {key}", "muted"),
        ]

    def _card(self, action: Action, model: StudyModel) -> list[Part]:
        parts: list[Part] = []
        for line in action_words.details(action, model.spec):
            parts += [(neutral(line), "strong"), ("\n", "")]
        if action.reason:
            parts += [("why  ", "muted")] * bool(parts)
            parts += [*marked(neutral(action.reason)), ("\n", "")]
        return [*parts, *self.key_parts(("approve", "reject"))]

    # -- what the person does --------------------------------------------------------

    def settle(self, *, approve: bool, reason: str = "") -> None:
        """Settles the action shown. Raises TunewrightError while it has not been there long enough to be meant."""
        action = self.shown
        if action is None:
            raise TunewrightError("the agent asks for nothing")
        self.check_meant("this")
        self._sent.add(action.id)
        self._send(SettleAction(action.id, approve, reason))
        if self._model is not None:
            self.update(self._model)

    def ask_reason(self) -> None:
        self._reason.open()

    def refused(self) -> None:
        """Something was not taken by the store: whatever still waits is shown again."""
        self._sent.clear()
        if self._model is not None:
            self.update(self._model)

    @on(Field.Taken)
    def _reason_taken(self, event: Field.Taken) -> None:
        event.stop()
        self._reason.close()
        self.focus()
        if self.shown is not None:
            self.tunewright.attempt(lambda: self._decline(event.value.strip()))

    def _decline(self, reason: str) -> None:
        self.deliberate()
        self.settle(approve=False, reason=reason)

    @on(Field.Left)
    def _reason_left(self, event: Field.Left) -> None:
        event.stop()
        self._reason.close()
        self.focus()
