"""What is said about one parameter as a belief; what may mean its opposite is refused, never guessed."""

from __future__ import annotations

from agent.study.belief import Belief, plain, range_of, same
from agent.study.phrases import Said
from trainers.dimension import is_number
from trainers.errors import TunewrightError
from trainers.parameters import CategoricalParameter, NumberParameter, Parameter, Value

_THIRD = 1 / 3  # of a range: what counts as small or large
_OTHER = {"small": "large", "large": "small", "<": ">", ">": "<"}
_CUT = {"large": "<", "small": ">"}  # "1e-3 is too large" means below it
_ENDLESS = float("inf")


class Unclear(TunewrightError):
    """Nothing is taken from the statement: it cannot be read for certain."""


class Impossible(TunewrightError):
    """The whole hint is refused: it cannot be meant so."""


def meaning(parameter: Parameter, said: Said, choices: dict[str, Value]) -> Belief:
    """Raises Unclear or Impossible."""
    if said.junk:
        raise Unclear(f"“{said.junk[0]}” is unclear")
    if said.nots > 1:
        raise Unclear("say what it is, not what it is not")
    if isinstance(parameter, CategoricalParameter) and not _numeric(parameter):
        return _of_choices(parameter, said, choices)
    if said.choices:
        raise Unclear(f"{parameter.name} takes a number")
    size = _size(said)
    if size is not None:
        return _of_size(parameter, size, negated=bool(said.nots))
    low, high = _ends(parameter, said)
    if isinstance(parameter, CategoricalParameter):
        return _numbers(parameter, low, high, said)
    assert isinstance(parameter, NumberParameter)
    if high < parameter.low or low > parameter.high:
        raise Impossible(f"{parameter.name} {_asked(low, high)} lies outside its range, {range_of(parameter)}")
    return Belief(parameter.name, _place(parameter, low), _place(parameter, high))


def _numeric(parameter: CategoricalParameter) -> bool:
    return all(is_number(c) for c in parameter.choices)


def _size(said: Said) -> str | None:
    """Whether small or large is all that is said; None where numbers say more."""
    if said.points or said.spans or said.bounds:
        return None
    if len(said.sizes) != 1:
        raise Unclear("say small or large, a value or a range")
    if said.too and not said.nots:
        raise Unclear("too much of it where? Say above or below which value it should lie")
    return next(iter(said.sizes))


def _of_size(parameter: Parameter, size: str, *, negated: bool) -> Belief:
    if isinstance(parameter, CategoricalParameter):
        ordered = sorted(parameter.choices, key=lambda c: float(c or 0))
        end = ordered[:1] if size == "small" else ordered[-1:]
        return Belief(parameter.name, choices=tuple(c for c in ordered if c not in end) if negated else tuple(end))
    if negated:
        return Belief(parameter.name, *((_THIRD, 1.0) if size == "small" else (0.0, 1 - _THIRD)))
    return Belief(parameter.name, *((0.0, _THIRD) if size == "small" else (1 - _THIRD, 1.0)))


def _ends(parameter: Parameter, said: Said) -> tuple[float, float]:
    """The lowest and the highest value that the numbers leave."""
    points = [_number(parameter, p) for p in said.points]
    spans = [tuple(sorted((_number(parameter, a), _number(parameter, b)))) for a, b in said.spans]
    bounds = [(mark, _number(parameter, value)) for mark, value in said.bounds]
    if said.too:
        points, bounds = _too(said, points, bounds)
    elif said.nots and isinstance(parameter, NumberParameter):
        if points or spans or len(bounds) != 1:
            raise Unclear("say where it should lie instead")
        bounds = [(_OTHER[mark], value) for mark, value in bounds]
    if points and (spans or bounds):
        raise Unclear("say one value or one range")
    lows = [a for a, _ in spans] + [v for mark, v in bounds if mark == ">"]
    highs = [b for _, b in spans] + [v for mark, v in bounds if mark == "<"]
    if points:
        return min(points), max(points)
    low, high = max(lows, default=-_ENDLESS), min(highs, default=_ENDLESS)
    if low > high:
        raise Impossible(f"{parameter.name} cannot be above {plain(low)} and below {plain(high)}")
    return low, high


def _asked(low: float, high: float) -> str:
    if low == high:
        return plain(low)
    if low == -_ENDLESS or high == _ENDLESS:
        return f"above {plain(low)}" if high == _ENDLESS else f"below {plain(high)}"
    return f"{plain(low)} … {plain(high)}"


def _too(
    said: Said, points: list[float], bounds: list[tuple[str, float]]
) -> tuple[list[float], list[tuple[str, float]]]:
    """`1e-3 is too high`, `above 1e-3 is too high`: below it."""
    if said.nots or said.spans or len(said.sizes) != 1 or len(points) + len(bounds) != 1:
        raise Unclear("say above or below which value it should lie")
    wanted = _CUT[next(iter(said.sizes))]
    if bounds and bounds[0][0] == wanted:
        raise Unclear("say above or below which value it should lie")
    return [], [(wanted, points[0] if points else bounds[0][1])]


def _numbers(parameter: CategoricalParameter, low: float, high: float, said: Said) -> Belief:
    """The choices of one whose choices are numbers."""
    denied = bool(said.nots) and not said.too
    if denied and (said.spans or (said.points and said.bounds)):
        raise Unclear("say where it should lie instead")
    if said.points and not said.too:
        points = [_number(parameter, p) for p in said.points]
        if odd := [p for p in points if not any(same(c, p) for c in parameter.choices)]:
            raise Impossible(f"{parameter.name} is one of {range_of(parameter)}, never {plain(odd[0])}")
        inside = [c for c in parameter.choices if any(same(c, p) for p in points)]
    else:
        inside = [c for c in parameter.choices if low <= float(c or 0) <= high]
    return _kept(parameter, inside, denied=denied)


def _of_choices(parameter: CategoricalParameter, said: Said, choices: dict[str, Value]) -> Belief:
    if said.spans or said.bounds or said.sizes or said.too:
        raise Unclear(f"name one of {range_of(parameter)}")
    words = {str(choices[c]).lower() for c in said.choices if c in choices}
    named = [c for c in parameter.choices if str(c).lower() in words or str(c).lower() in said.points]
    if len(named) < len(said.choices) + len(said.points):
        raise Unclear(f"name one of {range_of(parameter)}")
    if not named and said.nots and set(parameter.choices) == {True, False}:
        return Belief(parameter.name, choices=(False,))
    return _kept(parameter, named, denied=bool(said.nots) and bool(named))


def _kept(parameter: CategoricalParameter, named: list[Value], *, denied: bool) -> Belief:
    kept = [c for c in parameter.choices if not any(same(c, n) for n in named)] if denied else named
    if not kept and (named or _numeric(parameter)):
        raise Impossible(f"{parameter.name} is one of {range_of(parameter)}: none of them is left")
    if not kept:
        raise Unclear(f"name one of {range_of(parameter)}")
    return Belief(parameter.name, choices=tuple(kept))


def _number(parameter: Parameter, text: str) -> float:
    if not text.endswith("%"):
        return float(text)
    if not isinstance(parameter, NumberParameter) or parameter.high > 1:
        raise Unclear(f"{parameter.name} is {range_of(parameter)}, no share: write the value itself")
    return float(text[:-1]) / 100


def _place(parameter: NumberParameter, value: float) -> float:
    if value <= parameter.low:
        return 0.0
    return 1.0 if value >= parameter.high else parameter.unit(value)
