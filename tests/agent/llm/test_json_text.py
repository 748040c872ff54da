"""Finding JSON in a reply."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.llm import json_text
from agent.llm.json_text import NoJSONError

DOCUMENTS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
OBJECTS = st.dictionaries(st.text(), DOCUMENTS, max_size=5)
PROSE = st.text(st.characters(exclude_characters='{}[]"`\\', exclude_categories=["Cs"]))


@given(OBJECTS, PROSE, PROSE, st.booleans())
def test_an_object_is_found_whatever_stands_around_it(document, before, after, ascii_only):
    text = json.dumps(document, ensure_ascii=ascii_only)
    assert json_text.find(f"{before} {text} {after}") == document


@given(OBJECTS)
def test_an_object_is_found_in_a_fence(document):
    assert json_text.find(f"Here:\n```json\n{json.dumps(document, indent=1)}\n```\nDone.") == document


@given(OBJECTS.filter(bool), st.data())
def test_a_part_of_an_object_is_never_taken_for_the_whole(document, data):
    text = json.dumps(document)
    cut = data.draw(st.integers(0, len(text) - 1))
    with pytest.raises(NoJSONError):
        json_text.find(text[:cut])


@given(st.text())
def test_any_text_gives_a_document_or_a_sentence(text):
    try:
        json_text.find(text)
    except NoJSONError as error:
        assert str(error).endswith(".")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('{"a": 1} or rather {"a": 2}', {"a": 2}),
        ('{"a": 1} as in [1] and [2]', {"a": 1}),
        ("a list: [1, 2]", [1, 2]),
        ('use {braces} so: {"a": "}{"}', {"a": "}{"}),
        ('{"a": {"b": 1}} trailing', {"a": {"b": 1}}),
    ],
)
def test_which_one(text, found):
    assert json_text.find(text) == found


@pytest.mark.parametrize("text", ['{"a": 1,} {', '{"a": [{"b": 1}, {"b": 2,}]}', "{{{{" * 1000, '{"a": "' + "\\" * 999])
def test_what_is_broken_inside_is_not_taken_apart(text):
    with pytest.raises(NoJSONError):
        json_text.find(text)
