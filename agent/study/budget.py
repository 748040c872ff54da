"""What a study has spent of its budget."""

from __future__ import annotations

from collections.abc import Iterable

from agent.study.spec import Budget


def busy_seconds(intervals: Iterable[tuple[float, float]]) -> float:
    """Length of the union of (start, end) intervals: parallel trials count once."""
    total, reach = 0.0, float("-inf")
    for start, end in sorted(intervals):
        total += max(0.0, end - max(start, reach))
        reach = max(reach, end)
    return total


def seconds_left(budget: Budget, spent: float) -> float | None:
    """Seconds a trial started now may run: its own limit or what is left in total. None: no limit."""
    limits = [budget.trial_seconds, None if budget.total_seconds is None else max(budget.total_seconds - spent, 0.0)]
    known = [limit for limit in limits if limit is not None]
    return min(known) if known else None
