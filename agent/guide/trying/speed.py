"""How fast a script goes, and how long the whole of it would take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from agent.guide.nouns import Option
from agent.guide.trying.detector import Count, Detector
from agent.study.roles import Role, role

_FINEST = ("step", "round", "update", "batch", "bar", "epoch")


@dataclass(frozen=True)
class Speed:
    """`unit` is what is counted; None where nothing rose. `full` is the seconds of a whole run, if known."""

    per_second: float | None = None
    unit: str = ""
    seconds_per_epoch: float | None = None
    full: float | None = None
    full_from: str = ""


def rate(count: Count | None) -> float | None:
    """Counts a second, from the first to the last; None while it has not risen."""
    if count is None or count.last[0] <= count.first[0] or count.last[1] <= count.first[1]:
        return None
    return (count.last[0] - count.first[0]) / (count.last[1] - count.first[1])


def measure(detector: Detector, options: Sequence[Option]) -> Speed:
    """What the steps seen tell; `options` may say how many there will be."""
    counts = detector.counts
    rates = {word: found for word in _FINEST if (found := rate(counts.get(word))) is not None}
    unit = next(iter(rates), "")
    per_epoch = 1 / rates["epoch"] if "epoch" in rates else None
    bar = counts.get("bar")
    if per_epoch is None and "epoch" in counts and "bar" in rates and bar is not None and bar.total:
        per_epoch = bar.total / rates["bar"]
    full, source = _full(counts, rates, per_epoch, options)
    return Speed(rates.get(unit), "batch" if unit == "bar" else unit, per_epoch, full, source)


def _full(
    counts: dict[str, Count], rates: dict[str, float], per_epoch: float | None, options: Sequence[Option]
) -> tuple[float | None, str]:
    for word, each in (("epoch", per_epoch), *((w, 1 / r) for w, r in rates.items() if w not in ("epoch", "bar"))):
        if each is None:
            continue
        total, source = counts[word].total if word in counts else None, "it says so itself"
        if total is None:
            total, source = _told(word, options)
        if total is not None:
            return total * each + (counts[word].first[1] if word in counts else 0.0), f"{total:,} {word}s; {source}"
    return None, ""


def _told(word: str, options: Sequence[Option]) -> tuple[int | None, str]:
    """How many epochs or steps an option's default asks for."""
    words = {"epoch": ("epoch",), "round": ("round", "estimators", "trees"), "step": ("step", "iter")}.get(
        word, (word,)
    )
    for option in options:
        length = role(option.name) is Role.LENGTH and any(w in option.name.lower() for w in words)
        if length and isinstance(option.default, int) and not isinstance(option.default, bool) and option.default > 0:
            return option.default, f"the default of {option.name}"
    return None, ""
