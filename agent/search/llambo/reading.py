"""What a reply holds, whatever stands around it: configs, and numbers by label. Nothing of it has been checked."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Sequence
from functools import lru_cache
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema, create_model, model_validator

from agent.llm.values import proposed, value_of
from agent.search.llm.reply import params_schema
from trainers.space import SearchSpace

_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_NUMBERS = re.compile(_NUMBER)
_ENDS = tuple(',}] \t\r\n"')  # what may follow a value
_LIST = re.compile(r"\[([^\[\]{}]*)\]")


class Lenient(BaseModel):
    """Takes any JSON: a sampled answer that is odd is not asked for again, only read as far as it goes."""

    model_config = ConfigDict(extra="allow", json_schema_extra=lambda schema: _closed(schema))

    @model_validator(mode="before")
    @classmethod
    def _whatever_it_is(cls, given: Any) -> Any:
        return given if isinstance(given, dict) else {"given": given}


@lru_cache(maxsize=32)
def configs_shape(space: SearchSpace, k: int) -> type[BaseModel]:
    """`{"configurations": [{…}, …]}`, up to `k` of them."""
    listed = {"type": "array", "items": params_schema(space), "minItems": 1, "maxItems": k}
    field: Any = (Annotated[Any, WithJsonSchema(listed)], Field(default=()))
    return create_model("Configurations", __base__=Lenient, __doc__="Configurations to try.", configurations=field)


@lru_cache(maxsize=64)
def labels_shape(labels: tuple[str, ...], choices: tuple[int, ...] = ()) -> type[BaseModel]:
    """`{"c1": 0.3, "c2": 0.4}`: a number for every label, or one of `choices`."""
    wanted: dict[str, Any] = {"enum": list(choices)} if choices else {"type": "number"}
    fields: dict[str, Any] = {label: (Annotated[Any, WithJsonSchema(wanted)], Field(default=None)) for label in labels}
    return create_model("Predictions", __base__=Lenient, __doc__="One number for each label.", **fields)


def _closed(schema: dict[str, Any]) -> None:
    """The schema asks for exactly its fields, for models that are held to it."""
    schema |= {"required": list(schema.get("properties", {})), "additionalProperties": False}


def configs(text: str, names: Collection[str]) -> list[dict[str, Any]]:
    """Every config in the reply, those of one that breaks off too; in JSON, else a line each as `lr: 0.1, width=64`."""
    found = _whole(text, names)
    if found:
        return found
    return [config for line in text.splitlines() if len(config := _line(line, names)) * 2 > len(names)]


def _whole(text: str, names: Collection[str]) -> list[dict[str, Any]]:
    """The values by name of each object in JSON; the last of a reply that broke off may be but a part of one."""
    return [
        {name: value_of(text, member) for name, member in members.items() if text[member.end : member.end + 1] in _ENDS}
        for members in proposed(text, names)
    ]


def _line(line: str, names: Collection[str]) -> dict[str, Any]:
    """`name: value` and `name=value` in a line of plain text."""
    either = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    pairs = re.findall(rf"(?<![\w.])[\"'`*]*({either})[\"'`*]*\s*[:=]\s*[\"'`*]*([^\s,;|\"'`*)}}#]+)", line)
    return dict(pairs)


def numbers(text: str, labels: Sequence[str]) -> dict[str, float]:
    """The finite number each label was given: in JSON, else as `c1: 0.3`, else in a list of just as many. One that
    was given none is left out; of one given twice the last counts."""
    found: dict[str, float] = {}
    for one in _whole(text, labels):
        found |= _finite(one)
    if found:
        return found
    for label in labels:
        if given := re.findall(rf"\b{re.escape(label)}\b[\"'`*)\]]*\s*[:=]\s*[\"'`*]*({_NUMBER})", text):
            found |= _finite({label: given[-1]})
    return found or _listed(text, labels)


def _listed(text: str, labels: Sequence[str]) -> dict[str, float]:
    for inner in reversed(_LIST.findall(text)):
        given = [part.strip() for part in inner.split(",")]
        if len(given) == len(labels):
            return _finite(dict(zip(labels, given, strict=True)))
    bare = _NUMBERS.fullmatch(text.strip())
    return _finite({labels[0]: bare[0]}) if bare and len(labels) == 1 else {}


def _finite(given: dict[str, Any]) -> dict[str, float]:
    found = {}
    for label, value in given.items():
        try:
            number = float(value)
        except (TypeError, ValueError):
            continue
        if math.isfinite(number) and not isinstance(value, bool):
            found[label] = number
    return found
