"""What the page of lessons has done with the file of lessons."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from trainers.errors import TunewrightError

if TYPE_CHECKING:
    from agent.lessons.lesson import Lesson
    from agent.tui.errands import Room

MOST = 300  # listed


@dataclass(frozen=True)
class LessonsRead:
    """`here` are those that speak to the open study, the most fitting first, as its model is told them; `others` the
    rest, the most trusted first. With `words` only what fits them."""

    words: str
    here: tuple[Lesson, ...]
    others: tuple[Lesson, ...]


def read(words: str = "") -> Callable[[Room], LessonsRead]:
    def do(room: Room) -> LessonsRead:
        from agent.lessons import rows
        from agent.lessons.library import open_lessons
        from agent.lessons.recall import recall
        from agent.lessons.search import search

        here = recall(room.open.study)
        with open_lessons() as library:
            every = search(library, words, MOST) if words else sorted(rows.all_of(library), key=lambda one: -one.trust)
        found = {one.id for one in every}
        fitting = tuple(one for one in here if one.id in found)
        spoken = {one.id for one in fitting}
        return LessonsRead(words, fitting, tuple([one for one in every if one.id not in spoken][:MOST]))

    return do


def text_of(lesson: Lesson) -> str:
    from agent.plain.lessons import lesson_lines

    return lesson_lines(lesson)


def reword(number: int, text: str) -> Callable[[Room], Lesson]:
    """Raises TunewrightError for a text that is none."""

    def do(_: Room) -> Lesson:
        from agent.lessons import rows
        from agent.lessons.library import open_lessons

        with open_lessons() as library:
            return rows.edit(library, number, text=text)

    return do


def learn(text: str) -> Callable[[Room], Lesson]:
    """A lesson in the person's words, that holds where this study's conditions do."""

    def do(room: Room) -> Lesson:
        from agent.lessons import remember

        if not text.strip():
            raise TunewrightError("a lesson has words", remedy="For example: warm-up matters above lr 1e-3.")
        return remember({"text": text.strip()}, room.open.study)

    return do


def forget(number: int) -> Callable[[Room], Lesson]:
    def do(_: Room) -> Lesson:
        from agent.lessons import rows
        from agent.lessons.library import open_lessons

        with open_lessons() as library:
            lesson = rows.get(library, number)
            rows.delete(library, lesson)
            return lesson

    return do


def bring_back(lesson: Lesson) -> Callable[[Room], Lesson]:
    def do(_: Room) -> Lesson:
        from agent.lessons import rows
        from agent.lessons.library import open_lessons

        with open_lessons() as library, library.transaction():
            return replace(lesson, id=rows.put(library, lesson))

    return do


def export(numbers: Sequence[int] | None, path: Path, *, force: bool) -> Callable[[Room], int]:
    """Writes these lessons, or all that are worth sharing; how many. Raises TunewrightError for a file that exists."""

    def do(_: Room) -> int:
        from agent.exports.export import place
        from agent.lessons import rows, share
        from agent.lessons.library import open_lessons

        with open_lessons() as library:
            every = rows.all_of(library)
        found = share.ours(every) if numbers is None else [one for one in every if one.id in numbers]
        text = "".join(share.lines(found))
        place(path, lambda beside: _write(beside, text), force=force)
        return len(found)

    return do


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def take(path: Path) -> Callable[[Room], str]:
    """Adds the lessons of an export, all or none; what became of them, in words."""

    def do(_: Room) -> str:
        from agent.lessons import share
        from agent.lessons.library import open_lessons

        with open_lessons() as library:
            return share.take(library, share.read_file(path), str(path)).said

    return do
