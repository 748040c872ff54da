"""Lessons in a person's words."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from agent.lessons import rows
from agent.lessons.conditions import conditions, key_of
from agent.lessons.lesson import Conditions, Lesson, LessonEvidence, LessonSource
from agent.lessons.library import open_lessons
from agent.lessons.wire import from_dict, uid_of
from agent.redaction import in_all
from agent.store.studies import Study

_CITED = re.compile(r"\bt(\d{1,9})\b")
_CONFIDENCE = 0.8  # of what a person says


def keep(told: Mapping[str, Any], study: Study | None = None) -> Lesson:
    """See agent.lessons.remember. The same words about the same study are one lesson."""
    words = str(told.get("text", ""))
    held = Conditions() if study is None else conditions(study)
    given = {"source": LessonSource.PERSON, "confidence": _CONFIDENCE, **in_all(dict(told))}
    lesson = from_dict({"uid": uid_of("person", held.trainer, held.task, words), **given})
    now = time.time()
    lesson = replace(
        lesson,
        conditions=held if lesson.conditions == Conditions() else lesson.conditions,
        subjects=lesson.subjects or named_in(words, held.parameters),
        evidence=lesson.evidence or _evidence(words, study),
        created=lesson.created or now,
        changed=now,
        edited=True,
    )
    with open_lessons() as store:
        with store.transaction():
            number = rows.put(store, lesson)
        return rows.get(store, number)


def named_in(text: str, parameters: Iterable[str]) -> tuple[str, ...]:
    """The parameters whose names stand in a text, as whole words."""
    return tuple(name for name in parameters if re.search(rf"(?<![\w.]){re.escape(name)}(?![\w])", text))


def _evidence(text: str, study: Study | None) -> tuple[LessonEvidence, ...]:
    """The trials that the text cites, as t17."""
    if study is None:
        return ()
    cited = tuple(dict.fromkeys(int(number) for number in _CITED.findall(text)))
    return (LessonEvidence(study=study.name, trials=cited, key=key_of(study)),)
