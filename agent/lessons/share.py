"""Lessons as a file to share with a team: a JSON object a line."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from agent.lessons import rows
from agent.lessons.lesson import Lesson, LessonSource
from agent.lessons.wire import from_line, to_dict
from agent.redaction import in_all, redact
from agent.store.connection import Store
from trainers.errors import TunewrightError

MOST_BYTES = 1 << 24
_TOLD = 3  # lines whose faults are named
_PRIVATE = ("id", "used")  # of this file, and of whoever keeps it


@dataclass(frozen=True)
class Imported:
    """Lessons by what became of them. `known` ones were there already, word for word or in a newer wording."""

    added: Sequence[Lesson]
    changed: Sequence[Lesson]
    known: int

    @property
    def said(self) -> str:
        added = f"{len(self.added)} lesson{'' if len(self.added) == 1 else 's'} added"
        return f"{added}, {len(self.changed)} brought up to date, {self.known} known already"


def ours(every: Iterable[Lesson]) -> list[Lesson]:
    """What is worth sharing: all but what ships with Tunewright as it is."""
    return [one for one in every if one.source is not LessonSource.SHIPPED or one.edited]


def read_file(path: Path) -> str:
    """An export's text. Raises TunewrightError for a file that cannot be read or is no export by its size."""
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise TunewrightError(f"cannot read the file ({error.strerror})", where=str(path)) from error
    return checked(data, str(path))


def checked(data: bytes, name: str) -> str:
    if len(data) > MOST_BYTES:
        raise TunewrightError(f"the file has more than {MOST_BYTES >> 20} MiB", where=name)
    return data.decode("utf-8", "replace")


def lines(lessons: Iterable[Lesson]) -> Iterator[str]:
    for lesson in lessons:
        told = {name: value for name, value in to_dict(lesson).items() if name not in _PRIVATE}
        yield json.dumps(in_all(told), ensure_ascii=False) + "\n"


def take(store: Store, text: str, name: str) -> Imported:
    """Adds the lessons of an export, all or none. Raises TunewrightError naming the lines that hold none.

    A lesson that is here already keeps the newer wording, the higher counts and the evidence of both. One that was
    deleted here comes back: whoever imports it wants it.
    """
    given = _read(text, name)
    added: list[Lesson] = []
    changed: list[Lesson] = []
    known = 0
    with store.transaction():
        twins = {_sense(lesson): lesson for lesson in rows.all_of(store)}
        for lesson in given.values():
            old = rows.by_uid(store, lesson.uid) or twins.get(_sense(lesson))
            if old is None and lesson.source is LessonSource.SHIPPED:
                known += 1  # another version's, or one that was deleted here: this version ships what it ships
                continue
            new = lesson if old is None else _merged(old, lesson)
            if new == old:
                known += 1
                continue
            kept = rows.get(store, rows.put(store, new))
            (added if old is None else changed).append(kept)
            twins[_sense(kept)] = kept
    return Imported(added, changed, known)


def _read(text: str, name: str) -> dict[str, Lesson]:
    """By uid; of a uid that comes twice the later one."""
    found: dict[str, Lesson] = {}
    wrong: list[str] = []
    for number, line in enumerate(text.split("\n"), start=1):  # not where Unicode sees line ends
        if not line.strip():
            continue
        try:
            lesson = from_line(redact(line))
        except TunewrightError as error:
            wrong.append(f"line {number}: {error.what}")
            continue
        found[lesson.uid] = replace(lesson, id=0, used=0, created=lesson.created or time.time())
    if wrong:
        more = f", and {len(wrong) - _TOLD} more lines" if len(wrong) > _TOLD else ""
        remedy = "Nothing was imported. Each line is one lesson, as 'tunewright lessons export' writes them."
        raise TunewrightError("; ".join(wrong[:_TOLD]) + more, where=name, remedy=remedy)
    if not found:
        raise TunewrightError("there is no lesson in it", where=name, remedy="Give it what 'lessons export' wrote.")
    return found


def _sense(lesson: Lesson) -> tuple[str, str, str]:
    """What makes two lessons with different uids one."""
    return (lesson.text.casefold(), lesson.conditions.trainer, lesson.conditions.task)


def _merged(old: Lesson, new: Lesson) -> Lesson:
    newer = new if new.changed > old.changed else old
    merged = dict.fromkeys((*old.evidence, *new.evidence))
    return replace(
        newer,
        id=old.id,
        uid=old.uid,
        source=old.source,
        created=old.created,
        used=old.used,
        evidence=tuple(merged),
        edited=old.edited or new.edited,
        confirmed=max(old.confirmed, new.confirmed),
        contradicted=max(old.contradicted, new.contradicted),
    )
