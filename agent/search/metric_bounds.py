"""Which values a metric can take at all, as its name tells."""

from __future__ import annotations

import math
import re

from agent.search.history import History

_WORD = re.compile(r"[A-Z]+\d*(?![a-z])|[A-Z]?[a-z]+\d*|\d+")
_SHARES = {"acc", "accuracy", "auc", "auroc", "f1", "precision", "recall", "iou", "dice", "err", "error", "errors"}
_POSITIVE = {"loss", "mse", "mae", "rmse", "mape", "nll", "perplexity", "ppl", "wer", "cer", "brier", "logloss"}


def bounds(history: History) -> tuple[float, float]:
    """The least and the largest value the metric can take, as far as its name says so and no trial contradicts."""
    values = [history.objective.sign * history.loss(trial) for trial in history.completed]
    words = {word.lower() for word in _WORD.findall(history.objective.metric)}
    if words & _SHARES and all(0 <= v <= 1 for v in values):
        return 0.0, 1.0
    if words & (_SHARES | _POSITIVE) and all(v >= 0 for v in values):
        return 0.0, math.inf
    return -math.inf, math.inf
