"""What every benchmark returns, and how it is printed."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
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
