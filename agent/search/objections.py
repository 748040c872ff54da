"""What a person's rejections say to the samplers: soft limits that fade, and go when the trials contradict them.

A rejected config is never proposed again (`History.seen`); here its neighbourhood, and what its reason says about
ranges, is passed over with a probability that halves with every HALF_LIFE trials that end after it was said.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from agent.study.belief import plain, value_at
from trainers.dimension import is_number
from trainers.parameters import CategoricalParameter, NumberParameter, Parameter
from trainers.space import Config, SearchSpace

HALF_LIFE = 8  # ended trials
_FADED = 0.1  # a weight below which nothing is left of it
_NEAR = 0.08  # SearchSpace.distance: as near is as good as the same to whoever rejected it
_MARGIN = 0.03  # of a parameter's range: "too high" means at least so much lower
_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
_HIGH, _LOW = "high|large|big|great|much|many|fast|long|deep|wide", "low|small|little|few|slow|short|tiny|narrow"
_BELOW = r"below|under|<=?|less than|at most|smaller than|lower than|no (?:more|higher|larger) than|up to|≤"
_ABOVE = r"above|over|>=?|more than|at least|larger than|higher than|greater than|≥"
_BOUND = re.compile(
    r"\W*?(?:(?:is|was|should be|must be|stay|kept|always)\s+)*"
    rf"(?:(?P<below>{_BELOW})|(?:{_ABOVE}))\s*(?P<value>{_NUMBER})"
)
_REFUSES = re.compile(r"\b(?:too|never|no|not|don't|avoid|bad|worse|slow|fails?|wrong|diverges?|useless)\b", re.I)


@dataclass(frozen=True)
class Rejection:
    """A config a person did not want, why, and how many trials had ended by then."""

    params: Config
    reason: str = ""
    ended: int = 0


@dataclass(frozen=True)
class Limit:
    """Where a parameter should not lie: above `low`, below `high` (on its 0 to 1 scale), or at one value."""

    name: str
    above: float | None = None
    below: float | None = None
    value: Any = None
    is_value: bool = False

    def forbids(self, space: SearchSpace, config: Mapping[str, Any]) -> bool:
        parameter = space.parameters.get(self.name)
        if parameter is None or self.name not in config:
            return False
        value = config[self.name]
        if self.is_value:
            return _same(parameter, value, self.value)
        if not isinstance(parameter, NumberParameter) or not is_number(value):
            return False
        place = parameter.unit(value)
        return (self.above is not None and place > self.above) or (self.below is not None and place < self.below)


@dataclass(frozen=True)
class Objection:
    """One rejection as it still counts: `weight` falls from 1 to 0."""

    rejection: Rejection
    limits: tuple[Limit, ...]
    weight: float
    near: bool = field(default=True)  # whether its neighbourhood counts; not once a good trial lies there

    def meets(self, space: SearchSpace, config: Mapping[str, Any]) -> bool:
        if any(limit.forbids(space, config) for limit in self.limits):
            return True
        return self.near and space.distance(config, self.rejection.params) < _NEAR


def objections(
    space: SearchSpace, rejections: Sequence[Rejection], ended: int, bests: Sequence[tuple[int, Config]]
) -> tuple[Objection, ...]:
    """Those that still count, oldest first. `bests` are the configs that were the best of their time, each with how
    many had ended with it: one that ended after a rejection and that its limit forbids contradicts it for good, one
    beside the rejected config contradicts that."""
    found = []
    for rejection in rejections:
        weight = 0.5 ** (max(ended - rejection.ended, 0) / HALF_LIFE)
        if weight < _FADED:
            continue
        since = [config for at, config in bests if at > rejection.ended]
        said = tuple(limits(space, rejection))
        kept = tuple(limit for limit in said if not any(limit.forbids(space, config) for config in since))
        near = all(space.distance(config, rejection.params) >= _NEAR for config in since)
        if kept or near:
            found.append(Objection(rejection, kept, weight, near))
    return tuple(found)


def heard_as(space: SearchSpace, rejection: Rejection) -> str:
    """What was read in a reason, for whoever gave it; nothing without one."""
    if not rejection.reason.strip():
        return ""
    avoided = [words for limit in limits(space, rejection) if (words := _words(space.parameters[limit.name], limit))]
    if not avoided:
        return "no parameter limit read in the reason: the config and its neighbourhood are avoided"
    return f"heard as: avoid {', '.join(dict.fromkeys(avoided))}"


def _words(parameter: Parameter, limit: Limit) -> str:
    if limit.is_value:
        return f"{limit.name} {plain(limit.value)}"
    if not isinstance(parameter, NumberParameter):
        return ""
    ends = (("above", limit.above), ("below", limit.below))
    return " or ".join(f"{limit.name} {side} {plain(value_at(parameter, at))}" for side, at in ends if at is not None)


# -- reading a reason -----------------------------------------------------------


def limits(space: SearchSpace, rejection: Rejection) -> Iterator[Limit]:
    """What a reason says about parameters by name: `lr too high`, `keep wd below .1`, `batch_size 256 is too slow`."""
    for clause in re.split(r"[;\n]|,(?!\d)|\.(?=\s|$)|\band\b|\bbut\b", rejection.reason):
        for name, parameter in space.parameters.items():
            if found := re.search(rf"(?<![\w.]){re.escape(name)}(?![\w]|\.\w)", clause, re.IGNORECASE):
                rest = clause[found.end() :]
                limit = _of_clause(parameter, clause[: found.start()], rest, rejection.params.get(name))
                if limit is not None:
                    yield limit


def _of_clause(parameter: Parameter, before: str, rest: str, rejected: Any) -> Limit | None:
    """What a clause says of the parameter whose name stands between `before` and `rest`."""
    if (bound := _BOUND.match(rest)) is not None and isinstance(parameter, NumberParameter):
        place, keeps_below = _place(parameter, float(bound["value"])), bound["below"] is not None
        if _REFUSES.search(before) or _REFUSES.search(rest[bound.end() :]):  # "lr below 1e-4 is too slow"
            keeps_below = not keeps_below
        return Limit(parameter.name, above=place) if keeps_below else Limit(parameter.name, below=place)
    value = _value(parameter, rest)
    if value is not None and (_REFUSES.search(before) or _REFUSES.search(rest)):
        return Limit(parameter.name, value=value, is_value=True)
    side = re.search(rf"\btoo\s+({_HIGH}|{_LOW})\b", rest)
    if side is None or not isinstance(parameter, NumberParameter) or not is_number(rejected):
        return None
    place = _place(parameter, float(rejected))
    if re.fullmatch(_HIGH, side[1]):
        return Limit(parameter.name, above=max(place - _MARGIN, 0.0))
    return Limit(parameter.name, below=min(place + _MARGIN, 1.0))


def _place(parameter: NumberParameter, value: float) -> float:
    if parameter.log and value <= 0:
        return 0.0
    return min(max(parameter.unit(value), 0.0), 1.0)


def _value(parameter: Parameter, rest: str) -> Any:
    """A value of the parameter named right behind it; None without one."""
    word = re.match(r"\s*(?:=|of|:)?\s*['\"]?([\w.+-]+)", rest)
    if word is None:
        return None
    text = word[1].rstrip(".")
    if isinstance(parameter, CategoricalParameter):
        return next((c for c in parameter.choices if str(c).lower() == text.lower()), None)
    return float(text) if re.fullmatch(_NUMBER, text) else None


def _same(parameter: Parameter, value: Any, other: Any) -> bool:
    if isinstance(parameter, NumberParameter):
        both = is_number(value) and is_number(other) and not (parameter.log and other <= 0)
        return both and abs(parameter.unit(value) - parameter.unit(other)) < _MARGIN
    return bool(value == other)
