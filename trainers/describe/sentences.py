"""What is true of a series as sentences, in several wordings."""

from __future__ import annotations

import random
from collections.abc import Mapping

from trainers.describe.rules import FIELDS, Truth

_TREND: Mapping[str, tuple[str, ...]] = {
    "rising": ("The series rises overall.", "The values increase from start to end.", "There is an upward trend."),
    "falling": ("The series falls overall.", "The values decrease from start to end.", "There is a downward trend."),
    "flat": ("The series is flat overall.", "The values end about where they began.", "There is no clear trend."),
}
_NOISE: Mapping[str, tuple[str, ...]] = {
    "low": ("The noise is low.", "There is little noise.", "The curve is smooth."),
    "medium": ("The noise is moderate.", "There is a medium amount of noise.", "The curve is moderately noisy."),
    "high": ("The noise is high.", "There is strong noise.", "The curve is very noisy."),
}
_WHERE = {"beginning": "at the beginning", "middle": "in the middle", "end": "at the end"}
_APART = (
    "The maximum is {highest} and the minimum is {lowest}.",
    "It peaks {highest} and is lowest {lowest}.",
    "The highest value lies {highest}, the lowest {lowest}.",
)
_TOGETHER = (
    "The maximum and the minimum are both {highest}.",
    "Both extremes lie {highest}.",
    "The highest and the lowest value are both {highest}.",
)


def sentences(truth: Truth, rng: random.Random) -> dict[str, str]:
    """A sentence for each of FIELDS, in a wording drawn by `rng`."""
    return {field: sentence(truth, field, rng) for field in FIELDS}


def sentence(truth: Truth, field: str, rng: random.Random) -> str:
    """Of one of FIELDS."""
    if field == "trend":
        return rng.choice(_TREND[truth.trend])
    if field == "noise":
        return rng.choice(_NOISE[truth.noise])
    wordings = _TOGETHER if truth.highest == truth.lowest else _APART
    return rng.choice(wordings).format(highest=_WHERE[truth.highest], lowest=_WHERE[truth.lowest])


def wordings() -> list[tuple[str, str, str]]:
    """Every sentence there is: (field, label, sentence)."""
    out = [("trend", label, text) for label, texts in _TREND.items() for text in texts]
    out += [("noise", label, text) for label, texts in _NOISE.items() for text in texts]
    for high, highest in _WHERE.items():
        for low, lowest in _WHERE.items():
            texts = _TOGETHER if high == low else _APART
            out += [("extrema", f"{high}/{low}", text.format(highest=highest, lowest=lowest)) for text in texts]
    return out
