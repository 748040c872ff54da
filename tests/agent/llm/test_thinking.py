"""Thinking aloud is kept from the reader, however the text is cut into pieces."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.llm.thinking import Thinking

REPLIES = st.lists(
    st.sampled_from(["<think>", "</think>", "<thinking>", "</", "<th", "a", " ", "\n", "b < c"]), max_size=12
)


def taken_apart(pieces: list[str]) -> tuple[str, str, str]:
    thinking = Thinking()
    shown = "".join(thinking.feed(piece) for piece in pieces) + thinking.end()
    return shown, thinking.text, thinking.thought


@pytest.mark.parametrize(
    ("reply", "text", "thought"),
    [
        ("plain", "plain", ""),
        ("<think>hm</think>\n\nsaid", "said", "hm"),
        ("  <thinking>hm</thinking> said", "said", "hm"),
        ("<think>one</think><think>two</think>said", "said", "onetwo"),
        ("hm, from the template\n</think>\nsaid", "said", "hm, from the template"),
        ("<think>never closed", "", "never closed"),
        ("the tag <think> opens it", "the tag <think> opens it", ""),
        ("<think>a < b</think>1 < 2", "1 < 2", "a < b"),
        ("ends with <", "ends with <", ""),
    ],
)
def test_what_is_said(reply, text, thought):
    assert taken_apart([reply])[1:] == (text, thought)


@given(REPLIES, st.data())
def test_the_cut_into_pieces_makes_no_difference(parts, data):
    reply = "".join(parts)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(reply)), max_size=6)))
    pieces = [reply[a:b] for a, b in zip([0, *cuts], [*cuts, len(reply)], strict=True)]
    assert taken_apart(pieces)[1:] == taken_apart([reply])[1:]


def test_the_reader_sees_what_was_said():
    shown, text, _ = taken_apart(list("<think>hm</think>\nsaid <b>so</b>"))
    assert shown == text == "said <b>so</b>"
