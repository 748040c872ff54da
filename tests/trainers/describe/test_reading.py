"""What a sentence states is read from its words; what is not clear is not guessed."""

from __future__ import annotations

import random

import pytest

from trainers.describe.reading import label_in, problems
from trainers.describe.rules import FIELDS, NOISES, PLACES, TRENDS, Truth
from trainers.describe.sentences import sentences, wordings


@pytest.mark.parametrize(("field", "label", "sentence"), wordings())
def test_our_own_sentences_say_what_they_were_made_to_say(field: str, label: str, sentence: str) -> None:
    assert label_in(field, sentence) == label


@pytest.mark.parametrize(
    ("sentence", "label"),
    [
        ("Overall, the time series shows a steady increase.", "rising"),
        ("It climbs from 3 to 97.", "rising"),
        ("A constant decline dominates.", "falling"),
        ("The data drop sharply and keep falling.", "falling"),
        ("The values remain stable throughout.", "flat"),
        ("It neither rises nor falls.", "flat"),
        ("There isn't any upward trend; it stays level.", "flat"),
        ("The series does not rise but falls.", "falling"),
        ("It rises, then falls.", None),
        ("It oscillates.", None),
        ("", None),
    ],
)
def test_trends(sentence: str, label: str | None) -> None:
    assert label_in("trend", sentence) == label


@pytest.mark.parametrize(
    ("sentence", "label"),
    [
        ("The series contains a small amount of noise.", "low"),
        ("Fluctuations are minimal; the curve is clean.", "low"),
        ("There is no visible noise.", "low"),
        ("The noise level is intermediate.", "medium"),
        ("It is noisy.", "high"),
        ("The curve is erratic, with large fluctuations.", "high"),
        ("The noise is not high but moderate.", "medium"),
        ("The noise is low to medium.", None),
        ("The noise is white.", None),
    ],
)
def test_noise(sentence: str, label: str | None) -> None:
    assert label_in("noise", sentence) == label


@pytest.mark.parametrize(
    ("sentence", "label"),
    [
        ("The maximum occurs near the end, while the minimum is found at the start.", "end/beginning"),
        ("It starts at its lowest point and peaks halfway.", "middle/beginning"),
        ("Minimum in the middle; maximum early on.", "beginning/middle"),
        ("The peak, at the end, follows a trough in the middle.", "end/middle"),
        ("Both the maximum and the minimum are in the central part.", "middle/middle"),
        ("The highest and lowest values are at the beginning and the end respectively.", "beginning/end"),
        ("The maximum is at the end.", None),
        ("The maximum is at the end, or in the middle, the minimum at the start.", None),
        ("It has extremes.", None),
    ],
)
def test_extrema(sentence: str, label: str | None) -> None:
    assert label_in("extrema", sentence) == label


def test_what_is_wrong_with_an_answer_is_told_by_field() -> None:
    truth = Truth("flat", "low", "end", "middle")
    answer = {"trend": "It rises.", "noise": "Who knows.", "extrema": ""}
    assert problems(answer, truth.to_dict(), FIELDS) == {
        "trend": "contradicts",
        "noise": "unclear",
        "extrema": "missing",
    }
    assert problems(sentences(truth, random.Random(0)), truth.to_dict(), FIELDS) == {}


def test_every_label_has_words() -> None:
    said = {(field, label) for field, label, _ in wordings()}
    assert {label for field, label in said if field == "trend"} == set(TRENDS)
    assert {label for field, label in said if field == "noise"} == set(NOISES)
    assert {label for field, label in said if field == "extrema"} == {f"{a}/{b}" for a in PLACES for b in PLACES}
