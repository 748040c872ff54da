"""Turns what the sources find into reports: settles the step, and remembers what was seen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Protocol

from trainers.script.jsonline import STEP_LIMIT

_MOST_NAMES = 500  # of metrics nobody declared: a script that prints ids as keys must not fill the store
# ctx.report takes these for its own arguments.
_RESERVED = frozenset({"step", "self"})


class Reporting(Protocol):
    """The part of RunContext needed here."""

    def report(self, step: int, **metrics: float) -> None: ...


class Recorder:
    """`seen` counts the reports of each metric; `others` holds names that were met but not asked for."""

    def __init__(self, ctx: Reporting) -> None:
        self._ctx = ctx
        self._last: dict[str, int] = {}
        self.seen: Counter[str] = Counter()
        self.others: set[str] = set()

    def exact(self, step: int, metrics: Mapping[str, float]) -> None:
        """A report whose step the person has said how to find."""
        kept = {name: value for name, value in metrics.items() if self._known(name)}
        if kept and abs(step) < STEP_LIMIT:
            self._last.update(dict.fromkeys(kept, step))
            self.seen.update(kept.keys())
            self._ctx.report(step, **kept)

    def guessed(self, step: int | None, metrics: Mapping[str, float]) -> None:
        """A report whose step was guessed, or is missing. Such a step must lead on: where it does not
        (an epoch's number on the line of every batch), the reports are counted instead."""
        last = max((self._last.get(name, -1) for name in metrics), default=-1)
        self.exact(step if step is not None and step > last else last + 1, metrics)

    def _known(self, name: str) -> bool:
        return name not in _RESERVED and (name in self.seen or len(self.seen) < _MOST_NAMES)
