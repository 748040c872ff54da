"""Answers beside the truth: where they differ, which are looked at, what they come to in a sentence."""

from __future__ import annotations

import pytest

from agent.samples import chosen, parted, tally
from agent.samples.chosen import errors
from trainers.samples import Samples, SeriesSample, TextSample


def text(answer: str, truth: str, error: str = "", **more: str) -> TextSample:
    return TextSample(question="q", answer=answer, truth=truth, right=answer == truth, error=error, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("answer", "truth", "marked"),
    [
        ("】)", "】)", ("】)", "】)")),
        (")】", "】)", ("[)】]", "[】)]")),
        ("】}", "】)", ("】[}]", "】[)]")),
        ("】", "】)", ("】", "】[)]")),
        ("", ")", ("", "[)]")),
        (")))", ")", (")[))]", ")")),
        ("a b", "a c b", ("a b", "a [c ]b")),
    ],
)
def test_short_answers_are_compared_character_by_character(answer: str, truth: str, marked: tuple[str, str]) -> None:
    found = parted(answer, truth)
    assert tuple("".join(f"[{t}]" if differs else t for t, differs in side) for side in found) == marked


def test_sentences_are_compared_word_by_word() -> None:
    answer = "The series rises steadily, and it is quite noisy until the end."
    truth = "The series falls steadily, and it is not noisy until the middle."
    said, true = parted(answer, truth)
    assert [t for t, differs in said if differs] == ["rises", "quite", "end"]
    assert [t for t, differs in true if differs] == ["falls", "not", "middle"]


@pytest.mark.parametrize("pair", [("x" * 8000, "y" * 7999), ("a b " * 2000, "a c " * 2000), ("ab" * 4000, "")])
def test_nothing_is_lost_of_either_however_long(pair: tuple[str, str]) -> None:
    for whole, side in zip(pair, parted(*pair), strict=True):
        assert "".join(t for t, _ in side) == whole


FOUND = Samples(
    items=(text("a", "b", "wrong order"), text("c", "c"), SeriesSample(predicted=(1.0,), truth=(2.0,), title="OT")),
    asked=1000,
    counts={"too short": 20, "wrong order": 18},
)


def test_wrong_answers_and_forecasts_are_looked_at_first() -> None:
    assert [one.number for one in chosen(FOUND)] == [1, 3]
    assert [one.number for one in chosen(FOUND, everything=True)] == [1, 2, 3]


@pytest.mark.parametrize(("words", "numbers"), [("ORDER", [1]), ("ot", [3]), ("c", [2]), ("nowhere", [])])
def test_a_text_is_found_in_all_that_is_said_of_a_sample(words: str, numbers: list[int]) -> None:
    assert [one.number for one in chosen(FOUND, everything=True, text=words)] == numbers


def test_all_that_were_asked_are_counted_not_those_kept() -> None:
    assert tally(FOUND) == "38 of 1,000 wrong: 20 too short, 18 wrong order; 1 forecast"
    assert tally(Samples(items=(text("a", "b"), text("c", "c")))) == "1 of 2 wrong"
    assert tally(Samples(items=(text("c", "c"),), asked=1000)) == "0 of 1,000 wrong"


def test_what_is_missing_counts_for_no_error() -> None:
    nan = float("nan")
    assert errors(SeriesSample(predicted=(1.0, nan, 5.0), truth=(3.0, 1.0, nan, 7.0))) == (4.0, 2.0)
    assert errors(SeriesSample(predicted=(1.0,), truth=())) is None
