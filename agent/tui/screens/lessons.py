"""Lessons: what past studies taught, those that speak to this one first; searched, read, reworded, forgotten."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from textual import events, on
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.geometry import Region
from textual.widgets import Static

from agent.tui.commands import bindings
from agent.tui.ink.colours import colours
from agent.tui.paging import lessons_read
from agent.tui.paging.lessons_read import LessonsRead
from agent.tui.screens.page import Page
from agent.tui.text import Part, fit, neutral, plural
from agent.tui.widgets.bar import Bar, Piece
from agent.tui.widgets.drawing import text
from agent.tui.widgets.field import Field
from trainers.errors import TunewrightError

if TYPE_CHECKING:
    from agent.lessons.lesson import Lesson
    from agent.tui.app import TunewrightApp

_KEYS = {
    "seek": "search",
    "reword": "reword",
    "learn": "add",
    "forget": "forget",
    "regain": "undo",
    "lesson-origin": "its trial",
    "lessons-export": "export",
    "lessons-import": "import",
}
_FILE = "lessons.jsonl"


class LessonsScreen(Page):
    """Up and down choose one, which is shown in full below the list."""

    CSS_PATH = ["../styles/fields.tcss", "../styles/lessons.tcss"]  # noqa: RUF012
    BINDINGS = bindings("lessons")

    def __init__(self, read: LessonsRead) -> None:
        super().__init__()
        self._read = read
        self._cursor = 0
        self._gone: list[Lesson] = []
        self._asks = ""  # what the field is open for
        self._box, self._list = VerticalScroll(id="lessons-box"), Static(id="lessons-list", markup=False)
        self._full = VerticalScroll(Static(id="lesson-text", markup=False), id="lesson-box")
        self._field, self._keys = Field("", "", id="lessons-field"), Bar(classes="heading")

    def compose(self) -> ComposeResult:
        with self._box:
            yield self._list
        yield self._full
        yield self._field
        yield self._keys

    def on_mount(self) -> None:
        self._box.focus()

    def on_resize(self) -> None:
        self.call_after_refresh(self.show)

    # -- drawing -----------------------------------------------------------------

    @property
    def lessons(self) -> tuple[Lesson, ...]:
        return (*self._read.here, *self._read.others)

    def redraw(self) -> None:
        self.show()

    def show(self, said: str = "") -> None:
        self._cursor = min(max(self._cursor, 0), max(len(self.lessons) - 1, 0))
        palette, width = colours(self.app.theme), self._box.scrollable_content_region.width
        found, at = self._lines(width)
        self._list.update(text([part for line in found for part in (*line, ("\n", ""))], palette, wrap=False))
        self._box.scroll_to_region(Region(0, max(at - 1, 0), 1, 3), animate=False)
        words = f' for "{neutral(self._read.words)}"' if self._read.words else ""
        self._box.border_title = f"LESSONS{words}"
        self._box.border_subtitle = neutral(said) or plural(len(self.lessons), "lesson")
        lesson = self.chosen if self.lessons else None
        full = lessons_read.text_of(lesson) if lesson is not None else "none fits; / searches for something else"
        self.query_one("#lesson-text", Static).update(neutral(full))
        app = cast("TunewrightApp", self.app)
        pieces = []
        for name, word in _KEYS.items():
            pieces += [Piece(f" {app.key_name(name)}", "primary", name, 5), Piece(f" {word} ", "muted", name, 5)]
        self._keys.show(pieces)

    def _lines(self, width: int) -> tuple[list[list[Part]], int]:
        found: list[list[Part]] = []
        at = 0
        for heading, lessons in (("They speak to this study", self._read.here), ("Others", self._read.others)):
            if lessons:
                found.append([(heading, "title")])
            for lesson in lessons:
                here = bool(self.lessons) and lesson is self.chosen
                at = len(found) if here else at
                head = f" {lesson.id:>4}  {lesson.source:<8} {lesson.trust:>4.2f} "
                words = fit(neutral(" ".join(lesson.text.split())), max(width - len(head) - 2, 10))
                mark: Part = ("▌" if here else " ", "primary")
                found.append([mark, (head, "muted"), (words, "text+reverse" if here else "text")])
        return found, at

    @property
    def chosen(self) -> Lesson:
        """Raises TunewrightError where there is none."""
        if not self.lessons:
            raise TunewrightError("there is no lesson here", remedy="Search for other words.")
        return self.lessons[self._cursor]

    # -- what the person does --------------------------------------------------------

    def ask(self, what: str) -> None:
        """Opens the field to search, reword or add, or for the name of a file."""
        text = self.chosen.text if what == "reword" else ""
        label, value = {
            "seek": ("search", self._read.words),
            "reword": (f"lesson {self.chosen.id}" if self.lessons else "", text),
            "learn": ("new lesson", ""),
            "export": ("export to", _FILE),
            "import": ("import from", _FILE),
        }[what]
        self._field._label.update(f" {label} ")
        self._asks = what
        self._field.open(value)

    @on(Field.Taken)
    def _taken(self, event: Field.Taken) -> None:
        self._field.close()
        self._box.focus()
        try:
            self._answered(event)
        except TunewrightError as error:
            self.show(str(error))

    def _answered(self, event: Field.Taken) -> None:
        match self._asks:
            case "seek":
                self.seek(event.value)
            case "reword":
                self._do(lessons_read.reword(self.chosen.id, event.value), "changed")
            case "learn":
                self._do(lessons_read.learn(event.value), "learnt")
            case "export":
                self.export(event.value)
            case "import":
                self.take_in(event.value)

    @on(Field.Left)
    def _left(self) -> None:
        self._field.close()
        self._box.focus()

    def seek(self, words: str) -> None:
        self._errand(lessons_read.read(words.strip()), lambda read: self._took(read, ""))

    def forget(self) -> None:
        self._gone.append(self.chosen)
        key = cast("TunewrightApp", self.app).key_name("regain")
        self._do(lessons_read.forget(self.chosen.id), f"forgotten; {key} brings it back")

    def regain(self) -> None:
        if not self._gone:
            raise TunewrightError("there is nothing to bring back")
        self._do(lessons_read.bring_back(self._gone.pop()), "is back")

    def export(self, words: str) -> None:
        """To a file, of a search what it found; one that exists only with ! behind its name."""
        name, force = words.strip().removesuffix("!").strip(), words.strip().endswith("!")
        path = Path(name or _FILE).expanduser()
        if path.exists() and not force:
            raise TunewrightError(f"{path} exists", remedy=f"Write {path}! to replace it, or name another.")
        numbers = [one.id for one in self.lessons] if self._read.words else None
        self._errand(
            lessons_read.export(numbers, path, force=force),
            lambda n: self.show(f"wrote {plural(n, 'lesson')} to {path}"),
        )

    def take_in(self, name: str) -> None:
        """The lessons of a file that was exported, all or none."""

        def then(said: str) -> None:
            self._errand(lessons_read.read(self._read.words), lambda read: self._took(read, said))

        self._errand(lessons_read.take(Path(name.strip() or _FILE).expanduser()), then)

    def origin(self) -> None:
        """To the trial it rests on, where that is of the open study."""
        app = cast("TunewrightApp", self.app)
        name = app.study.model.spec.name
        cited = [n for e in self.chosen.evidence if e.study == name for n in e.trials]
        if not cited:
            studies = ", ".join(e.study for e in self.chosen.evidence)
            raise TunewrightError(f"it rests on {studies or 'no trial'}, not on trials of this study")
        self.leave()
        app.call_later(app.run_command, "why", str(cited[0]))

    def _do(self, do: Callable[[Any], Lesson], said: str) -> None:
        """Changes the file of lessons, then reads it again."""

        def then(lesson: Lesson) -> None:
            what = f"lesson {lesson.id} {said}"
            self._errand(lessons_read.read(self._read.words), lambda read: self._took(read, what))

        self._errand(do, then)

    def _errand(self, do: Callable[[Any], Any], then: Callable[[Any], None]) -> None:
        desk = cast("TunewrightApp", self.app).desk
        assert desk is not None
        desk.errand(do, then, lambda error: self.show(str(error)) if self.is_open else None)

    def _took(self, read: LessonsRead, said: str) -> None:
        self._read = read
        if self.is_open:
            self.show(said)

    async def on_key(self, event: events.Key) -> None:
        steps = {"up": -1, "down": 1, "pageup": -10, "pagedown": 10, "home": -(10**6), "end": 10**6}
        if event.key in steps and not self._field.is_open:
            self._cursor += steps[event.key]
            self.show()
            event.stop()
            event.prevent_default()
            return
        await super().on_key(event)
