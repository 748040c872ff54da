"""How well the conditions of a lesson fit those of a study."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from agent.digest.task import task
from agent.lessons.conditions import conditions, key_of, words_of
from agent.lessons.families import NEURAL
from agent.lessons.lesson import ClaimKind, Conditions, Lesson, LessonSource
from agent.store.studies import Study
from agent.study.aliases import by_common_name, common
from trainers.errors import SpaceError
from trainers.parameters import CategoricalParameter, NumberParameter, Parameter, parameter_from_dict

_SUBJECT, _TASK, _SPACE, _FAMILY, _METRIC = 3.0, 2.5, 2.0, 1.0, 0.5  # weights
_OF_ONE_TASK = (ClaimKind.DEFAULTS, ClaimKind.INDIFFERENT, ClaimKind.SECONDS)  # say nothing of other tasks
_SAME_TASK = 0.5
_BROAD = 0.4  # what being a neural network says, beside being, say, a recurrent one


@dataclass(frozen=True)
class Profile:
    """A study as lessons are compared with it. `words` are searched for in their texts; `key` is its own."""

    held: Conditions
    words: str
    key: str

    @cached_property
    def names(self) -> dict[str, str]:
        """Its parameters by their common name."""
        return by_common_name(self.held.parameters)

    @cached_property
    def families(self) -> frozenset[str]:
        return frozenset(self.held.families)


def profile(study: Study) -> Profile:
    held = conditions(study)
    words = " ".join([words_of(task(study)), held.metric, *held.families, *held.parameters])
    return Profile(held, words, key_of(study))


def fitness(lesson: Lesson, mine: Profile) -> float | None:
    """0 for a lesson that may hold anywhere, more the nearer its conditions; None where it does not apply."""
    held = lesson.conditions
    if lesson.source is not LessonSource.PERSON and {e.key for e in lesson.evidence} == {mine.key}:
        return None  # its own trials tell it better
    if held.families and not mine.families & set(held.families):
        return None
    near = task_likeness(held, mine.held)
    if not lesson.evidence and held.trainer and held.trainer != mine.held.trainer:
        return None
    if lesson.claim is not None and lesson.claim.kind in _OF_ONE_TASK and near < _SAME_TASK:
        return None
    about = sum(common(name) in mine.names for name in lesson.subjects)
    if lesson.subjects and not about:
        return None
    score = _SUBJECT * (0.6 + 0.4 * about / len(lesson.subjects)) if lesson.subjects else 0.0
    score += _TASK * near + _SPACE * space_likeness(held.parameters, mine.held.parameters)
    score += _FAMILY * max((_BROAD if f == NEURAL else 1.0 for f in mine.families & set(held.families)), default=0.0)
    return score + _METRIC * (bool(held.metric) and _metric(held.metric) == _metric(mine.held.metric))


def task_likeness(a: Conditions, b: Conditions) -> float:
    """1 for the same task of the same trainer, 0 for nothing in common."""
    if not a.trainer or not b.trainer:
        return 0.0
    families = _shared(set(a.families), set(b.families))
    if a.trainer != b.trainer:
        return 0.3 * families
    if a.task == b.task and (a.task or a.about == b.about):
        return 1.0
    return 0.7 * _shared(set(_parts(a.task)), set(_parts(b.task))) + 0.2 * families


def _shared(a: set[str], b: set[str]) -> float:
    return len(a & b) / len(a | b) if a | b else 0.0


def _parts(name: str) -> list[str]:
    return [part for part in name.lower().replace("_", "-").replace(".", "-").split("-") if part]


def _metric(name: str) -> str:
    return name.lower().replace("/", "_").replace("-", "_").removeprefix("cv_").removeprefix("valid_")


def space_likeness(a: Mapping[str, Mapping[str, object]], b: Mapping[str, Mapping[str, object]]) -> float:
    """Parameters by their common names, 1 for the same ones over the same ranges."""
    ours, theirs = by_common_name(a), by_common_name(b)
    every = ours.keys() | theirs.keys()
    both = sorted(ours.keys() & theirs.keys())
    return sum(_alike(a[ours[name]], b[theirs[name]]) for name in both) / len(every) if every else 0.0


def _alike(a: Mapping[str, object], b: Mapping[str, object]) -> float:
    """Half for the name, half for how far the ranges or choices overlap."""
    one, other = _parameter(a), _parameter(b)
    if isinstance(one, CategoricalParameter) and isinstance(other, CategoricalParameter):
        return 0.5 + 0.5 * _shared({str(c) for c in one.choices}, {str(c) for c in other.choices})
    if isinstance(one, NumberParameter) and isinstance(other, NumberParameter):
        return 0.5 + 0.5 * overlap((one.low, one.high), (other.low, other.high), one.log or other.log)
    return 0.5


def overlap(a: tuple[float, float], b: tuple[float, float], log: bool) -> float:
    """The part that two ranges share of what they cover together, on a log scale if `log` and both are above 0."""
    if log and min(*a, *b) > 0:
        a, b = (math.log(a[0]), math.log(a[1])), (math.log(b[0]), math.log(b[1]))
    shared = min(a[1], b[1]) - max(a[0], b[0])
    covered = max(a[1], b[1]) - min(a[0], b[0])
    if covered <= 0:
        return 1.0
    return max(shared, 0.0) / covered


def _parameter(told: Mapping[str, object]) -> Parameter | None:
    """None for what another version, or a person, wrote in a way that this one does not read."""
    try:
        return parameter_from_dict("x", {key: value for key, value in told.items() if key != "when"})
    except (SpaceError, TypeError, ValueError):
        return None
