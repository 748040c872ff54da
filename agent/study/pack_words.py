"""With whom a trial trained as one process, in words."""

from __future__ import annotations

from collections.abc import Sequence


def named(numbers: Sequence[int]) -> str:
    """`t3, t12–t19`."""
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(_span(run) for run in runs)


def _span(run: Sequence[int]) -> str:
    if len(run) < 3:
        return ", ".join(f"t{number}" for number in run)
    return f"t{run[0]}–t{run[-1]}"


def told(numbers: Sequence[int]) -> str:
    """`one process with t12–t19`; empty for a trial that trained by itself."""
    return f"one process with {named(numbers)}" if numbers else ""
