"""One value of a reply and the parameter it is meant for."""

from __future__ import annotations

import math
from typing import Any

from agent.digest.text import literal, shorten
from trainers.dimension import is_finite, is_number
from trainers.errors import SpaceError
from trainers.parameters import CategoricalParameter, NumberParameter, Parameter, Value

OVERSHOOT = 0.01  # of the range, on the parameter's own scale: so little beyond an end is taken as the end


class Misfit(Exception):
    """There is no allowed value that was clearly meant. The text says so to the model."""


def fit(parameter: Parameter, given: Any) -> tuple[Value, str]:
    """The allowed value that `given` means, and what was changed about it (empty for nothing). Raises Misfit."""
    if isinstance(parameter, CategoricalParameter):
        return _choice(parameter, given)
    assert isinstance(parameter, NumberParameter)
    number = _number(parameter, given)
    if problem := _out_of_range(parameter, number):
        raise Misfit(problem)
    value = parameter.snap(number)
    assert isinstance(value, int | float)
    if math.isclose(value, number, rel_tol=1e-9, abs_tol=1e-12):
        return value, ""
    why = "the end of its range" if not parameter.low <= number <= parameter.high else "the nearest it can take"
    return value, f"{parameter.name} {literal(number)} → {literal(value)}, {why}"


def _number(parameter: Parameter, given: Any) -> float:
    """Models write "1e-3" for 0.001; nothing else that is no number is one."""
    number = given
    if isinstance(given, str):
        try:
            number = float(given.strip())
        except ValueError:
            raise Misfit(f"{parameter.name} = {_show(given)} is not a number") from None
    if not is_number(number):
        raise Misfit(f"{parameter.name} = {_show(given)} is not a number")
    if not is_finite(number):
        raise Misfit(f"{parameter.name} = {_show(given)} is not finite")
    return float(number)


def _out_of_range(parameter: NumberParameter, number: float) -> str:
    if parameter.low <= number <= parameter.high:
        return ""
    beyond = not parameter.log or number > 0
    if beyond and parameter.low < parameter.high and -OVERSHOOT <= parameter.unit(number) <= 1 + OVERSHOOT:
        return ""
    between = f"{literal(parameter.low)} to {literal(parameter.high)}"
    return f"{parameter.name} = {literal(number)} is outside its range of {between}"


def _choice(parameter: CategoricalParameter, given: Any) -> tuple[Value, str]:
    """A choice as it is, by its text, or the nearest of numbers that lies among them."""
    text: Any = given.strip() if isinstance(given, str) else given
    if text == "null" and None in parameter.choices:
        return None, ""
    numbers = [float(c) for c in parameter.choices if c is not None and is_number(c)]
    is_between = is_finite(text) and len(numbers) == len(parameter.choices) and min(numbers) <= text <= max(numbers)
    by_text = parameter.problem(text) is None or str(text).lower() in {str(c).lower() for c in parameter.choices}
    if isinstance(text, list | dict) or not (by_text or is_between):
        choices = ", ".join(literal(c) for c in parameter.choices[:24])
        raise Misfit(f"{parameter.name} = {_show(given)} is not one of {choices}")
    try:
        value = parameter.snap(text)
    except SpaceError as error:
        raise Misfit(error.what) from None
    same = parameter.problem(text) is None or by_text
    return value, "" if same else f"{parameter.name} {_show(given)} → {literal(value)}, the nearest choice"


def _show(given: Any) -> str:
    try:
        return shorten(literal(given), 60)
    except (TypeError, ValueError, OverflowError):
        return shorten(str(given), 60)
