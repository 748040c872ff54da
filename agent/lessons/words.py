"""What a lesson can be found by: its conditions, the names of its parameters, their other names."""

from __future__ import annotations

import re

from agent.lessons.lesson import Lesson
from agent.study.aliases import known_as

_WORD = re.compile(r"[^\W_]+(?:_[^\W_]+)*")
_SPARE = """the a an of and or in on to for with is are be by at as it its that this from not than more most best
values value lie lies where when which what how do does should i my we you use using train training tune tuning model
models study parameter parameters metric default good better"""
_LEFT_OUT = frozenset(_SPARE.split())


def words(lesson: Lesson) -> str:
    """What is searched beside its text."""
    held = lesson.conditions
    names = [*lesson.subjects, *held.parameters]
    parts = [
        held.trainer,
        held.task,
        *held.families,
        held.about,
        held.metric,
        held.when,
        lesson.citation,
        *lesson.tags,
        *(" ".join(known_as(name)) for name in names),
        *names,
        *(evidence.study for evidence in lesson.evidence),
    ]
    return " ".join(part.replace("-", " ") for part in parts if part)


def terms(text: str, most: int = 40) -> list[str]:
    """The telling words of a question or a description, each once, in their order."""
    found = dict.fromkeys(word for word in _WORD.findall(text.lower()) if word not in _LEFT_OUT and len(word) > 1)
    for word in tuple(found):
        found.update(dict.fromkeys(known_as(word)[:1]))
    return list(found)[:most]


def match(text: str) -> str:
    """An FTS5 expression that finds what has any of the words; empty where there is none. Quoted, so that nothing
    in a question is an operator."""
    return " OR ".join('"' + term.replace('"', '""') + '"' for term in terms(text))
