"""The configs a study begins with after its default: those of the portfolios that fit it best."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from agent.digest.text import shorten
from agent.lessons.lesson import Conditions, GoodConfig, Lesson
from agent.search.portfolio import LENGTH
from agent.search.portfolio.kinship import kinship
from agent.search.portfolio.match import Match
from agent.study.suggested import Suggested
from trainers.space import Config, SearchSpace

ENOUGH = 0.5  # fit below which nothing is proposed: too little is known of what matters in the space
_BESIDE = 0.75  # of the best portfolio's fit: others as good as that are drawn from too
_LATER = 0.85  # what each later config of a portfolio counts beside the one before it
_SAME = 0.02  # SearchSpace.distance within which two configs are one
_LONGEST = 160  # characters of an origin
_NAMED = 3  # parameters


def suggested(
    space: SearchSpace, first: Config, mine: Conditions, lessons: Iterable[Lesson], most: int = LENGTH
) -> tuple[Suggested, ...]:
    """At most `most`, the most promising first; fewer the less the best portfolio fits, none where no one among
    `lessons` does. `mine` are the study's conditions (agent.lessons.conditions), `first` its first config, which is
    never among them."""
    found = matches(space, first, mine, lessons)
    most = round(most * found[0].fit) if found else 0
    chosen: list[Suggested] = []
    for match, config in _in_order(found):
        made = match.made(config)
        if made is None or any(space.distance(made, other) <= _SAME for other in (first, *(s.params for s in chosen))):
            continue
        unheard, uid = tuple(match.unheard), match.lesson.uid
        chosen.append(Suggested(params=made, origin=_origin(match, config), unheard=unheard, lesson=uid))
        if len(chosen) >= most:
            break
    return tuple(chosen)


def matches(space: SearchSpace, first: Config, mine: Conditions, lessons: Iterable[Lesson]) -> list[Match]:
    """The portfolios that fit well enough, best first."""
    found = [
        Match(lesson, space, first, kinship(mine, lesson.conditions, one_study=_is_of_one(lesson)))
        for lesson in lessons
        if lesson.portfolio is not None
    ]
    fitting = sorted((m for m in found if m.near and m.fit >= ENOUGH), key=lambda m: (-m.fit, m.lesson.uid))
    return [match for match in fitting if match.fit >= _BESIDE * fitting[0].fit]


def _is_of_one(lesson: Lesson) -> bool:
    """Whether it rests on a single study or task."""
    return bool(lesson.evidence or lesson.conditions.task)


def _in_order(found: list[Match]) -> Iterator[tuple[Match, GoodConfig]]:
    """The configs of all, those of a portfolio in its order unless the space's ranges cut some of them off."""
    every = [
        (-match.near * match.covered(config) * _LATER**place, rank, match, config)
        for rank, match in enumerate(found)
        for place, config in enumerate(match.configs)
        if match.near * match.covered(config) >= ENOUGH
    ]
    yield from ((match, config) for _, _, match, config in sorted(every, key=lambda one: one[:2]))


def _origin(match: Match, config: GoodConfig) -> str:
    told = shorten(" ".join(config.told.split()), _LONGEST)
    if moved := match.moved(config):
        told += f"; {_named(moved)} moved into the range"
    if match.unheard:
        told += f"; {_named(match.unheard)} as in the first config"
    return told


def _named(names: list[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")
