"""The greedy cover: configs in an order such that, wherever one stops, few data sets are left without a good one.

Wistuba et al. 2015, *Sequential model-free hyperparameter tuning*; Feurer et al. 2022, Auto-sklearn 2.0.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from trainers.space import Config, SearchSpace

Floats = NDArray[np.float64]


_DECADES = 100.0  # of losses, the largest over the smallest: beyond, their logarithms are compared
_FENCE = 3.0  # interquartile ranges above the upper quartile, beyond which Tukey calls a value far out
_NEAR = 8  # configs around one whose regret counts for as much as its own


def regrets(losses: Floats) -> Floats:
    """Of one data set: 0 for its best config, 1 for the worst that is no outlier, for what is worse yet, and for what
    failed. A single run that diverged would make all others look alike."""
    known = losses[np.isfinite(losses)]
    if known.min() > 0 and known.max() > _DECADES * known.min():
        losses, known = np.log(losses), np.log(known)
    lower, upper = np.percentile(known, [25, 75])
    worst = min(known.max(), upper + _FENCE * (upper - lower))
    scale = (worst if worst > known.min() else known.max()) - known.min()
    if scale <= 0:
        return np.where(np.isfinite(losses), 0.0, 1.0)
    return np.clip(np.nan_to_num((losses - known.min()) / scale, nan=1.0, posinf=1.0), 0.0, 1.0)


def steadied(regrets_TC: Floats, places_CD: Floats) -> Floats:
    """Regrets to cover by: half a config's own, half the mean of those around it. The best of thousands on a few data
    sets is good by luck; where all around is good too, it will be elsewhere."""
    from scipy.spatial import cKDTree

    _, near_CN = cKDTree(places_CD).query(places_CD, k=min(_NEAR, len(places_CD) - 1) + 1)
    return np.asarray(0.5 * regrets_TC + 0.5 * regrets_TC[:, near_CN].mean(axis=2), dtype=np.float64)


def greedy(regrets_TC: Floats, central_C: Floats, most: int) -> list[int]:
    """Indices of at most `most` configs: each lowers the mean over data sets of the best regret so far by the most; of
    equals the more central, then the first. Ends when none lowers it."""
    best_T = np.ones(len(regrets_TC))
    chosen: list[int] = []
    while len(chosen) < most:
        mean_C = np.minimum(best_T[:, None], regrets_TC).mean(axis=0)
        if chosen and mean_C.min() >= best_T.mean() - 1e-12:
            break
        index = int(np.lexsort((central_C, np.round(mean_C, 12)))[0])
        chosen.append(index)
        best_T = np.minimum(best_T, regrets_TC[:, index])
    return chosen


def places(space: SearchSpace, configs: Sequence[Config]) -> Floats:
    """Where the configs lie in the unit cube, a row each."""
    return np.array([[p.unit(config[name]) for name, p in space.parameters.items()] for config in configs])


def eccentricity(places_CD: Floats) -> Floats:
    """How far from the middle of the space each lies."""
    return np.asarray(np.sqrt(((places_CD - 0.5) ** 2).mean(axis=1)), dtype=np.float64)


def influence(regrets_TC: Floats, places_CD: Floats, bins: int = 10) -> Floats:
    """How much of the regret goes with each parameter alone: the standard deviation of its means over `bins` stretches
    of the range, the mean over data sets; the largest is 1."""
    found = np.zeros(places_CD.shape[1])
    for d in range(places_CD.shape[1]):
        stretch_C = np.minimum((places_CD[:, d] * bins).astype(int), bins - 1)
        levels = np.unique(stretch_C)
        means = np.array([regrets_TC[:, stretch_C == level].mean(axis=1) for level in levels])
        found[d] = means.std(axis=0).mean()
    return found / found.max() if found.max() > 0 else np.ones_like(found)
