"""Means with intervals, ranks, and tests of two methods on the same tasks and seeds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import islice

import numpy as np
from scipy.stats import rankdata, wilcoxon

from benchmarks.search.driver import Run

RESAMPLES = 2_000


def by_task(runs: Iterable[Run], trials: int, *, log: bool = False) -> dict[str, dict[int, float]]:
    """Task → seed → regret after so many trials, of the runs that are long enough."""
    found: dict[str, dict[int, float]] = defaultdict(dict)
    for run in runs:
        if len(run.losses) >= trials:
            regrets = run.log_regrets() if log else run.regrets()
            found[run.task][run.seed] = next(islice(regrets, trials - 1, None))
    return dict(found)


def mean(regrets: dict[str, dict[int, float]]) -> float:
    """The mean over tasks of the mean over seeds."""
    return float(np.mean([np.mean(list(seeds.values())) for seeds in regrets.values()])) if regrets else float("nan")


def interval(regrets: dict[str, dict[int, float]], seed: int = 0) -> tuple[float, float]:
    """95% of the means when the seeds of every task are drawn anew (bootstrap): the tasks are what they are."""
    rng = np.random.default_rng(seed)
    rows = [np.array(list(seeds.values())) for seeds in regrets.values()]
    drawn = np.mean([rng.choice(row, (RESAMPLES, len(row))).mean(1) for row in rows], axis=0)
    low, high = np.quantile(drawn, (0.025, 0.975))
    return float(low), float(high)


def ranks(methods: Sequence[dict[str, dict[int, float]]]) -> list[float]:
    """The mean rank of each method over the tasks and seeds that all of them ran, 1 being the best."""
    shared = set.intersection(*({(t, s) for t, seeds in m.items() for s in seeds} for m in methods))
    if not shared:
        return [float("nan")] * len(methods)
    values = np.array([[m[t][s] for m in methods] for t, s in sorted(shared)])
    return [float(rank) for rank in rankdata(values, axis=1).mean(0)]


def signed_rank(ours: dict[str, dict[int, float]], peer: dict[str, dict[int, float]]) -> tuple[float, int]:
    """Wilcoxon's p that the two differ, over pairs of the same task and seed, and how many pairs there are."""
    pairs = [(ours[t][s], peer[t][s]) for t in ours.keys() & peer.keys() for s in ours[t].keys() & peer[t].keys()]
    if not any(a != b for a, b in pairs):
        return 1.0, len(pairs)
    a, b = zip(*sorted(pairs), strict=True)
    return float(wilcoxon(a, b, zero_method="zsplit").pvalue), len(pairs)
