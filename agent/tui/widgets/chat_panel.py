"""CHAT: a heading with how the study stands, the blocks, what the advisor says now."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, cast

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from agent.study.nouns import Turn, TurnState
from agent.tui.ink.colours import colours
from agent.tui.messages import Note, Standing
from agent.tui.model import StudyModel
from agent.tui.talk import questions, said
from agent.tui.talk.notes import about_explained, without_repeats
from agent.tui.text import neutral
from agent.tui.widgets.bar import Bar, Piece
from agent.tui.widgets.chat import Chat
from agent.tui.widgets.drawing import text
from agent.tui.widgets.lines import Line
from agent.tui.widgets.linked import Linked
from trainers.errors import TunewrightError

if TYPE_CHECKING:
    from agent.tui.app import TunewrightApp
    from agent.tui.back.journal import Place, Stretch

_STATES = {"running": ("▶", "run"), "waiting": ("◆", "ask"), "finished": ("✓", "good"), "idle": ("○", "muted")}


class ChatPanel(Vertical):
    """The chat's place: notes of what happened, and what the person and the agent say."""

    def __init__(self) -> None:
        super().__init__(id="chat-panel")
        self.heading = Bar(classes="heading")
        self.lines = Chat()
        self.advice = Static(id="advice")
        self.questions = Linked(id="questions")
        self.offered: tuple[str, ...] = ()
        self._advised = ("", "")  # advice and theme
        self._notes: list[Note] = []
        self._turns: dict[int, Turn] = {}
        self._place: Place | None = None
        self.explaining: int | None = None  # the trial the person last asked about
        self._reading = False  # what came before is on its way

    def compose(self) -> ComposeResult:
        yield self.heading
        yield self.lines
        yield self.advice
        yield self.questions

    def load(self, notes: Sequence[Note], turns: Iterable[Turn], place: Place | None = None) -> None:
        """Notes and turns, in the order of their times; `place` is where they begin."""
        self._notes, self._turns, self._place = without_repeats(notes), {t.id: t for t in turns}, place
        self._reading = False
        self._show(to_end=True)

    def _show(self, *, to_end: bool) -> None:
        blocks: list[tuple[int | None, Note]] = [(None, n) for n in self._notes]
        blocks += [(t.id, said.note(t)) for t in self._turns.values()]
        self.lines.load(sorted(blocks, key=lambda b: b[1].at), self._head(), to_end=to_end)

    def _head(self) -> Line:
        if self._place is None or not self._place.before:
            return ()
        key = cast("TunewrightApp", self.app).key_name("more")
        return [("▴ ", "muted"), (f"{self._place.before} earlier entries", "link#more"), (f"  {key}", "muted")]

    def say(self, notes: Sequence[Note]) -> None:
        for note in notes:
            if about_explained(note) and (old := next((n for n in self._notes if n.parts == note.parts), None)):
                self._stands(old)
                continue
            self._notes.append(note)
            self.lines.say([note])

    def _stands(self, note: Note) -> None:
        """An explanation came out in the words that are here already: whoever asked for it is led to them."""
        if about_explained(note) != f"t{self.explaining}":
            return
        cast("TunewrightApp", self.app).say(f"nothing new to say of t{self.explaining}: its explanation stands above")
        self.explaining = None
        self.call_after_refresh(self.lines.reveal, note)  # the notice takes lines of its own

    def say_turns(self, turns: Iterable[Turn]) -> None:
        for turn in turns:
            if self._place is not None and turn.id < self._place.turn:
                continue  # it is not shown
            self._turns[turn.id] = turn
            self.lines.say_turn(turn.id, said.note(turn))

    # -- what came before ------------------------------------------------------------

    def load_earlier(self) -> None:
        """Raises TunewrightError when all is shown."""
        if self._place is None or not self._place.before:
            raise TunewrightError("this is the beginning of the chat")
        self._load_earlier()

    def _load_earlier(self) -> None:
        from agent.tui.back.journal import earlier

        desk = cast("TunewrightApp", self.app).desk
        if self._place is not None and self._place.before and desk is not None and not self._reading:
            self._reading = True
            desk.errand(earlier(self._place), self._take_earlier, self._failed)

    def _take_earlier(self, found: Stretch) -> None:
        self._reading, self._place = False, found.place
        self._notes = without_repeats([*found.notes, *self._notes])
        self._turns = {**{t.id: t for t in found.turns}, **self._turns}
        self._show(to_end=False)

    def _failed(self, error: TunewrightError) -> None:
        self._reading = False
        cast("TunewrightApp", self.app).complain(error)

    @on(Chat.EarlierWanted)
    def _earlier_wanted(self, event: Chat.EarlierWanted) -> None:
        event.stop()
        self._load_earlier()

    # -- what can be taken back --------------------------------------------------------

    @property
    def standing_turns(self) -> list[Turn]:
        """Those shown that were not taken back, oldest first."""
        return [t for _, t in sorted(self._turns.items()) if t.state is not TurnState.UNDONE]

    # -- what stands below the blocks --------------------------------------------------

    def offer(self, model: StudyModel) -> None:
        """Good next questions, where there are any."""
        found = tuple(questions.offered(model, self.standing_turns))
        if found != self.offered:
            self.offered = found
            self.redraw_offer()

    def redraw_offer(self) -> None:
        self.questions.display = bool(self.offered)
        self.questions.update(text(questions.parts(self.offered), colours(self.app.theme)))

    def stand(self, standing: Standing) -> None:
        """How the study stands, in the heading; the advice of the moment below the blocks."""
        self.heading.show([Piece(" CHAT ", "title", "chat", 9)], standing_pieces(standing))
        shown = (standing.advice, self.app.theme)
        if shown == self._advised:
            return
        self._advised = shown
        self.advice.display = bool(standing.advice)
        parts = [("● ", "primary"), (neutral(standing.advice), "text")]
        self.advice.update(text(parts, colours(self.app.theme)))


def standing_pieces(standing: Standing) -> list[Piece]:
    """`▶ t12 running`: how the study stands, and why."""
    glyph, role = _STATES.get(standing.state, _STATES["idle"])
    return [Piece(f" {glyph} ", role, "", 5), Piece(f"{neutral(standing.reason)} ", "muted", "", 5)]
