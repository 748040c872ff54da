"""Runs whatever the file of runs lacks."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.search.driver import append, read, run
from benchmarks.search.initial import initial
from benchmarks.search.tasks import tasks


def measure(
    runs: Path, wanted: Sequence[str], methods: Sequence[str], seeds: range, trials: int, given: str, until: float
) -> int:
    """Seed by seed, so that what is interrupted has as many seeds of every method. Gives 3 where `until`, on the
    monotonic clock, came first."""
    done = {one.key: len(one.losses) for one in read(runs)}
    for seed in seeds:
        for name in methods:
            for task in (task for group in wanted for task in tasks(group)):
                if done.get((task.name, name, seed, given), 0) >= trials:
                    continue
                if time.monotonic() > until:
                    print("out of time; run the same again to go on", file=sys.stderr)
                    return 3
                one = run(task, name, seed, trials, initial(task, seed) if given else (), given)
                append(runs, one)
                last = list(one.regrets())[-1]
                print(f"{task.name:32s} {name:24s} seed {seed:2d}  {last:.4f}  {one.seconds:.1f} s", file=sys.stderr)
    return 0
