"""What the agent asks for besides proposals: another space or budget, a stop, money. Nothing happens unasked."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Static

from agent.study import action_words
from agent.study.nouns import Action
from agent.tui.colours import colours
from agent.tui.commands import BY_NAME, bindings
from agent.tui.model import StudyModel
from agent.tui.requests import Request, SettleAction
from agent.tui.text import Part, neutral
from agent.tui.widgets.drawing import text
from agent.tui.widgets.field import Field
from trainers.errors import TunewrightError

if TYPE_CHECKING:
    from agent.tui.app import TunewrightApp

GRACE = 0.5  # seconds for which a card that was just focused or changed takes no letter


class Asks(VerticalScroll, can_focus=True):
    """Shows one of the waiting actions whole. Like a proposal's card it never takes the focus, and a letter acts
    only once the card has stood still under the focus."""

    BINDINGS = bindings("card")

    def __init__(self, clock: Callable[[], float], send: Callable[[Request], None]) -> None:
        super().__init__(id="asks")
        self._clock, self._send = clock, send
        self._model: StudyModel | None = None
        self._at: int | None = None
        self._since = self._focused_at = 0.0
        self._sent: set[int] = set()
        self._body = Static()
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
            self._at, self._since = (waiting[0].id if waiting else None), self._clock()
            self._reason.close()
            self.set_timer(GRACE + 0.02, self.redraw)
            if self._at is None and self.has_focus_within:
                cast("TunewrightApp", self.app).study.composer.focus()
        self.redraw()

    def redraw(self) -> None:
        action, model = self.shown, self._model
        self.display = action is not None
        if action is None or model is None:
            return
        others = len(self.waiting) - 1
        self.border_title = f"THE AGENT ASKS · {action_words.title(action)}"
        self.border_subtitle = f"{others} more" if others else ""
        parts = self._line(action) if self.collapsed else self._card(action, model)
        self._body.update(text(parts, colours(self.app.theme), wrap=not self.collapsed))

    @property
    def collapsed(self) -> bool:
        return self.screen.has_class("-narrow") and not self.has_focus_within

    def _line(self, action: Action) -> list[Part]:
        key = cast("TunewrightApp", self.app).key_name("proposal")
        return [("◆ ", "ask+bold"), (f"the agent asks: {action_words.title(action)}", "text"), (f"  {key}", "muted")]

    def _card(self, action: Action, model: StudyModel) -> list[Part]:
        parts: list[Part] = []
        for line in action_words.details(action, model.spec):
            parts += [(neutral(line), "strong"), ("\n", "")]
        if action.reason:
            parts += [("why  ", "muted")] * bool(parts)
            parts += [(neutral(action.reason), "text"), ("\n", "")]
        return [*parts, *self._keys()]

    def _keys(self) -> list[Part]:
        app = cast("TunewrightApp", self.app)
        if not self.has_focus_within:
            return [(f"{app.key_name('proposal')} ", "strong"), ("to decide", "muted")]
        ready = self._stood() >= GRACE
        parts: list[Part] = []
        for name in ("approve", "reject"):
            parts += [(app.key_name(name), "ask+bold" if ready else "faint")]
            parts += [(f" {BY_NAME[name].short}   ", "text" if ready else "faint")]
        return parts

    def _stood(self) -> float:
        return self._clock() - max(self._since, self._focused_at)

    # -- what the person does --------------------------------------------------------

    def settle(self, *, approve: bool, reason: str = "") -> None:
        """Settles the action shown. Raises TunewrightError while it has not been there long enough to be meant."""
        action = self.shown
        if action is None:
            raise TunewrightError("the agent asks for nothing")
        if self._stood() < GRACE:
            raise TunewrightError("this has only just appeared here", remedy="Look at it, then press the key again.")
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
            cast("TunewrightApp", self.app).attempt(lambda: self._decline(event.value.strip()))

    def _decline(self, reason: str) -> None:
        self._focused_at = min(self._focused_at, self._clock() - GRACE)  # writing a reason is meaning it
        self.settle(approve=False, reason=reason)

    @on(Field.Left)
    def _reason_left(self, event: Field.Left) -> None:
        event.stop()
        self._reason.close()
        self.focus()

    def on_focus(self) -> None:
        self._focused_at = self._clock()
        self.set_timer(GRACE + 0.02, self.redraw)
        self.redraw()

    def on_blur(self) -> None:
        self.redraw()

    def on_descendant_blur(self) -> None:
        self.redraw()

    def on_resize(self) -> None:
        self.redraw()
