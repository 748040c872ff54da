"""Each parameter's value is found in whatever way a model writes its proposals down."""

from __future__ import annotations

import itertools
import json
import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.llm.call import Token
from agent.llm.entropy import value_entropies
from agent.llm.values import documents, leaves, proposed, tokens_at, value_of

NAMES = ("lr", "layers", "opt", "betas", "naïve name")
SCALARS = st.one_of(
    st.integers(-(10**9), 10**9),
    st.floats(allow_nan=False, allow_infinity=False),
    st.booleans(),
    st.none(),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
)
VALUES = st.one_of(SCALARS, st.lists(SCALARS, max_size=3), st.dictionaries(st.text(max_size=3), SCALARS, max_size=2))
CONFIGS = st.dictionaries(st.sampled_from(NAMES), VALUES, min_size=1)
PROSE = st.sampled_from(["", "Here you are:\n", "I thought of {lr} and [0.1, but\n", "```json\n", 'As "lr" says: '])


@st.composite
def replies(draw: Any) -> tuple[str, list[dict[str, Any]]]:
    """A reply's text, and the configs in it."""
    configs = draw(st.lists(CONFIGS, min_size=1, max_size=4))
    items = [{"params": c, "rationale": "lr: 3, because", "expected": [0.1, 0.2]} for c in configs]
    shapes = [{"proposals": items}, items, {"a": {"b": [[items]]}}]
    document = draw(st.sampled_from(shapes))
    separators = draw(st.sampled_from([None, (",", ":"), (" , ", " :\n ")]))
    text = json.dumps(document, indent=draw(st.sampled_from([None, 1, 4])), separators=separators,
                      ensure_ascii=draw(st.booleans()))  # fmt: skip
    return draw(PROSE) + text + draw(st.sampled_from(["", "\n```", " Good luck."])), configs


@given(replies())
def test_every_value_of_every_proposal_is_found(reply: tuple[str, list[dict[str, Any]]]) -> None:
    text, configs = reply
    found = [{name: value_of(text, at) for name, at in places.items()} for places in proposed(text, NAMES)]
    assert found == configs


@given(replies(), st.data())
@settings(deadline=None)
def test_the_entropy_of_a_value_is_the_mean_of_the_tokens_that_hold_it(
    reply: tuple[str, list[dict[str, Any]]], data: Any
) -> None:
    text, configs = reply
    cuts = sorted(data.draw(st.sets(st.integers(1, max(len(text) - 1, 1)), max_size=30)))
    edges = [0, *cuts, len(text)]
    pieces = [text[a:b] for a, b in itertools.pairwise(edges)]
    tokens = [Token(piece, -1.0, float(2**i % 97)) for i, piece in enumerate(pieces)]
    owner = [i for i, piece in enumerate(pieces) for _ in piece]  # the token of each character
    expected = []
    for places in proposed(text, NAMES):
        holders = {name: sorted({owner[c] for c in range(at.start, at.end)}) for name, at in places.items()}
        expected.append({name: sum(tokens[i].entropy for i in own) / len(own) for name, own in holders.items() if own})
    found = value_entropies(tokens, NAMES)
    assert len(found) == len(configs)
    for ours, theirs in zip(found, expected, strict=True):
        assert ours == pytest.approx(theirs)


def test_a_name_that_also_stands_elsewhere_misleads_nobody() -> None:
    items = [
        {"params": {"lr": 0.1, "confidence": 7}, "evidence": [{"lr": 9}], "confidence": 0.5},
        {"params": {"lr": 0.2, "confidence": 8}, "evidence": [{"lr": 9}, {"lr": 9}], "confidence": 0.6},
    ]
    text = json.dumps({"proposals": items})
    found = [{n: value_of(text, m) for n, m in p.items()} for p in proposed(text, ("lr", "confidence"))]
    assert found == [{"lr": 0.1, "confidence": 7}, {"lr": 0.2, "confidence": 8}]


def test_the_last_document_counts_and_one_that_breaks_off_counts_as_far_as_it_goes() -> None:
    text = 'Not {"lr": 1} but {"proposals": [{"params": {"lr": 0.5, "opt": "adam"}}, {"params": {"lr": 0.25, "opt": "sg'
    found = [{n: value_of(text, m) for n, m in p.items()} for p in proposed(text, ("lr", "opt"))]
    assert found == [{"lr": 0.5, "opt": "adam"}, {"lr": 0.25}]


def test_leaves_are_what_a_reply_decides_not_its_prose() -> None:
    text = '{"a": [1, {"b": true, "opt": "adam"}], "why": "because of the loss", "c": null}'
    assert [text[m.start : m.end] for m in leaves(text)] == ["1", "true", "adam", "null"]
    assert leaves("no document at all") == []


@given(st.text('{}[]",:\\ 1a\n', max_size=60))
def test_garbage_is_no_trouble(text: str) -> None:
    for members in documents(text):
        assert all(0 <= m.start <= m.end <= len(text) for m in members)
    assert all(set(found) <= {"a", "1"} for found in proposed(text, ("a", "1")))


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 50_000, '["' * 100_000, '{"a": "' + "[{" * 100_000])
def test_a_hostile_reply_does_not_exhaust_the_stack(text: str) -> None:
    assert isinstance(proposed(text, ("a",)), list)


def test_an_empty_value_belongs_to_the_token_it_stands_in() -> None:
    text = '{"opt": ""}'
    [places] = proposed(text, ("opt",))
    assert text[places["opt"].start : places["opt"].end] == '""'
    assert list(tokens_at(['{"opt', '": ""', "}"], places["opt"])) == [1]
    assert math.isclose(value_entropies([Token(text, 0.0, 0.5)], ("opt",))[0]["opt"], 0.5)
