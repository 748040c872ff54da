"""Finds the JSON in what a model wrote: alone, in a fence, or with talk around it."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from typing import Any

_DECODER = json.JSONDecoder(strict=False)  # control characters within texts are let pass
_FENCE = re.compile(r"```[a-zA-Z]*\s*\n(.*?)(?:```|\Z)", re.S)
_BRACKET = re.compile(r"[{\[]")
_DEEP = "The JSON is nested too deeply."
_STRUCTURE = re.compile(r'["{}\[\]\\]')


class NoJSONError(ValueError):
    """Says what is wrong, in a sentence that can be told to the model."""


def find(text: str) -> Any:
    """The object that `text` holds, the last one where there are several: earlier ones may be quoted. Else the last
    list. Raises NoJSONError when there is neither, or a number that is not finite."""
    fences = [match[1] for match in _FENCE.finditer(text)]
    problem: NoJSONError | None = None
    for candidate in (text.strip(), *reversed(fences)):
        try:
            found = _last(candidate)
        except NoJSONError as error:
            problem = problem or error
            continue
        try:
            _require_finite(found, "")
        except RecursionError:
            raise NoJSONError(_DEEP) from None
        return found
    assert problem is not None
    raise problem


def _last(text: str) -> Any:
    try:
        value = _DECODER.decode(text)
        return _last(value) if isinstance(value, str) else value  # a text that holds JSON: encoded twice
    except RecursionError:
        raise NoJSONError(_DEEP) from None
    except json.JSONDecodeError:
        pass  # there may be something around it
    parts = list(_parts(text))
    values = [value for value, error in parts if not error]
    if values:
        return next((value for value in reversed(values) if isinstance(value, dict)), values[-1])
    raise NoJSONError(parts[-1][1] if parts else "There is no JSON in the reply.")


def _parts(text: str) -> Iterator[tuple[Any, str]]:
    """Each outermost value in brackets, or what is wrong with it."""
    at = 0
    while match := _BRACKET.search(text, at):
        start = match.start()
        try:
            value, at = _DECODER.raw_decode(text, start)
        except RecursionError:
            yield None, _DEEP
            return
        except json.JSONDecodeError as error:
            end = _closing(text, start)
            if end is None:
                yield None, f"The JSON ends before it is complete, with {text[-40:].strip()!r}."
                return
            at = end
            yield None, f"The JSON is not valid ({error.msg} near: {text[max(0, error.pos - 20) : error.pos + 20]!r})."
            continue
        yield value, ""


def _closing(text: str, start: int) -> int | None:
    """Just past the bracket that closes the one at `start`; None when there is none."""
    depth, quoted, at = 0, False, start
    while match := _STRUCTURE.search(text, at):
        at = match.end()
        match match[0]:
            case "\\":
                at += 1  # the next character stands for itself
            case '"':
                quoted = not quoted
            case "{" | "[" if not quoted:
                depth += 1
            case "}" | "]" if not quoted:
                depth -= 1
                if depth == 0:
                    return at
    return None


def _require_finite(value: Any, place: str) -> None:
    if isinstance(value, float) and not math.isfinite(value):
        raise NoJSONError(f"{place or 'The value'} is {value}; every number must be finite.")
    if isinstance(value, dict):
        for name, inner in value.items():
            _require_finite(inner, f"{place}.{name}" if place else str(name))
    if isinstance(value, list):
        for index, inner in enumerate(value):
            _require_finite(inner, f"{place}[{index}]")
