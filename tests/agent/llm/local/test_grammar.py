"""Schemas as grammars, tried on llama.cpp itself: what it lets pass, and what a model writes under them."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import jsonschema
import pytest
from pydantic import BaseModel, Field

from agent.llm.grammar import any_json, gbnf
from agent.llm.llamacpp import Context, Weights
from agent.llm.sampling import Sampler
from agent.search.llm.reply import shape
from tests.agent.llm.local.tiny import needs_llama
from tests.agent.stores import SPACE

pytestmark = needs_llama


class Params(BaseModel):
    lr: float = Field(ge=1e-5, le=0.1)
    layers: int = Field(ge=1, le=12)
    opt: Literal["sgd", 'a "quoted\\one', "naïve\n"]
    momentum: float | None = None


class Node(BaseModel):
    name: str = Field(max_length=3)
    children: list[Node] = Field(default=[], max_length=2)


class Config(BaseModel):
    params: Params
    rationale: str = Field(max_length=700)
    expected: tuple[float, float]
    tags: list[Literal["a", "b"]] = Field(min_length=1, max_length=2)
    tree: Node | None = None
    shares: dict[Literal["x", "y"], float] = {}
    anything: Any = None


GOOD = {
    "params": {"lr": 1e-05, "layers": 12, "opt": 'a "quoted\\one', "momentum": None},
    "rationale": 'Ünïcode \\ " \n tab\t 中文',
    "expected": [-1.5e-7, 2],
    "tags": ["a", "b"],
    "tree": {"name": "top", "children": [{"name": "", "children": []}]},
    "shares": {"x": 0.5},
    "anything": [{"k": [True, None, 1.5]}],
}


@pytest.fixture(scope="module")
def weights(tiny_gguf: Path) -> Iterator[Weights]:
    loaded = Weights(str(tiny_gguf), "tiny", lambda: True)
    yield loaded
    loaded.close()


def takes(weights: Weights, grammar: str, text: str) -> bool:
    """Whether llama.cpp's grammar lets `text` pass from beginning to end."""
    sampler = Sampler(weights, 0.0, 0, grammar)
    assert sampler.has_grammar
    end = next(token for token in range(weights.n_vocab) if weights.ends(token))
    try:
        for token in [*weights.tokens(text, add_special=False), end]:
            if not sampler._allowed(token):
                return False
            sampler._lib.llama_sampler_accept(sampler._grammar, token)
        return True
    finally:
        sampler.close()


class TestWhatPasses:
    @pytest.mark.parametrize("indent", [None, 1, 4])
    def test_a_valid_document_however_it_is_laid_out(self, weights: Weights, indent: int | None) -> None:
        text = json.dumps(GOOD, indent=indent, ensure_ascii=indent == 1)
        assert takes(weights, gbnf(Config.model_json_schema()), text)

    @pytest.mark.parametrize(
        ("path", "value"),
        [
            (("params", "lr"), 0.2),
            (("params", "lr"), 0),
            (("params", "layers"), 13),
            (("params", "layers"), 0),
            (("params", "layers"), 1.5),
            (("params", "opt"), "adam"),
            (("params", "extra"), 1),
            (("rationale",), 7),
            (("rationale",), "x" * 701),
            (("expected",), [1]),
            (("expected",), [1, 2, 3]),
            (("expected",), [1e501, 2]),
            (("tags",), []),
            (("tags",), ["a", "a", "b"]),
            (("tree", "name"), "long"),
            (("shares", "z"), 1),
        ],
    )
    def test_no_invalid_one(self, weights: Weights, path: tuple[str, ...], value: Any) -> None:
        document = json.loads(json.dumps(GOOD))
        place = document
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = value
        text = json.dumps(document).replace("Infinity", "1e501")
        assert not takes(weights, gbnf(Config.model_json_schema()), text)

    def test_what_is_missing_or_in_another_order_does_not_pass(self, weights: Weights) -> None:
        grammar = gbnf(Config.model_json_schema())
        assert not takes(weights, grammar, json.dumps({k: v for k, v in GOOD.items() if k != "rationale"}))
        assert not takes(weights, grammar, json.dumps(dict(reversed(GOOD.items()))))
        assert takes(weights, grammar, json.dumps({k: v for k, v in GOOD.items() if k != "tree"}))

    @pytest.mark.parametrize("inside", ["\n", "\x00", "\x1b", "\\ud800", "\\x41", '"'])
    def test_no_control_character_and_no_half_character_in_a_text(self, weights: Weights, inside: str) -> None:
        grammar = gbnf({"type": "object", "properties": {"t": {"type": "string"}}, "required": ["t"]})
        assert takes(weights, grammar, '{"t": "a"}')
        assert not takes(weights, grammar, f'{{"t": "{inside}"}}')

    def test_the_schema_of_a_study_s_proposals(self, weights: Weights) -> None:
        schema = shape(SPACE, 2).model_json_schema()
        params = {"lr": 1e-3, "opt": "adam", "layers": 8, "warm": None}
        item = {
            "params": params,
            "rationale": "r",
            "evidence": [],
            "expected": {"low": 0, "high": 1},
            "confidence": 0.5,
        }
        assert takes(weights, gbnf(schema), json.dumps({"proposals": [item, item]}))
        for change in ({"lr": 0.2}, {"layers": 9}, {"opt": "lion"}, {"warm": 1}):
            wrong = {**item, "params": {**params, **change}}
            assert not takes(weights, gbnf(schema), json.dumps({"proposals": [wrong]}))


ODD = [
    {},
    {"type": "object"},
    {"type": "array"},
    {"type": "string", "pattern": "^(?=x).*$", "format": "uri"},
    {"type": "quaternion"},
    {"type": ["integer", "null"], "minimum": 3},
    {"enum": []},
    {"enum": [None, True, 1.5, "é", {"a": [1]}]},
    {"anyOf": []},
    {"$ref": "#/$defs/missing"},
    {"$ref": "https://example.com/schema.json"},
    {"$ref": "#/$defs/a", "$defs": {"a": {"anyOf": [{"$ref": "#/$defs/a"}, {"type": "null"}]}}},
    {"$ref": "#/$defs/a~1b", "$defs": {"a/b": {"type": "boolean"}}},
    {"allOf": [{"properties": {"a": {"type": "null"}}, "required": ["a"]}, {"properties": {"b": {"const": 2}}}]},
    {"type": "object", "properties": {"": {}, "a\nb\\": {"type": "integer", "minimum": 5, "maximum": 1}}},
    {"type": "object", "additionalProperties": False},
    {"type": "array", "items": {"type": "number", "minimum": 0, "maximum": 0}, "minItems": 2, "maxItems": 2},
    {"type": "array", "maxItems": 0},
    {"type": "string", "minLength": 3, "maxLength": 10**9},
    {"type": "object", "properties": {"x": True, "y": False, "z": {"not": {"type": "string"}}}, "required": "xy"},
]


@pytest.mark.parametrize("schema", ODD, ids=str)
def test_an_odd_schema_still_ends_in_json(weights: Weights, schema: dict[str, Any]) -> None:
    seed = random.Random(str(schema)).getrandbits(32)
    sampler = Sampler(weights, 1.0, seed, gbnf(schema))
    if not sampler.has_grammar:  # llama.cpp says no: what the backend falls back on
        sampler = Sampler(weights, 1.0, seed, any_json())
    text, ended = write(weights, sampler, 400)
    if ended:
        json.loads(text)
    else:
        assert len(text) > 100  # still inside a document that is allowed to go on


@pytest.mark.parametrize("seed", range(5))
def test_what_a_model_writes_is_valid(weights: Weights, seed: int) -> None:
    schema = Config.model_json_schema()
    text, ended = write(weights, Sampler(weights, 0.9, seed, gbnf(schema)), 3_000)
    if ended:
        jsonschema.validate(json.loads(text), schema)
        Config.model_validate_json(text)
    assert text.startswith('{"params":')


def write(weights: Weights, sampler: Sampler, most: int) -> tuple[str, bool]:
    context = Context(weights, 4_096, 1)
    context.feed(weights.tokens("<|im_start|>assistant\n", add_special=False))
    written = b""
    try:
        for _ in range(most):
            token = sampler.pick(context)
            if token is None or weights.ends(token):
                return written.decode(), True
            written += weights.piece(token)
            context.feed([token])
        return written.decode("utf-8", "replace"), False
    finally:
        context.close()
        sampler.close()
