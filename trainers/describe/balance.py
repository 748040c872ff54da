"""Chooses series so that every label is as frequent as the others of its field.

As the processes make them, most are highest or lowest at an end and less than one in a hundred is flat: a model that
has seen those learns the frequent answer and little else.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from trainers.describe.rules import NOISES, PLACES, TRENDS, Thresholds, Truth, truths
from trainers.describe.series import Process, Series, series

if TYPE_CHECKING:
    from numpy.typing import NDArray

_PARTS = {"trend": TRENDS, "noise": NOISES, "highest": PLACES, "lowest": PLACES}
_CHUNK = 4_096  # series made at once
_ROUNDS = 50  # of raking; the weights have come to rest long before
_SPARE = 2.5  # times as many of each label as are wanted, so that one is not always the same few
_MOST = 250  # series made for each that is wanted, where a label is that rare
_APART = 10**9  # seeds that a data set may use up, so that those of two seeds share no series


def balanced(process: Process, count: int, seed: int, thresholds: Thresholds) -> list[tuple[Series, Truth]]:
    """`count` series in the order of their seeds, chosen among so many that there are enough of every label.

    Each is drawn with the chance that makes the labels of trend, of noise and of the two places equally frequent, as
    far as what the process makes allows.
    """
    first = seed * _APART
    found: list[Truth] = []
    while not _enough(found, count) and len(found) < _MOST * count:
        start = first + len(found)
        made = series(process, range(start, start + _CHUNK))
        found += truths([one.values for one in made], thresholds)
    weight_N = raked([[truth.label(part) for part in _PARTS] for truth in found])
    key_N = np.random.default_rng([seed, count]).exponential(size=len(found)) / weight_N
    chosen = sorted(np.argsort(key_N)[:count].tolist())  # the smallest keys: a weighted draw without repeats
    return list(zip(series(process, [first + i for i in chosen]), [found[i] for i in chosen], strict=True))


def _enough(found: Sequence[Truth], count: int) -> bool:
    wanted = {part: _SPARE * count / len(labels) for part, labels in _PARTS.items()}
    having = {part: Counter(truth.label(part) for truth in found) for part in _PARTS}
    return len(found) >= count and all(
        having[part][label] >= wanted[part] for part, labels in _PARTS.items() for label in labels
    )


def raked(labels: Sequence[Sequence[str]]) -> NDArray[np.float64]:
    """Weights under which each column's labels are equally frequent: iterative proportional fitting. Shape (N,)."""
    weight_N = np.ones(len(labels))
    columns = [np.unique([row[i] for row in labels], return_inverse=True)[1] for i in range(len(labels[0]))]
    for _ in range(_ROUNDS):
        for column_N in columns:
            weight_N = weight_N / np.bincount(column_N, weights=weight_N)[column_N]
    return weight_N


def shares(found: Sequence[Truth]) -> dict[str, dict[str, float]]:
    """How frequent each label is, by field, the most frequent first."""
    out: dict[str, dict[str, float]] = {}
    for part in _PARTS:
        counts = Counter(truth.label(part) for truth in found)
        out[part] = {label: number / len(found) for label, number in counts.most_common()}
    return out
