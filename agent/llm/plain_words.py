"""What is wrong with a structured reply, in words that help a model, or a person, to mend it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

_MOST = 8


def explain(error: ValidationError) -> str:
    """One sentence a problem, the first few."""
    problems = error.errors(include_url=False, include_context=True)
    said = [_problem(problem) for problem in problems[:_MOST]]
    if (more := len(problems) - _MOST) > 0:
        said.append(f"There are {more} more.")
    return " ".join(dict.fromkeys(said))


def _problem(problem: Mapping[str, Any]) -> str:
    place = _place(problem["loc"])
    match problem["type"]:
        case "missing":
            return f"{place} is missing."
        case "extra_forbidden":
            return f"{place} is not a known field."
        case "json_invalid":
            return f"The JSON is not valid: {problem['msg']}."
        case "too_short":
            return f"{place} has {len(problem['input'])} items, but at least {problem['ctx']['min_length']} are wanted."
        case "too_long":
            return f"{place} has {len(problem['input'])} items, but at most {problem['ctx']['max_length']} are wanted."
        case "value_error":
            return f"{place}: {problem['ctx']['error']}."
    rule = (
        str(problem["msg"]).removeprefix("Input ").replace("should be a valid", "must be a").replace("should", "must")
    )
    return f"{place} is {_short(problem['input'])}, but {rule}."


def _place(path: tuple[int | str, ...]) -> str:
    """`configs[0].params.lr`."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}"
    return text.removeprefix(".") or "The reply"


def _short(value: Any) -> str:
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    text = "null" if value is None else repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"
