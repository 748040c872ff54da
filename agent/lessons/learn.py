"""The job `learn`: writes down what a study taught, when it has ended or a suggestion was seen to help."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from agent.lessons import rows
from agent.lessons.facts import Facts, facts
from agent.lessons.good_configs import good_configs
from agent.lessons.holds import verdicts
from agent.lessons.lesson import Lesson, LessonSource
from agent.lessons.library import open_lessons
from agent.lessons.likeness import Profile, profile
from agent.lessons.recall import recall_from
from agent.lessons.rules import of_remedies, written
from agent.llm.errors import LLMError, LLMErrorKind
from agent.llm.seat import Seat
from agent.store.aside import aside
from agent.store.connection import Store
from agent.study.aliases import common

_KNOWN = 6  # earlier lessons that a model is shown


@dataclass(frozen=True)
class _Seen:
    """A study, looked at once. `state` changes when there is more to learn."""

    facts: Facts
    mine: Profile
    found: Sequence[Lesson]
    state: str


async def learn(seat: Seat, *, trial: int | None = None) -> dict[str, Any]:
    """Writes the lessons of the study, or those of the suggestion made after `trial`: `{lessons: [id, …], note}`.

    What rules find is always written; a model words it and adds what the trials bear. A study that stands as it did
    is not learnt from again. Raises StoreError where the file of lessons cannot be used, and LLMError for a model
    that cannot be asked, once the lessons by rule are kept.
    """
    seen = await aside(seat.store, lambda store: _look(store, seat, trial))
    with open_lessons() as library:
        if trial is None and _is_learnt(library, seen):
            return {"lessons": [one.id for one in _own(library, seen.facts.key)], "note": ""}
        ids = _keep(library, seen, whole=trial is None)
        known = [one.told for one in recall_from(library, seen.mine, _KNOWN)]
    note = ""
    if seat.model is not None and trial is None:
        note = await _reword(seat, seen, known)
    with open_lessons() as library:
        if trial is None:
            _mark(library, seen)
            ids = [one.id for one in _own(library, seen.facts.key)]
    return {"lessons": ids, "note": note}


def _look(store: Store, seat: Seat, trial: int | None) -> _Seen:
    seen = facts(store, seat.study)
    found = [*written(seen), *good_configs(seen)] if trial is None else list(of_remedies(seen, trial))
    ended = [t for t in seen.trials if t.state.ended]
    last = max((t.ended_at or 0.0 for t in ended), default=0.0)
    speaker = "rules" if seat.model is None else seat.model.name
    return _Seen(seen, profile(seat.study), found, f"{len(ended)} {last:.3f} {speaker}")


def _is_learnt(library: Store, seen: _Seen) -> bool:
    row = library.one("SELECT state FROM learnt WHERE study = ?", (seen.facts.key,))
    return row is not None and row["state"] == seen.state


def _mark(library: Store, seen: _Seen) -> None:
    with library.transaction() as conn:
        row = (seen.facts.key, seen.state, time.time())
        conn.execute("INSERT OR REPLACE INTO learnt (study, state, at) VALUES (?, ?, ?)", row)


def _own(library: Store, key: str) -> list[Lesson]:
    """Lessons that rest on the study."""
    return [one for one in rows.all_of(library) if any(evidence.key == key for evidence in one.evidence)]


def _keep(library: Store, seen: _Seen, *, whole: bool) -> list[int]:
    """Counts what the study says of earlier lessons and stores its own; ids of the latter. Those that it taught
    before and no longer shows go, unless a person edited them."""
    with library.transaction():
        judged = list(verdicts(rows.all_of(library), seen.facts, seen.mine))
        rows.judge(library, judged, seen.facts.key)
        agreeing = [lesson for lesson, holds in judged if holds]
        kept = [_put(library, lesson, agreeing) for lesson in seen.found]
        if whole:
            _drop_outdated(library, seen)
    return [number for number in kept if number]


def _put(library: Store, lesson: Lesson, agreeing: Sequence[Lesson]) -> int:
    """Its number; 0 for one that a person deleted. One that says what an earlier lesson says, of the same kind of
    study, becomes evidence for that."""
    if rows.was_deleted(library, lesson.uid):
        return 0
    old = rows.by_uid(library, lesson.uid)
    if old is not None:
        return old.id if old.edited else rows.put(library, rows.counted_as(lesson, old))
    [mine] = lesson.evidence
    same = next((one for one in (*_own(library, mine.key), *agreeing) if _says_the_same(one, lesson)), None)
    if same is None:
        return rows.put(library, lesson)
    same = rows.get(library, same.id)
    others = [evidence for evidence in same.evidence if evidence.key != mine.key]
    return rows.put(library, replace(same, evidence=(*others, mine)))


def _says_the_same(a: Lesson, b: Lesson) -> bool:
    if a.claim is None or b.claim is None or a.source is not b.source:
        return False
    return a.claim.kind is b.claim.kind and common(a.claim.parameter) == common(b.claim.parameter)


def _drop_outdated(library: Store, seen: _Seen) -> None:
    current = {lesson.uid for lesson in seen.found}
    for lesson in _written_by(library, seen.facts.key, LessonSource.RULES):
        if lesson.uid not in current:
            rows.drop(library, lesson)


def _written_by(library: Store, key: str, source: LessonSource) -> Iterator[Lesson]:
    """Lessons of that source which rest on this study alone and which nobody edited."""
    for lesson in _own(library, key):
        if lesson.source is source and not lesson.edited and len(lesson.evidence) == 1:
            yield lesson


async def _reword(seat: Seat, seen: _Seen, known: Sequence[str]) -> str:
    """Has the model word the findings and add its own; returns what there is to say about it."""
    from agent.lessons.wording import words

    assert seat.model is not None
    try:
        said = await words(seat, seat.model, seen.facts, seen.found, known)
    except LLMError as error:
        if error.kind is not LLMErrorKind.REPLY:
            raise
        return f"{seat.model.name} said nothing of use; the lessons are in the words of the rules"
    with open_lessons() as library, library.transaction():
        for lesson in _own(library, seen.facts.key):
            if lesson.uid in said.texts and not lesson.edited:
                rows.put(library, replace(lesson, text=said.texts[lesson.uid], changed=time.time()))
        for lesson in _written_by(library, seen.facts.key, LessonSource.MODEL):
            rows.drop(library, lesson)  # of an earlier state of the study
        for lesson in said.own:
            _put(library, lesson, ())
    return f"{said.dropped} of the model's sentences were dropped: the trials do not bear them" if said.dropped else ""
