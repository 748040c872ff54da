"""The shape of a reply with proposals: exact in the schema that the model is given, lenient in what is taken.

The schema holds a model with a grammar to names, choices and ranges. One without may write "1e-3" for a number
or leave a field out; a reply is not thrown away for that. `check` says of each config what is wrong with it.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, JsonValue, WithJsonSchema, create_model, model_validator

from trainers.parameters import CategoricalParameter, NumberParameter, Parameter
from trainers.space import SearchSpace

_LONGEST = 700  # characters of a rationale; a grammar stops there
_EVIDENCE = {
    "type": "array",
    "maxItems": 6,
    "items": {
        "type": "object",
        "properties": {
            "trial": {"type": "integer", "minimum": 0, "description": "The number of a trial that was shown."},
            "metric": {"anyOf": [{"type": "string", "maxLength": 60}, {"type": "null"}]},
            "step": {"anyOf": [{"type": "integer", "minimum": 0}, {"type": "null"}]},
            "text": {"type": "string", "maxLength": 240, "description": "What it shows."},
        },
        "required": ["trial", "metric", "step", "text"],
        "additionalProperties": False,
    },
}
_EXPECTED = {
    "type": "object",
    "properties": {"low": {"type": "number"}, "high": {"type": "number"}},
    "required": ["low", "high"],
    "additionalProperties": False,
}
_REQUIRED: list[JsonValue] = ["params", "rationale", "evidence", "expected", "confidence"]


class Proposed(BaseModel):
    """One config as the model wrote it. Nothing in it has been checked."""

    model_config = ConfigDict(extra="ignore", json_schema_extra={"required": _REQUIRED, "additionalProperties": False})

    params: Annotated[Any, WithJsonSchema({"type": "object"})] = Field(
        default=None, description="A value for every parameter that exists in this config."
    )
    rationale: Annotated[Any, WithJsonSchema({"type": "string", "maxLength": _LONGEST})] = Field(
        default="", description="What this config tests, why here and why these values."
    )
    evidence: Annotated[Any, WithJsonSchema(_EVIDENCE)] = Field(
        default=(), description="The trials, and points of curves, that the rationale rests on."
    )
    lessons: Annotated[Any, WithJsonSchema({"type": "array", "maxItems": 8, "items": {"type": "integer"}})] = Field(
        default=(), description="Numbers of the lessons it rests on."
    )
    expected: Annotated[Any, WithJsonSchema(_EXPECTED)] = Field(
        default=None, description="An interval that holds the objective's value in 8 of 10 cases."
    )
    confidence: Annotated[Any, WithJsonSchema({"type": "number", "minimum": 0, "maximum": 1})] = Field(
        default=None, description="How well the evidence bears the expectation, from 0 to 1."
    )

    @model_validator(mode="before")
    @classmethod
    def _whatever_it_is(cls, given: Any) -> Any:
        """What is no object counts as one without params."""
        return given if isinstance(given, dict) else {}


class Proposals(BaseModel):
    """Several configs, the most promising first."""

    model_config = ConfigDict(extra="ignore")

    proposals: list[Proposed]

    @model_validator(mode="before")
    @classmethod
    def _unwrapped(cls, given: Any) -> Any:
        """A bare list, or one config alone, means the same."""
        if isinstance(given, list):
            return {"proposals": given}
        if isinstance(given, dict) and "proposals" not in given and "params" in given:
            return {"proposals": [given]}
        return given


@lru_cache(maxsize=32)
def shape(space: SearchSpace, k: int, with_lessons: bool = False) -> type[Proposals]:
    """`Proposals` for `k` configs of `space`; its schema names every parameter with its range or choices."""
    item = Proposed.model_json_schema()
    item["properties"] = {**item["properties"], "params": params_schema(space)}
    if not with_lessons:
        del item["properties"]["lessons"]
    listed = {"type": "array", "items": item, "minItems": 1, "maxItems": k}
    field: Any = (Annotated[list[Proposed], WithJsonSchema(listed)], Field(description="The most promising first."))
    return create_model("Proposals", __base__=Proposals, __doc__=Proposals.__doc__, proposals=field)


def params_schema(space: SearchSpace) -> dict[str, Any]:
    """The JSON schema of a config. Conditions and constraints are beyond it; `check` knows them."""
    return {
        "type": "object",
        "description": "A value for every parameter that exists in this config.",
        "properties": {p.name: _value(p) for p in space.parameters.values()},
        "required": [p.name for p in space.parameters.values() if p.when is None],
        "additionalProperties": False,
    }


def _value(parameter: Parameter) -> dict[str, Any]:
    if isinstance(parameter, CategoricalParameter):
        return {"enum": list(parameter.choices)}
    assert isinstance(parameter, NumberParameter)
    kind = "integer" if parameter.kind == "int" else "number"
    return {"type": kind, "minimum": parameter.low, "maximum": parameter.high}
