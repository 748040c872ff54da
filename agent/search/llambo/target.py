"""The value that candidates are asked to reach: a little beyond the best seen."""

from __future__ import annotations

import math
import re
import statistics
from collections.abc import Sequence

from agent.search.history import History

_FAR = 3.0  # times as far from the best as the median: a trial that went worse says nothing of the range
_FLAT = 0.1  # of the best value: the range where all trials came to the same
_WORD = re.compile(r"[A-Z]+\d*(?![a-z])|[A-Z]?[a-z]+\d*|\d+")
_SHARES = {"acc", "accuracy", "auc", "auroc", "f1", "precision", "recall", "iou", "dice", "err", "error", "errors"}
_POSITIVE = {"loss", "mse", "mae", "rmse", "mape", "nll", "perplexity", "ppl", "wer", "cer", "brier", "logloss"}


def target(history: History, alpha: float) -> float:
    """s' = s_best − α (s_worst − s_best), on the objective's own scale and side, of the trials there are now.

    Clipped to the values the metric can take: where the formula would leave them, half of the way from the best to the
    end is asked for; a perfect score asks for itself. Needs a completed trial.
    """
    losses = [history.loss(trial) for trial in history.ranking]
    sign = history.objective.sign
    best, worst = sign * losses[0], sign * _worst(losses)
    wanted = best - alpha * (worst - best)
    low, high = bounds(history)
    if low <= wanted <= high:
        return wanted
    end = low if wanted < low else high
    return best + (end - best) / 2


def spread(history: History) -> float:
    """The range of the values seen, far-off ones left out; positive."""
    losses = [history.loss(trial) for trial in history.ranking]
    return _worst(losses) - losses[0]


def bounds(history: History) -> tuple[float, float]:
    """The least and the largest value the metric can take, as far as its name says so and no trial contradicts."""
    values = [history.objective.sign * history.loss(trial) for trial in history.completed]
    words = {word.lower() for word in _WORD.findall(history.objective.metric)}
    if words & _SHARES and all(0 <= v <= 1 for v in values):
        return 0.0, 1.0
    if words & (_SHARES | _POSITIVE) and all(v >= 0 for v in values):
        return 0.0, math.inf
    return -math.inf, math.inf


def _worst(losses: Sequence[float]) -> float:
    """The worst of the sorted losses that is not out of all proportion."""
    best, median = losses[0], statistics.median(losses)
    limit = best + _FAR * (median - best) if median > best else math.inf
    worst = max(loss for loss in losses if loss <= limit)
    if worst > best:
        return worst
    return best + (_FLAT * abs(best) or _FLAT)
