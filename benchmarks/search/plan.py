"""What docs/search.md shows: which methods on which tasks, with how many seeds and trials."""

from __future__ import annotations

from pathlib import Path

from benchmarks.search.measure import measure

CLASSICAL = ("random", "optuna-tpe", "guided+portfolio", "gp", "tpe", "cmaes", "optuna-gp")
ADVISED = tuple(
    f"{search}+{adviser}"
    for adviser in ("bad", "good", "middling", "random-adviser", "repeating")
    for search in ("guided", "guided+portfolio", "gp+naive")
)
LARGE = ("gp", "guided", "guided+large", "gp+naive+large")
CHEAP = tuple(
    f"live/{model}-{data}" for model in ("svm", "decision_tree") for data in ("wine", "iris", "breast_cancer")
)
# groups, methods, seeds, trials, initial configs
PARTS = (
    (("hpobench",), CLASSICAL, 10, 30, ""),
    (("hpolib",), CLASSICAL, 10, 50, ""),
    (("hpobench",), ADVISED, 10, 30, ""),
    (("hpobench-oom",), LARGE, 10, 30, ""),
    (CHEAP, CLASSICAL[:4], 10, 30, ""),
    (("hpobench",), ("random", "tpe", "gp", "optuna-tpe-ordinal", "optuna-gp-ordinal"), 5, 30, "llambo"),
)


def everything(runs: Path, until: float) -> int:
    for groups, methods, seeds, trials, given in PARTS:
        if code := measure(runs, groups, methods, range(seeds), trials, given, until):
            return code
    return 0
