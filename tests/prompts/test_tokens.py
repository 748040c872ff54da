"""The thousandth trial's prompt is at most twice the twentieth's, whatever the study is like."""

from __future__ import annotations

import pytest

from benchmarks.prompt_tokens import MOST, SIZES, counter, measured
from tests.prompts.studies import KINDS


def test_tokens_are_counted_without_a_network() -> None:
    assert counter()("val_loss 3.2e-4") == 9
    assert counter()("<|endoftext|>") > 1  # text, not a special token


@pytest.mark.parametrize("kind", KINDS)
def test_the_prompt_stays_bounded(kind: str) -> None:
    first, *later = (measured(kind, size) for size in SIZES)
    assert all(count <= MOST * first for count in later)


def test_there_is_much_to_leave_out() -> None:
    assert measured("plain", 300, listed=True) > 3 * measured("plain", 300)
