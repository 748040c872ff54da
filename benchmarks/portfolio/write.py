"""Writes portfolios as agent/lessons/portfolios.toml: the whole file, so that it is what the builder makes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from agent.lessons.lesson import Lesson
from agent.lessons.wire import to_dict

PATH = Path(__file__).resolve().parents[2] / "agent" / "lessons" / "portfolios.toml"
_HEAD = """\
# Configs to begin with, by family of models, as lessons. Made by `python -m benchmarks.portfolio`; do not edit.
# `configs` in the order in which to try them. "Within 5% of the best": of the way from the best config to the worst.
"""


def toml(lessons: Iterable[Lesson]) -> str:
    return "\n".join([_HEAD, *("\n".join(_lines(lesson)) + "\n" for lesson in lessons)])


def _lines(lesson: Lesson) -> Iterator[str]:
    data = to_dict(lesson)
    key = lesson.uid.removeprefix("shipped:")
    held, portfolio = data["conditions"], data["portfolio"]
    yield f"[{key}]"
    for name in ("text", "subjects", "confidence", "citation", "tags"):
        yield f"{name} = {_value(data[name])}"
    yield from (f"{name} = {_value(held[name])}" for name in ("trainer", "task", "families") if held[name])
    yield f"\n[{key}.parameters]"
    yield from (f"{name} = {_value(told)}" for name, told in held["parameters"].items())
    yield f"\n[{key}.portfolio]"
    yield f"weights = {_value(portfolio['weights'])}"
    yield "configs = ["
    for config in portfolio["configs"]:
        yield f"  {{ params = {_value(config['params'])}, told = {_value(config['told'])} }},"
    yield "]"


def _value(value: Any) -> str:
    """JSON's scalars are TOML's; its objects are inline tables with another sign."""
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(k)} = {_value(v)}" for k, v in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_value, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def _key(name: str) -> str:
    return name if name.replace("_", "").replace("-", "").isalnum() else json.dumps(name)
