"""A parameter's range as one line, as it is shown and as a person edits it: `1e-05 … 0.1 log`, `16, 32, 64`."""

from __future__ import annotations

import re
from typing import Any

from agent.study import space_words
from trainers.dimension import is_number
from trainers.errors import SpaceError
from trainers.parameters import Parameter, parameter_from_dict

_RANGE = re.compile(r"\s*(\S+?)\s*(?:…|\.\.+|\bto\b|\s)\s*(\S+)((?:\s+(?:log|linear|step\s+\S+))*)\s*\Z")


def shown(parameter: Parameter) -> str:
    spec = parameter.to_dict()
    if "choices" in spec:
        return ", ".join(space_words.written(c) for c in spec["choices"])
    more = (" log" if spec.get("log") else "") + (f" step {spec['step']:g}" if "step" in spec else "")
    return f"{space_words.written(spec['low'])} … {space_words.written(spec['high'])}{more}"


def read(parameter: Parameter, text: str) -> Parameter:
    """The parameter with the range that `text` says: two ends, then `log` or `step N`; or choices with commas.

    A default that no longer fits is dropped. Raises SpaceError saying what is wrong.
    """
    old = parameter.to_dict()
    kept: dict[str, Any] = {"when": old["when"]} if "when" in old else {}
    if "," in text or old["type"] == "categorical":
        choices = space_words.read(old, "choices", text.replace(",", " | "))
        _check_kind(parameter.name, old, choices)
        spec = {"type": "categorical", "choices": choices, **kept}
    else:
        match = _RANGE.match(text)
        if match is None:
            remedy = "Write two numbers, as in 1e-5 … 0.1 log, or choices with commas."
            raise SpaceError(f"'{text}' is no range", where=f"space.{parameter.name}", remedy=remedy)
        kind = old["type"] if old["type"] != "categorical" else "float"
        spec = {"type": kind, "low": _number(old, match[1]), "high": _number(old, match[2]), **kept}
        if "log" in match[3].split():
            spec["log"] = True
        if step := re.search(r"step\s+(\S+)", match[3]):
            spec["step"] = _number(old, step[1])
    made = parameter_from_dict(parameter.name, spec)
    default = old.get("default")
    if default is None or made.problem(default) is not None:
        return made
    return parameter_from_dict(parameter.name, {**spec, "default": default})


def _check_kind(name: str, old: dict[str, Any], choices: list[Any]) -> None:
    """Numbers stay numbers: the script takes nothing else."""
    numeric = all(is_number(c) for c in old.get("choices", (0,)))
    if numeric and (wrong := next((c for c in choices if not is_number(c)), None)) is not None:
        raise SpaceError(f"'{wrong}' is no number", where=f"space.{name}", remedy="Write numbers with commas.")


def _number(old: dict[str, Any], text: str) -> Any:
    return space_words.read(old, "low", text)
