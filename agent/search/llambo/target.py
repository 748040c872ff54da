"""The value that candidates are asked to reach: a little beyond the best seen."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence

from agent.search.history import History
from agent.search.metric_bounds import bounds

_FAR = 3.0  # times as far from the best as the median: a trial that went worse says nothing of the range
_HUGE = 1e300  # what a difference counts as that no number can hold
_FLAT = 0.1  # of the best value: the range where all trials came to the same


def target(history: History, alpha: float) -> float:
    """s' = s_best − α (s_worst − s_best), on the objective's own scale and side, of the trials there are now.

    Clipped to the values the metric can take: where the formula would leave them, half of the way from the best to the
    end is asked for; a perfect score asks for itself. Needs a completed trial.
    """
    losses = [history.loss(trial) for trial in history.ranking]
    sign = history.objective.sign
    best, worst = sign * losses[0], sign * _worst(losses)
    wanted = best - alpha * min(max(worst - best, -_HUGE), _HUGE)
    low, high = bounds(history)
    if low <= wanted <= high:
        return wanted
    end = low if wanted < low else high
    return best + (end - best) / 2


def spread(history: History) -> float:
    """The range of the values seen, far-off ones left out; positive."""
    losses = [history.loss(trial) for trial in history.ranking]
    return min(_worst(losses) - losses[0], _HUGE)


def _worst(losses: Sequence[float]) -> float:
    """The worst of the sorted losses that is not out of all proportion."""
    best, median = losses[0], statistics.median(losses)
    limit = best + _FAR * (median - best) if median > best else math.inf
    worst = max(loss for loss in losses if loss <= limit)
    if worst > best:
        return worst
    return best + (_FLAT * abs(best) or _FLAT)
