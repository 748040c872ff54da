"""Entropies against figures worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.llm.entropy import entropy_and_logprob, entropy_of_top, tokens_of_provider

LOGITS = st.lists(st.floats(-80, 80, width=32), min_size=2, max_size=50)


def by_hand(logits: list[float]) -> list[float]:
    """The probabilities."""
    largest = max(logits)
    weights = [math.exp(value - largest) for value in logits]
    return [weight / sum(weights) for weight in weights]


@given(LOGITS)
def test_from_all_logits(logits: list[float]) -> None:
    chances = by_hand(logits)
    entropy, logprob = entropy_and_logprob(np.array(logits, np.float32), 1)
    assert entropy == pytest.approx(-sum(p * math.log(p) for p in chances if p > 0), abs=1e-6)
    assert logprob == pytest.approx(math.log(chances[1]) if chances[1] > 0 else logprob, abs=1e-5)


def test_the_ends_of_the_scale() -> None:
    assert entropy_and_logprob(np.zeros(1000, np.float32), 0)[0] == pytest.approx(math.log(1000))
    assert entropy_and_logprob(np.array([0.0, -np.inf, -np.inf], np.float32), 0) == (0.0, 0.0)


@given(LOGITS, st.integers(1, 20))
def test_the_likeliest_few_give_a_lower_bound(logits: list[float], count: int) -> None:
    chances = sorted(by_hand(logits), reverse=True)
    whole = -sum(p * math.log(p) for p in chances if p > 0)
    bound = entropy_of_top([math.log(p) for p in chances[:count] if p > 0])
    assert bound <= whole + 1e-9
    if count >= len(chances):
        assert bound == pytest.approx(whole, abs=1e-6)


def test_a_chat_reply_of_an_openai_compatible_provider() -> None:
    half = math.log(0.5)
    listed = [
        {
            "token": "0",
            "logprob": half,
            "top_logprobs": [{"token": "0", "logprob": half}, {"token": "1", "logprob": half}],
        },
        {"token": ".1", "logprob": math.log(0.8), "top_logprobs": []},
    ]
    first, second = tokens_of_provider({"content": listed})
    assert (first.text, first.logprob, first.entropy) == ("0", half, pytest.approx(math.log(2)))
    assert second.entropy == pytest.approx(-0.8 * math.log(0.8) - 0.2 * math.log(0.2))
    assert tokens_of_provider(None) == ()


def test_the_older_form_of_completions() -> None:
    given = {
        "tokens": ["a", "b"],
        "token_logprobs": [None, math.log(0.25)],
        "top_logprobs": [None, {"c": math.log(0.75)}],
    }
    first, second = tokens_of_provider(given)
    assert math.isnan(first.logprob) and first.entropy == 0.0
    assert second.entropy == pytest.approx(-0.25 * math.log(0.25) - 0.75 * math.log(0.75))
