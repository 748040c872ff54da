"""The space of a study: its parameters in a table, edited in place, with what a change means before it is made."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from agent.study.nouns import Trial
from agent.study.space_draft import CONSTRAINTS, Fault, SpaceDraft
from agent.study.space_words import read as read_value
from agent.study.spec import StudySpec
from agent.tui.ink.colours import colours
from agent.tui.requests import Remember
from agent.tui.screens.page import Page
from agent.tui.space import space_errands as errands
from agent.tui.space import space_meaning as meaning
from agent.tui.space.space_errands import Saved, SpaceRead, Weighed
from agent.tui.space.space_text import Look
from agent.tui.text import Part, neutral, plural
from agent.tui.widgets.bar import Bar, Piece
from agent.tui.widgets.drawing import text
from agent.tui.widgets.space_table import SpaceTable
from trainers.errors import SpaceError, TunewrightError, nearest
from trainers.parameters import KINDS

if TYPE_CHECKING:
    from agent.study.space_toml import StudyFile
    from agent.tui.app import TunewrightApp

_TOGGLED = {"type": tuple(KINDS), "log": (None, True)}


class SpaceScreen(Page):
    """Closing it keeps what is not saved: it is there again the next time, also after a crash."""

    CSS_PATH = ["../styles/fields.tcss", "../styles/space.tcss"]  # noqa: RUF012

    def __init__(self, read: SpaceRead) -> None:
        super().__init__()
        self._read = read
        self._spec: StudySpec = read.spec
        self.base = SpaceDraft.of(read.spec.space)
        self.draft = read.draft or self.base
        self._past: list[SpaceDraft] = []
        self._typed: SpaceDraft | None = None  # with what stands in the open cell
        self._weighed = Weighed(self.draft, ())
        self._asked: SpaceDraft | None = None  # being weighed
        self._complaint = ""
        self._said = "what was not saved last time" if self.changed else ""
        first = next(iter(self.draft.parameters), CONSTRAINTS)
        self.table = SpaceTable(Look(self.draft, self.base, (), None, cursor=(first, "low")))
        self._meaning, self._keys = Static(id="space-meaning"), Bar(classes="heading")

    def compose(self) -> ComposeResult:
        with Vertical(id="space-box"):
            yield self.table
            yield self._meaning
        yield self._keys

    def on_mount(self) -> None:
        self.query_one("#space-box").border_title = f"SPACE of {neutral(self._spec.name)}"
        self.table.focus()
        self._show()
        self._weigh()

    def on_resize(self) -> None:
        self.call_after_refresh(self.redraw)

    @property
    def changed(self) -> bool:
        return self.draft.to_dict() != self.base.to_dict()

    # -- drawing -----------------------------------------------------------------

    def redraw(self, now: SpaceRead | None = None) -> None:
        self._read = replace(self._read, bounds=now.bounds) if now is not None else self._read
        if self.is_open:
            self._show()

    def _show(self) -> None:
        model = self._app.study.model
        draft = self._typed or self.draft
        faults: tuple[Fault, ...] = tuple(draft.faults())
        if self._weighed.draft is draft:
            faults = faults or self._weighed.faults
        ended = [t for t in model.trials.values() if t.state.ended]
        self.table.put(
            replace(self.table.look, draft=draft, base=self.base, trials=ended, best=model.best, faults=faults)
        )
        self._meaning.update(text(self._parts(draft, faults), colours(self.app.theme)))
        self._keys.show(self._pieces())
        state = "not saved" if self.changed else "saved"
        self.query_one("#space-box").border_subtitle = f"{plural(len(ended), 'trial')} · {state} · esc closes, keeps"

    def _parts(self, draft: SpaceDraft, faults: tuple[Fault, ...]) -> list[Part]:
        weighed = self._weighed if self._weighed.draft is draft and draft.to_dict() != self.base.to_dict() else None
        parts = meaning.parts(self._complaint, self._said, faults, weighed)
        hints = meaning.hinted(self._read, self.app.size.width - 4)  # within frame and padding
        parts += meaning.suggested(self._read, self._spec) + hints + meaning.learnt(self._read)
        return parts if self.changed else parts + meaning.of_file(self._read.file, self._app.key_name("write"))

    def _pieces(self) -> list[Piece]:
        file = self._read.file
        works = {
            "apply": self.changed,
            "undo": bool(self._past) or self.changed,
            "write": file is not None and bool(file.changes),
        }
        return meaning.keys(self._app.key_name, works)

    @property
    def _app(self) -> TunewrightApp:
        return cast("TunewrightApp", self.app)

    # -- what a change means -------------------------------------------------------

    def _weigh(self) -> None:
        """Asks where the store is; while an answer is on its way the latest draft waits for its turn."""
        draft = self._typed or self.draft
        if self._asked is not None or (
            self._weighed.draft is draft and (self._weighed.effects or self._weighed.faults)
        ):
            return
        self._asked = draft
        model, desk = self._app.study.model, self._app.desk
        every: list[Trial] = list(model.trials.values())
        assert desk is not None
        desk.errand(
            errands.weigh(self._spec, draft, every, model.pending, model.best), self._weighed_told, self._refused
        )

    def _weighed_told(self, found: Weighed) -> None:
        self._asked, self._weighed = None, found
        if not self.is_open:
            return
        self._show()
        if (self._typed or self.draft) is not found.draft:
            self._weigh()

    def _refused(self, error: TunewrightError) -> None:
        self._asked, self._complaint = None, str(error)
        if self.is_open:
            self._show()

    def _put(self, draft: SpaceDraft, said: str = "") -> None:
        """Another draft; the one before can be had again."""
        self._typed, self._complaint, self._said = None, "", said
        if draft.to_dict() != self.draft.to_dict():
            self._past.append(self.draft)
            self.draft = draft
            self._remember()
        self._show()
        self._weigh()

    def _remember(self) -> None:
        self._app.study.send(Remember(errands.KEPT, self.draft.to_dict() if self.changed else None))

    # -- what the person does --------------------------------------------------------

    def change(self) -> None:
        """Opens the cell under the cursor, or turns what has two or three states."""
        row, key = self.table.look.cursor
        if key in _TOGGLED:
            states = _TOGGLED[key]
            now = self.draft.parameters[row].get(key)
            at = states.index(now) if now in states else -1
            self._put(self.draft.put(row, key, states[(at + 1) % len(states)]))
        elif not self.table.is_editing:
            self.table.open()

    def _with(self, cell: tuple[str, str], written_text: str) -> SpaceDraft:
        """The draft with a text in a cell. Raises SpaceError for a name that is taken."""
        row, key = cell
        if row == CONSTRAINTS:
            return self.draft.constrained(tuple(c.strip() for c in written_text.split(";") if c.strip()))
        if key == "name":
            if written_text.strip() != row and written_text.strip() in self.draft.parameters:
                raise SpaceError(f"there is a parameter '{written_text.strip()}' already")
            return self.draft.rename(row, written_text.strip())
        return self.draft.put(row, key, read_value(self.draft.parameters[row], key, written_text))

    @on(SpaceTable.Typed)
    def _typing(self, event: SpaceTable.Typed) -> None:
        """Shows what is wrong with it, or what it means; a name being typed is no other row yet."""
        if event.cell[1] == "name":
            return
        self._typed = self._with(event.cell, event.text)
        self._complaint = self._said = ""
        self._show()
        self._weigh()

    @on(SpaceTable.Taken)
    def _taken(self, event: SpaceTable.Taken) -> None:
        try:
            draft = self._with(event.cell, event.text)
        except SpaceError as error:
            self._complaint = str(error)
            self._show()
            return
        if event.cell[1] == "name" and self.table.look.cursor == event.cell:
            self.table.look = replace(self.table.look, draft=draft, cursor=(event.text.strip(), "name"))
        self._put(draft)

    @on(SpaceTable.Left)
    def _left(self) -> None:
        self._typed = None
        self._show()
        self._weigh()

    def add(self, name: str = "") -> None:
        name = self.draft.free_name(name or "parameter")
        self._put(self.draft.add(name, after=self.table.look.cursor[0]))
        self.table.go(name, "name")
        self.table.open()

    def duplicate(self, name: str = "") -> None:
        draft = self.draft.duplicate(self._meant(name))
        new = next(n for n in draft.parameters if n not in self.draft.parameters)
        self._put(draft)
        self.table.go(new, "name")

    def drop(self, name: str = "") -> None:
        self._put(self.draft.remove(self._meant(name)), f"{self._app.key_name('undo')} brings it back")

    def _meant(self, name: str) -> str:
        row = name or self.table.look.cursor[0]
        if row not in self.draft.parameters:
            what = f"there is no parameter '{row}'" if name else "this is no parameter"
            raise TunewrightError(what, remedy=nearest(row, self.draft.parameters) if name else "Go to one.")
        return row

    def undo(self) -> None:
        """One change back; after the first of them, to what is saved."""
        if not self._past and not self.changed:
            raise TunewrightError("there is nothing to undo")
        self.draft = self._past.pop() if self._past else self.base
        self._typed, self._complaint, self._said = None, "", ""
        self._remember()
        self._show()
        self._weigh()

    def take(self) -> None:
        """Puts into the table what the agent asks for, or what the trials say."""
        from agent.study.space_edit import edited

        asked = self._read.asked
        changes = asked.body["changes"] if asked is not None else self._read.suggestion.changes
        if not changes:
            raise TunewrightError("no change is suggested", remedy="/reshape asks the agent.")
        self._put(SpaceDraft.of(edited(self.draft.space(), changes)), "taken over; not saved yet")

    def save(self) -> None:
        if not self.changed:
            raise TunewrightError("there is nothing to save")
        faults = self.draft.faults() or (list(self._weighed.faults) if self._weighed.draft is self.draft else [])
        if faults:
            raise TunewrightError(f"not saved: {faults[0].text}", where=f"space.{faults[0].name}")
        desk = self._app.desk
        assert desk is not None
        desk.errand(errands.save(self.base, self.draft), self._saved, self._not_saved)

    def _saved(self, saved: Saved) -> None:
        self._took(saved.spec)
        self._read = replace(self._read, file=saved.file, asked=None)
        expired = ", ".join(str(n) for n in saved.expired)
        gone = f"; proposal{'s' * (len(saved.expired) > 1)} {expired} expired" if expired else ""
        self._said = f"saved: {'; '.join(saved.changes)}{gone}"
        if self.is_open:
            self._show()

    def _took(self, spec: StudySpec) -> None:
        self._spec, self.base = spec, SpaceDraft.of(spec.space)
        self._complaint = ""

    def _not_saved(self, error: TunewrightError) -> None:
        self._took(self._app.study.model.spec)  # saving again is a choice made with the change before one's eyes
        self._refused(error)
        self._weigh()

    def write(self) -> None:
        desk = self._app.desk
        assert desk is not None
        desk.errand(errands.write, self._wrote, self._refused)

    def _wrote(self, file: StudyFile) -> None:
        self._read = replace(self._read, file=replace(file, changes=()))
        self._complaint, self._said = "", f"wrote {file.path}; its comments are as they were"
        if self.is_open:
            self._show()

    def complain(self, error: TunewrightError) -> None:
        """What a command got wrong, said here rather than under the page."""
        self._complaint = str(error)
        self._show()
