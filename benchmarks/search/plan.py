"""What docs/search.md shows: which methods on which tasks, with how many seeds and trials."""

from __future__ import annotations

from pathlib import Path

from benchmarks.search.measure import measure

CLASSICAL = ("random", "cmaes", "tpe", "gp", "guided", "optuna-tpe", "optuna-gp")
ADVISED = tuple(
    f"{search}+{adviser}"
    for adviser in ("good", "middling", "bad", "random-adviser", "repeating")
    for search in ("guided", "gp+naive")
)
LARGE = ("gp", "guided", "guided+large", "gp+naive+large")
# groups, methods, seeds, trials, initial configs
PARTS = (
    (("hpobench",), CLASSICAL, 10, 30, ""),
    (("hpolib",), CLASSICAL, 10, 50, ""),
    (("hpobench",), ADVISED, 10, 30, ""),
    (("hpobench-oom",), LARGE, 10, 30, ""),
    (("hpobench",), ("random", "tpe", "gp", "optuna-tpe-ordinal", "optuna-gp-ordinal"), 5, 30, "llambo"),
)


def everything(runs: Path, until: float) -> int:
    for groups, methods, seeds, trials, given in PARTS:
        if code := measure(runs, groups, methods, range(seeds), trials, given, until):
            return code
    return 0
