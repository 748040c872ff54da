"""The proposals that wait. A card that appears never takes the focus, and no letter is consent by accident."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.events import Resize
from textual.widgets import Static

from agent.study.nouns import Proposal
from agent.tui.colours import colours
from agent.tui.commands import BY_NAME, bindings
from agent.tui.model import StudyModel
from agent.tui.requests import Approve, Propose, Reject, Request
from agent.tui.text import Part
from agent.tui.weigh import Weighed, weigh
from agent.tui.widgets.card_text import card_parts, line_parts
from agent.tui.widgets.drawing import text
from agent.tui.widgets.editor import Editor
from agent.tui.widgets.field import Field
from agent.tui.widgets.resized import Resized
from trainers.errors import TunewrightError

if TYPE_CHECKING:
    from agent.tui.app import TunewrightApp

GRACE = 0.5  # seconds for which a card that was just focused or changed takes no letter


class Cards(Resized, VerticalScroll, can_focus=True):
    """Shows one of the waiting proposals whole, and says how many others wait.

    `clock` counts seconds; `send` takes the person's decisions.
    """

    BINDINGS = bindings("card")

    def __init__(self, clock: Callable[[], float], send: Callable[[Request], None]) -> None:
        super().__init__(id="cards")
        self._clock, self._send = clock, send
        self._model: StudyModel | None = None
        self._at: int | None = None  # id of the proposal shown
        self._since = 0.0  # when what is shown last changed
        self._focused_at = 0.0
        self._seen: Proposal | None = None  # shown last, and waiting when last heard of
        self._sent: set[int] = set()  # decided here, not yet confirmed by the store
        self._weighed: tuple[object, Weighed] | None = None
        self._body = Static(id="card-body")
        self._reason = Field("reason", "optional; enter rejects, escape keeps it", id="reason")
        self._editor: Editor | None = None

    def compose(self) -> ComposeResult:
        yield Vertical(self._body, self._reason, id="card")

    # -- what is shown -------------------------------------------------------------

    @property
    def waiting(self) -> list[Proposal]:
        """Pending ones not decided on this screen, oldest first."""
        return [p for p in self._model.pending if p.id not in self._sent] if self._model is not None else []

    @property
    def shown(self) -> Proposal | None:
        return next((p for p in self.waiting if p.id == self._at), None)

    @property
    def editing(self) -> bool:
        """Whether letters go into fields now."""
        return self._editor is not None or self._reason.is_open

    @property
    def settled(self) -> bool:
        """Whether the card has stood still under the focus long enough for a letter to be meant."""
        return self._clock() - max(self._since, self._focused_at) >= GRACE

    def update(self, model: StudyModel) -> None:
        """Shows what waits now. What is being edited stays, whatever happens to its proposal."""
        self._model = model
        waiting_ids = {p.id for p in model.pending}
        if self._seen is not None and self._seen.id not in waiting_ids:
            self._say_settled(self._seen, model)
            self._seen = None
        self._sent &= waiting_ids
        if self._editor is not None:
            return
        if self.shown is None:
            waiting = self.waiting
            self._turn_to(waiting[0].id if waiting else None)
        self.redraw()

    def _say_settled(self, proposal: Proposal, model: StudyModel) -> None:
        """The person was about to decide, and another front or the policy has: they should not wonder where it went."""
        if proposal.id in self._sent or not self.has_focus_within:
            return
        trial = next((t for t in model.trials.values() if t.proposal_id == proposal.id), None)
        said = "settled" if trial is None else f"approved: it is t{trial.number}"
        cast("TunewrightApp", self.app).complain(TunewrightError(f"proposal {proposal.number} is already {said}"))

    def _turn_to(self, proposal_id: int | None) -> None:
        if proposal_id != self._at:
            self._at, self._since = proposal_id, self._clock()
            self._reason.close()
            self.scroll_home(animate=False)
            self.set_timer(GRACE + 0.02, self.redraw)
        if proposal_id is None and self.has_focus_within:
            cast("TunewrightApp", self.app).study.composer.focus()

    def redraw(self) -> None:
        """Writes the card anew: it has the focus or lost it, its width or the theme has changed."""
        proposal, model = self.shown, self._model
        self._seen = proposal or self._seen
        self.display = proposal is not None or self._editor is not None
        if proposal is None or model is None or self._editor is not None:
            return
        key = (proposal.id, model.shape)
        if self._weighed is None or self._weighed[0] != key:
            self._weighed = (key, weigh(proposal, model))
        weighed, others = self._weighed[1], len(self.waiting) - 1
        self.border_title = f"PROPOSAL {proposal.number} · {proposal.source} · waits for you"
        self.border_subtitle = f"{others} more wait" if others else ""
        if self.collapsed:
            parts = line_parts(proposal, weighed, others, self._inner_width)
        else:
            parts = card_parts(proposal, weighed, model, self._keys(), self._inner_width)
        self._body.update(text(parts, colours(self.app.theme), wrap=not self.collapsed))

    @property
    def _inner_width(self) -> int:
        """Cells for the card's text, before it has been laid out as well."""
        return self._body.size.width or max(self.screen.size.width // 2 - 8, 40)

    def on_resize(self, event: Resize) -> None:
        self.redraw()

    @property
    def collapsed(self) -> bool:
        """One line, where the screen is narrow and the card is not being decided on."""
        return self.screen.has_class("-narrow") and not self.has_focus_within

    def _keys(self) -> list[Part]:
        if not self.has_focus_within:
            key = cast("TunewrightApp", self.app).key_name("proposal")
            return [(f"{key} ", "strong"), ("to decide", "muted")]
        ready = self.settled
        parts: list[Part] = []
        for name in ("approve", "edit", "reject"):
            key = cast("TunewrightApp", self.app).key_name(name)
            parts += [
                (f"{key}", "ask+bold" if ready else "faint"),
                (f" {BY_NAME[name].short}   ", "text" if ready else "faint"),
            ]
        return parts

    # -- what the person does --------------------------------------------------------

    def focus_next(self) -> None:
        """Takes the focus; where it is already, turns to the next proposal."""
        waiting = self.waiting
        if not waiting:
            standing = self._model.standing.reason if self._model is not None else ""
            raise TunewrightError("no proposal waits" + (f": {standing}" if standing else ""))
        if self.has_focus_within and self._editor is None:
            ids = [p.id for p in waiting]
            self._turn_to(ids[(ids.index(self._at) + 1) % len(ids)] if self._at in ids else ids[0])
            self.redraw()
        elif self._editor is None:
            self.focus()

    def meant(self) -> Proposal:
        """The proposal shown. Raises TunewrightError while it has not been there long enough to be meant."""
        proposal = self.shown
        if proposal is None:
            raise TunewrightError("no proposal waits")
        stood = self._clock() - (max(self._since, self._focused_at) if self.has_focus_within else self._since)
        if stood < GRACE:
            raise TunewrightError(
                f"proposal {proposal.number} has only just appeared here",
                remedy="Look at it, then press the key again.",
            )
        return proposal

    def approve(self, proposal: Proposal, params: dict[str, object] | None = None) -> None:
        if params is not None and self._model is not None:
            params = self._model.spec.space.validate(params)
        self._settle(proposal, Approve(proposal.id, params))

    def reject(self, proposal: Proposal, reason: str = "") -> None:
        self._settle(proposal, Reject(proposal.id, reason))

    def refused(self) -> None:
        """A decision was not taken by the store: whatever still waits is shown again."""
        self._sent.clear()
        if self._model is not None:
            self.update(self._model)

    def _settle(self, proposal: Proposal, request: Request) -> None:
        self._sent.add(proposal.id)
        self._send(request)
        if self._model is not None:
            self.update(self._model)

    # -- editing and rejecting in place ------------------------------------------------

    def edit(self, proposal: Proposal) -> None:
        """Opens the fields of a proposal."""
        if self._model is None or self._editor is not None:
            return
        self._at = proposal.id
        self._editor = Editor(proposal, self._model.spec.space)
        self.border_title = f"PROPOSAL {proposal.number} · edit"
        self._body.display = False
        self.query_one("#card").mount(self._editor)
        self.redraw()

    @on(Editor.Taken)
    def _edited(self, event: Editor.Taken) -> None:
        event.stop()
        waits = any(p.id == event.proposal.id for p in self.waiting)
        self._end_edit()
        if waits:
            self._settle(event.proposal, Approve(event.proposal.id, event.params))
        else:  # settled by somebody else meanwhile: the values are the person's own proposal
            self._send(Propose(event.params, f"after proposal {event.proposal.number}"))

    @on(Editor.Left)
    def _edit_left(self, event: Editor.Left) -> None:
        event.stop()
        self._end_edit()

    def _end_edit(self) -> None:
        if self._editor is not None:
            self._editor.remove()
            self._editor = None
        self._body.display = True
        self._since = self._clock()
        self.focus()
        if self._model is not None:
            self.update(self._model)
        self.set_timer(GRACE + 0.02, self.redraw)

    def ask_reason(self, proposal: Proposal) -> None:
        self._at = proposal.id
        self._reason.open()

    @on(Field.Taken)
    def _reason_taken(self, event: Field.Taken) -> None:
        event.stop()
        proposal = self.shown
        self._reason.close()
        self.focus()
        if proposal is not None:
            self.reject(proposal, event.value.strip())

    @on(Field.Left)
    def _reason_left(self, event: Field.Left) -> None:
        event.stop()
        self._reason.close()
        self.focus()

    # -- focus ---------------------------------------------------------------------------

    def on_focus(self) -> None:
        self._focused_at = self._clock()
        self.set_timer(GRACE + 0.02, self.redraw)
        self.redraw()

    def on_blur(self) -> None:
        self.redraw()

    def on_descendant_blur(self) -> None:
        self.redraw()
