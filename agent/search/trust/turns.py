"""Whose turn it is: an adviser's share of the proposals, and which they are."""

from __future__ import annotations

import math

from agent.search.history import History
from agent.search.trust.earned import standing

QUOTA = 0.3  # of the turns, right after the first config
_FLOOR = 0.1  # what the quota falls to as trials come and the model knows more
_HALF_LIFE = 15  # proposals after which the quota has come half the way down
_PROBE = 0.03  # of the turns, for an adviser that has lost its own: it may earn them back
_GOLDEN = 0.6180339887498949  # its multiples fall evenly into the unit interval, however many there are


def wants_advice(history: History) -> bool:
    """Whether the next proposal is an adviser's to make, if it makes one that passes. Costs no model."""
    if history.number == 0:
        return False
    place = (history.number * _GOLDEN + history.sobol_seed % 997 / 997) % 1.0
    return place < share(history)


def share(history: History) -> float:
    """Of the turns about now, how many are the adviser's."""
    earned = standing(history)
    if earned.lost:
        return _PROBE
    quota = _FLOOR + (QUOTA - _FLOOR) * math.exp2(-history.number / _HALF_LIFE)
    return max(quota * earned.trust, _PROBE)
