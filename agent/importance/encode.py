"""Trials as numbers: one column a parameter, values as ranks."""

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


def column(trials: Sequence[Trial], parameter: Parameter) -> Floats:
    """The parameter in each trial, from 0 to 1 on its own scale, shape (n,); nan where it does not apply."""
    name = parameter.name
    return np.array([parameter.unit(t.params[name]) if name in t.params else np.nan for t in trials])


def ranks(trials: Sequence[Trial], objective: Objective) -> Floats:
    """Ranks of the values, the best first, shape (n,), from 0 to 1. A loss that exploded counts as the worst and no
    more: on the values themselves a single one would take all the variance."""
    losses = [objective.sign * (t.value or 0.0) for t in trials]
    return np.asarray((rankdata(losses) - 1) / (len(losses) - 1), dtype=np.float64)
