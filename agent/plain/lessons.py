"""Lessons as lines, a table and JSON documents."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from agent.digest.text import number, plural, shorten, value
from agent.lessons.lesson import Claim, Lesson
from agent.lessons.wire import to_dict
from agent.plain.output import clean, table

_TEXT = 90  # characters of a lesson in a table


def document(lesson: Lesson) -> dict[str, Any]:
    """Every field, and `trust`."""
    return {**to_dict(lesson), "trust": round(lesson.trust, 3)}


def lessons_table(lessons: Sequence[Lesson]) -> str:
    rows = [
        [str(one.id), str(one.source), f"{one.trust:.2f}", str(one.used), _about(one), shorten(one.text, _TEXT)]
        for one in lessons
    ]
    return table(["#", "source", "trust", "used", "about", "lesson"], rows, right=(0, 2, 3))


def _about(lesson: Lesson) -> str:
    held = lesson.conditions
    return " ".join(filter(None, (held.trainer, held.task))) or ", ".join(held.families[:2]) or "–"


def lesson_lines(lesson: Lesson) -> str:
    """One lesson in full."""
    held, told = lesson.conditions, [f"lesson {lesson.id} ({lesson.source}), trust {lesson.trust:.2f}", lesson.text]
    holds = [
        f"{name} {said}"
        for name, said in (
            ("trainer", held.trainer),
            ("task", held.task),
            ("family", ", ".join(held.families)),
            ("metric", held.metric and f"{held.metric}, {held.direction}"),
            ("about", held.about),
            ("parameters", ", ".join(held.parameters)),
            ("when", held.when),
        )
        if said
    ]
    told += [f"  held for   {line}" for line in holds]
    if lesson.claim is not None:
        told.append(f"  claims     {_claim(lesson.claim)}")
    for place, config in enumerate(lesson.portfolio.configs if lesson.portfolio else (), start=1):
        params = ", ".join(f"{name} {value(chosen)}" for name, chosen in config.params.items())
        told.append(f"  config {place:<3} {params} ({config.told})")
    for evidence in lesson.evidence:
        cited = f": {', '.join(f't{n}' for n in evidence.trials)}" if evidence.trials else ""
        told.append(f"  rests on   study {evidence.study}{cited}{f' ({evidence.effect})' if evidence.effect else ''}")
    if lesson.citation:
        told.append(f"  source     {lesson.citation}")
    told.append(f"  since      {time.strftime('%Y-%m-%d', time.localtime(lesson.created))}{_edited(lesson)}")
    told.append(f"  used       by {plural(lesson.used, 'proposal')}")
    told.append(f"  later      studies: {lesson.confirmed} confirm it, {lesson.contradicted} contradict it")
    return clean("\n".join(told))


def _edited(lesson: Lesson) -> str:
    return ", edited by a person" if lesson.edited else ""


def _claim(claim: Claim) -> str:
    ends = f" {number(claim.low)}" if claim.low is not None else ""
    ends += f" to {number(claim.high)}" if claim.high is not None else ""
    choice = f" {value(claim.choice)}" if claim.choice is not None else ""
    return f"{claim.kind} {claim.parameter}{choice}{ends}".replace("  ", " ")
