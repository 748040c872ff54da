"""The proposals that wait. A card that appears never takes the focus, and no letter is consent by accident."""

from __future__ import annotations

from collections.abc import Callable

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical

from agent.study.nouns import Proposal
from agent.tui.ink.colours import colours
from agent.tui.ink.wording import WORDING
from agent.tui.model import StudyModel
from agent.tui.requests import Approve, Propose, Reject, Request
from agent.tui.talk.behind import Behind, look_up
from agent.tui.text import Part
from agent.tui.widgets.card_text import card_parts, line_parts, places
from agent.tui.widgets.drawing import text
from agent.tui.widgets.editor import Editor
from agent.tui.widgets.field import Field
from agent.tui.widgets.linked import Linked
from agent.tui.widgets.preview import Preview
from agent.tui.widgets.waiting_card import WaitingCard
from agent.weighing.weigh import Scales, Weighed
from trainers.errors import TunewrightError


class Cards(WaitingCard):
    """Shows one of the waiting proposals whole, and which of how many it is. `send` takes the person's decisions."""

    def __init__(self, clock: Callable[[], float], send: Callable[[Request], None]) -> None:
        super().__init__(clock, "cards")
        self._send = send
        self._model: StudyModel | None = None
        self._at: int | None = None  # id of the proposal shown
        self._seen: Proposal | None = None  # shown last, and waiting when last heard of
        self._sent: set[int] = set()  # decided here, not yet confirmed by the store
        self._scales = Scales(WORDING)
        self._weighed: tuple[object, Weighed] | None = None
        self._behind: tuple[object, Behind] = (None, Behind())  # what it is about, and what is known of that
        self._body = Linked(id="card-body")
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
        self.tunewright.complain(TunewrightError(f"proposal {proposal.number} is already {said}"))

    def _turn_to(self, proposal_id: int | None) -> None:
        if proposal_id != self._at:
            self._at = proposal_id
            self._reason.close()
            self.scroll_home(animate=False)
            self.changed()
        if proposal_id is None:
            self.give_up_focus()

    def redraw(self) -> None:
        proposal, model = self.shown, self._model
        self._seen = proposal or self._seen
        self.display = proposal is not None or self._editor is not None
        if proposal is None or model is None or self._editor is not None:
            return
        weighed, waiting = self._weigh(proposal, model), self.waiting
        others = len(waiting) - 1
        self.border_title = f"PROPOSAL {proposal.number} · {proposal.source} · waits for you"
        self.border_subtitle = f"{waiting.index(proposal) + 1} of {len(waiting)} · {others} more wait" if others else ""
        if self.collapsed:
            parts = line_parts(proposal, weighed, others, self._inner_width)
        else:
            parts = card_parts(proposal, weighed, model, self._known(proposal, model), self._keys(), self._inner_width)
        self._body.update(text(parts, colours(self.app.theme), wrap=not self.collapsed))

    def _weigh(self, proposal: Proposal, model: StudyModel) -> Weighed:
        key = (proposal.id, model.shape, round(model.standing.spent_seconds / 10))
        if self._weighed is None or self._weighed[0] != key:
            self._weighed = (key, self._scales.weigh(proposal, model.known))
        return self._weighed[1]

    def _known(self, proposal: Proposal, model: StudyModel) -> Behind:
        """What is known of it by now; what is not is looked up, and the card drawn again."""
        key = (proposal.id, model.shape, model.spec.engine.price_per_gpu_hour)
        before, known = self._behind
        if before != key and (desk := self.tunewright.desk) is not None:
            self._behind = (key, known if isinstance(before, tuple) and before[0] == proposal.id else Behind())
            desk.errand(look_up(proposal), lambda found: self._take_behind(key, found))
        return self._behind[1]

    def _take_behind(self, key: object, found: Behind) -> None:
        if self._behind[0] == key and self._behind[1] != found:
            self._behind = (key, found)
            self.redraw()

    @property
    def _inner_width(self) -> int:
        """Cells for the card's text, before it has been laid out as well."""
        return self._body.size.width or max(self.screen.size.width // 2 - 8, 40)

    def _keys(self) -> list[Part]:
        turn: list[Part] = [("←→\u00a0turn", "muted")] if len(self.waiting) > 1 else []
        return self.key_parts(("approve", "edit", "reject", "reasons"), turn)

    # -- what the person does --------------------------------------------------------

    def focus_next(self) -> None:
        """Takes the focus; where it is already, turns to the next proposal."""
        if not self.waiting:
            standing = self._model.standing.reason if self._model is not None else ""
            raise TunewrightError("no proposal waits" + (f": {standing}" if standing else ""))
        if self.has_focus_within:
            self.turn(1)
        elif self._editor is None:
            self.focus()

    def turn(self, by: int) -> None:
        """Shows the next proposal that waits, or the one before. Raises TunewrightError when there is no other."""
        ids = [p.id for p in self.waiting]
        if self.editing:
            return
        if not ids:
            raise TunewrightError("no proposal waits")
        self._turn_to(ids[(ids.index(self._at) + by) % len(ids)] if self._at in ids else ids[0])
        self.redraw()

    def meant(self) -> Proposal:
        """The proposal shown. Raises TunewrightError while it has not been there long enough to be meant."""
        proposal = self.shown
        if proposal is None:
            raise TunewrightError("no proposal waits")
        self.check_meant(f"proposal {proposal.number}")
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

    def on_key(self, event: events.Key) -> None:
        """A digit follows a piece of evidence."""
        shown = places(self.shown) if self.shown is not None and not self.editing else []
        if event.key.isdigit() and 0 < int(event.key) <= len(shown):
            event.stop()
            self.tunewright.follow_link(shown[int(event.key) - 1][1].partition("#")[2])

    # -- editing and rejecting in place ------------------------------------------------

    def edit(self, proposal: Proposal) -> None:
        """Opens the fields of a proposal."""
        if self._model is None or self._editor is not None:
            return
        self._turn_to(proposal.id)
        preview = Preview(proposal, self._model, self._scales, self._known(proposal, self._model))
        self._editor = Editor(proposal, self._model.spec.space, preview)
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
        self.changed()
        self.focus()
        if self._model is not None:
            self.update(self._model)

    def ask_reason(self, proposal: Proposal) -> None:
        self._turn_to(proposal.id)
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
