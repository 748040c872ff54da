"""Trials as numbers: one column a parameter, and values such that no single one takes all of the spread."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import rankdata

from agent.study.nouns import Trial
from trainers.contract import Objective
from trainers.parameters import Parameter

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


_REACH = 4.0  # of 2, 4 and ranks alone the best on simulated studies (benchmarks/importance.py has them)


def column(trials: Sequence[Trial], parameter: Parameter) -> Floats:
    """The parameter in each trial, from 0 to 1 on its own scale, shape (n,); nan where it does not apply."""
    name = parameter.name
    return np.array([parameter.unit(t.params[name]) if name in t.params else np.nan for t in trials])


def clipped(trials: Sequence[Trial], objective: Objective) -> Floats:
    """Losses, shape (n,), from 0 for the best to 1. A loss that exploded counts as bad and no more: it is cut off at
    the median plus _REACH times as much as the median lies above the best twentieth."""
    losses = _losses(trials, objective)
    median = float(np.median(losses))
    reach = median - float(np.quantile(losses, 0.05))
    if reach > 0:
        losses = np.minimum(losses, median + _REACH * reach)
    return np.asarray((losses - losses.min()) / (losses.max() - losses.min()), dtype=np.float64)


def scores(trials: Sequence[Trial], objective: Objective) -> Floats:
    """What tests are made on, shape (n,), the best lowest: ranks, which no outlier moves, and clipped losses, which
    tell how far apart trials are where an optimiser has brought most of them close together; half of either."""
    ranks = (rankdata(_losses(trials, objective)) - 1) / (len(trials) - 1)
    return np.asarray((ranks + clipped(trials, objective)) / 2, dtype=np.float64)


def _losses(trials: Sequence[Trial], objective: Objective) -> Floats:
    return np.array([objective.sign * (t.value or 0.0) for t in trials], dtype=np.float64)
