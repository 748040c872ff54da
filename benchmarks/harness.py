"""What every benchmark returns, and how it is printed."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One measured quantity beside its peer's, medians of `repeats` runs each, in `unit`.

    `ratio` is by how much ours is better, above 1 meaning better. `goal` says what was promised and
    `met` whether it holds.
    """

    name: str
    ours: float
    peer: float | None
    unit: str
    peer_name: str
    goal: str
    met: bool
    repeats: int
    more_is_better: bool = False

    @property
    def ratio(self) -> float | None:
        if self.peer is None or 0 in (self.ours, self.peer):
            return None
        return self.ours / self.peer if self.more_is_better else self.peer / self.ours


def median(measure: Callable[[], float], repeats: int) -> float:
    """The median of `repeats` calls."""
    return statistics.median(measure() for _ in range(repeats))


def medians(measures: Sequence[Callable[[], float]], repeats: int) -> list[float]:
    """The median of each, taken in turns (A B A B), so that a busy moment of the machine meets all of them."""
    rounds = [[measure() for measure in measures] for _ in range(repeats)]
    return [statistics.median(values) for values in zip(*rounds, strict=True)]


def seconds(action: Callable[[], object]) -> float:
    """Wall seconds one call takes."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def number(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def table(figures: list[Figure]) -> str:
    """Markdown, as the README shows it."""
    lines = ["| what | Tunewright | peer | ratio | goal | met |", "|---|---|---|---|---|---|"]
    for f in figures:
        peer = "–" if f.peer is None else f"{number(f.peer)} {f.unit} ({f.peer_name})"
        ratio = "–" if f.ratio is None else f"{f.ratio:,.1f}×"
        lines.append(
            f"| {f.name} | {number(f.ours)} {f.unit} | {peer} | {ratio} | {f.goal} | {'yes' if f.met else 'no'} |"
        )
    return "\n".join(lines)
