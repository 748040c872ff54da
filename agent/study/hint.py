"""What a person expects of good values, in their words or by what they edited: `lr ~ 1e-3`, `small batch_size`.

A hint is a belief, not a rule: a density over each parameter it names, nowhere zero.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from trainers.dimension import is_number
from trainers.errors import SpaceError
from trainers.parameters import CategoricalParameter, Config, NumberParameter, Parameter, Value
from trainers.space import SearchSpace

_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
_RANGE = re.compile(rf"\W*(?:is |in |lies |from |between )*\s*({_NUMBER})\s*(?:\.\.+|…|to|and|–)\s*({_NUMBER})")
_BELOW = re.compile(rf"\W*?(?:is |stays? )?(?:below|under|<=?|less than|at most|≤)\s*({_NUMBER})")
_ABOVE = re.compile(rf"\W*?(?:is |stays? )?(?:above|over|>=?|more than|at least|≥)\s*({_NUMBER})")
_POINT = re.compile(
    rf"\s*(?:~|≈|=|:)?\s*(?:is|are|was|at|of|around|about|near|close to|roughly)?\s*['\"]?({_NUMBER})\b"
)
_WORD = re.compile(r"\s*(?:~|≈|=|:)?\s*(?:is|are|at|of)?\s*['\"]?([\w.+-]+)")
_SMALL, _LARGE = r"\b(?:small|low|tiny|short|few|narrow)\w*", r"\b(?:large|high|big|long|many|wide)\w*"
_THIRD = 1 / 3  # of a range: what counts as small or large
_WIDE = 0.1  # of a range: one standard deviation of what "about" means
_LEAST = 0.05  # of the density, everywhere: never a wall


@dataclass(frozen=True)
class Hint:
    """Words, or the values that an edit put in; `ended` is how many configs had ended by then."""

    said: str = ""
    params: Config = field(default_factory=dict)
    ended: int = 0


@dataclass(frozen=True)
class Belief:
    """Where good values of one parameter lie: from `low` to `high` on its 0 to 1 scale, or at one of its choices."""

    name: str
    low: float = 0.0
    high: float = 1.0
    choice: Value = None
    is_choice: bool = False

    def density(self, parameter: Parameter, config: Mapping[str, Any]) -> float:
        """From _LEAST to 1; 1 also where the parameter does not apply."""
        if self.name not in config:
            return 1.0
        if self.is_choice or not isinstance(parameter, NumberParameter):
            near = 1.0 if config[self.name] == self.choice else 0.0
        elif not is_number(config[self.name]):
            near = 0.0
        else:
            place = parameter.unit(config[self.name])
            near = math.exp(-0.5 * (max(self.low - place, place - self.high, 0.0) / _WIDE) ** 2)
        return _LEAST + (1 - _LEAST) * near


def beliefs(space: SearchSpace, hint: Hint) -> tuple[Belief, ...]:
    """What a hint says of the parameters that the space has; a later clause about one takes the place of an earlier."""
    found = {n: _at(space.parameters[n], v) for n, v in hint.params.items() if n in space.parameters}
    for belief in _read(space, hint.said):
        found[belief.name] = belief
    return tuple(belief for belief in found.values() if belief is not None)


def checked(space: SearchSpace, said: str) -> str:
    """`said` tidied. Raises SpaceError where it says nothing of any parameter."""
    text = " ".join(said.split())
    if not beliefs(space, Hint(text)):
        raise SpaceError(
            f"“{text}” says nothing of a parameter" if text else "there is no hint",
            where="hint",
            remedy=f"Name one and where it should lie: {_example(space)}.",
        )
    return text


def _example(space: SearchSpace) -> str:
    names = list(space.parameters) or ["lr"]
    numeric = [n for n in names if isinstance(space.parameters[n], NumberParameter)]
    if not numeric:
        first = space.parameters.get(names[0])
        return f"{names[0]} ~ {first.choices[0] if isinstance(first, CategoricalParameter) else 1}"
    middle = space.parameters[numeric[0]].middle()
    return f"{numeric[0]} ~ {middle:.2g}" + (f"; small {numeric[1]}" if numeric[1:] else "")


def _read(space: SearchSpace, said: str) -> Iterator[Belief]:
    for clause in _clauses(said):
        for name, parameter in space.parameters.items():
            spelled = r"[\s_-]?".join(map(re.escape, re.split(r"[\s_-]", name)))
            found = re.search(rf"(?<![\w.]){spelled}(?:e?s)?(?![\w]|\.\w)", clause, re.IGNORECASE)
            if found and (belief := _of_clause(parameter, clause[: found.start()], clause[found.end() :])):
                yield belief


def _clauses(said: str) -> Sequence[str]:
    """Split where one statement ends; the "and" of "between 1 and 2" ends none."""
    whole = re.sub(rf"(between\s+{_NUMBER})\s+and\s+", r"\1 to ", said, flags=re.IGNORECASE)
    return re.split(r"[;\n]|,(?!\d)|\.(?=\s|$)|\band\b|\bbut\b", whole)


def _of_clause(parameter: Parameter, before: str, rest: str) -> Belief | None:
    name = parameter.name
    if isinstance(parameter, CategoricalParameter):
        choice = _choice(parameter, rest, before)
        if choice is not None:
            return choice
        numeric = all(is_number(c) for c in parameter.choices)
        return _sized_choice(parameter, before, rest) if numeric else None
    assert isinstance(parameter, NumberParameter)
    if pair := _RANGE.match(rest):
        low, high = sorted((_place(parameter, float(pair[1])), _place(parameter, float(pair[2]))))
        return Belief(name, low, high)
    if bound := _BELOW.match(rest):
        return Belief(name, 0.0, _place(parameter, float(bound[1])))
    if bound := _ABOVE.match(rest):
        return Belief(name, _place(parameter, float(bound[1])), 1.0)
    if point := _POINT.match(rest):
        return _at(parameter, float(point[1]))
    side = _side(before, rest)
    return None if side is None else Belief(name, *((0.0, _THIRD) if side == "small" else (1 - _THIRD, 1.0)))


def _choice(parameter: CategoricalParameter, rest: str, before: str) -> Belief | None:
    """A choice named right behind the parameter, or alone before it ("adam optimizer")."""
    words = [w[1] for w in (_WORD.match(rest), re.search(r"([\w.+-]+)\s*$", before)) if w is not None]
    for word in words:
        for choice in parameter.choices:
            if str(choice).lower() == word.rstrip(".").lower():
                return Belief(parameter.name, choice=choice, is_choice=True)
    return None


def _sized_choice(parameter: CategoricalParameter, before: str, rest: str) -> Belief | None:
    side, ordered = _side(before, rest), sorted(parameter.choices, key=lambda c: float(c or 0))
    if side is None:
        return None
    return Belief(parameter.name, choice=ordered[0 if side == "small" else -1], is_choice=True)


def _side(before: str, rest: str) -> str | None:
    """Whether the word nearest to the name is one for small or for large."""
    near = f"{before[-24:]} {rest[:24]}"
    small, large = re.search(_SMALL, near, re.IGNORECASE), re.search(_LARGE, near, re.IGNORECASE)
    return None if bool(small) == bool(large) else "small" if small else "large"


def _at(parameter: Parameter, value: Any) -> Belief | None:
    if isinstance(parameter, CategoricalParameter):
        return Belief(parameter.name, choice=value, is_choice=True) if parameter.problem(value) is None else None
    if not is_number(value):
        return None
    place = _place(parameter, float(value))
    return Belief(parameter.name, place, place)


def _place(parameter: Parameter, value: float) -> float:
    if isinstance(parameter, NumberParameter) and parameter.log and value <= 0:
        return 0.0
    return min(max(parameter.unit(value), 0.0), 1.0)
