"""One value of a portfolio as a value of a study's parameter, and how well it fits there."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from trainers.dimension import is_finite, is_number
from trainers.errors import SpaceError
from trainers.parameters import CategoricalParameter, NumberParameter, Parameter, Value

_BEYOND = 0.5  # of the study's range: a value further outside says nothing of what is inside
# Choices that mean nearly the same, by their letters and digits alone; the first found that the study has is taken.
_ALIKE = (
    ("adam", "adamw", "nadam", "radam", "adamax"),
    ("sgd", "momentum", "nesterov", "sgdm"),
    ("cosine", "cosineannealing", "cosinedecay", "cosinewithwarmup"),
    ("const", "constant", "none", "fixed", "no"),
    ("relu", "leakyrelu", "gelu", "silu", "swish", "elu"),
    ("tanh", "sigmoid", "logistic"),
    ("rbf", "gaussian"),
    ("true", "yes", "on", "1"),
    ("false", "no", "off", "0"),
)


@dataclass(frozen=True)
class Placed:
    """`fit` is 1 for a value within the range, less for one moved to its edge, 0 from half a range outside on."""

    value: Value
    fit: float


def placed(value: object, theirs: Parameter, mine: Parameter, base: float | None = None) -> Placed | None:
    """`value` of `theirs` in terms of `mine`; None where it says nothing of it: other units, another kind of choice."""
    if is_number(value) and is_finite(value):
        number = float(value)  # type: ignore[arg-type]
        log = isinstance(theirs, NumberParameter) and theirs.log
        if base is not None:
            return None if number <= 0 else _number(math.log(number, base), mine, log=False)
        return None if _other_units(theirs, mine) else _number(number, mine, log=log)
    if isinstance(value, str | bool) and isinstance(mine, CategoricalParameter):
        return _choice(value, mine.choices)
    return None


def _other_units(theirs: Parameter, mine: Parameter) -> bool:
    """Whether one is a share (up to 1) and the other a count (beyond 1): `min_samples_leaf` may be either."""
    one, other = _ends(theirs), _ends(mine)
    if one is None or other is None:
        return False
    apart = one[1] < other[0] or other[1] < one[0]
    return (
        apart
        or (_is_share(theirs, one) and _is_count(mine, other))
        or (_is_count(theirs, one) and _is_share(mine, other))
    )


def _is_share(parameter: Parameter, ends: tuple[float, float]) -> bool:
    return parameter.kind != "int" and ends[0] >= 0 and ends[1] <= 1


def _is_count(parameter: Parameter, ends: tuple[float, float]) -> bool:
    return parameter.kind == "int" and ends[1] > 1


def _ends(parameter: Parameter) -> tuple[float, float] | None:
    if isinstance(parameter, NumberParameter):
        return parameter.low, parameter.high
    numbers = _numbers(parameter)
    return (min(numbers), max(numbers)) if numbers else None


def _numbers(parameter: Parameter) -> list[float]:
    """The choices of a parameter all of which are numbers; else none."""
    choices = parameter.choices if isinstance(parameter, CategoricalParameter) else ()
    return [float(c) for c in choices if is_number(c)] if all(map(is_number, choices)) else []  # type: ignore[arg-type]


def _number(number: float, mine: Parameter, *, log: bool) -> Placed | None:
    ends = _ends(mine)
    if ends is None:
        return None
    log = (log or (isinstance(mine, NumberParameter) and mine.log)) and ends[0] > 0 and number > 0
    fit = _fit(number, ends, log=log)
    if isinstance(mine, CategoricalParameter):
        return Placed(min(mine.choices, key=lambda c: _apart(float(c or 0), number, log=log)), fit)
    try:
        return Placed(mine.snap(number), fit)
    except SpaceError:
        return None


def _fit(number: float, ends: tuple[float, float], *, log: bool) -> float:
    low, high = ends
    if low <= number <= high:
        return 1.0
    span = _apart(low, high, log=log)
    beyond = _apart(number, low if number < low else high, log=log)
    return max(1.0 - beyond / (_BEYOND * span), 0.0) if span else 0.0


def _apart(a: float, b: float, *, log: bool) -> float:
    return abs(math.log(a / b)) if log and min(a, b) > 0 else abs(a - b)


def _choice(value: str | bool, choices: Sequence[Value]) -> Placed | None:
    """The same choice, else one written a little otherwise, else one that means nearly the same."""
    wanted = _letters(value)
    written = {_letters(choice): choice for choice in reversed(choices)}
    if wanted in written:
        return Placed(written[wanted], 1.0)
    for group in _ALIKE:
        if wanted in group:
            found = next((word for word in group if word in written), None)
            if found is not None:
                return Placed(written[found], 0.8)
    return None


def _letters(value: object) -> str:
    return re.sub(r"[^a-z0-9]", "", str(value).lower())
