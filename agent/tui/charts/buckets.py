"""A curve of any length in a bounded number of buckets, each keeping its lowest and highest value.

Min–max decimation, as plotters of long signals do it: a spike of one point survives however many
points share its bucket. Appending is O(1) on average; when the buckets are full, two become one.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

CAPACITY = 512  # the widest plot has some 300 columns of dots


class Bucket(NamedTuple):
    """What a drawing needs of the points in one bucket.

    `low > high` when none of them was finite; `gap` when at least one was not: the curve breaks there.
    """

    x_first: float
    x_last: float
    first: float
    last: float
    low: float
    high: float
    gap: bool

    @property
    def finite(self) -> bool:
        return self.low <= self.high


class Buckets:
    """The points of one curve, in the order reported; x should not fall (one that does joins the last bucket)."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._capacity = capacity
        self._width = 0.0  # 0 while every x has a bucket of its own
        self._items: list[Bucket] = []
        self.count = 0
        self.gap: tuple[float, float] | None = None  # the first (x, value) that was not finite
        self.low, self.high = math.inf, -math.inf
        self.low_positive = math.inf
        self.not_positive = 0  # finite values that a logarithm has not
        self.x_low, self.x_high = math.inf, -math.inf

    @classmethod
    def of(cls, inside: Sequence[Bucket], count: int, beside: Sequence[Bucket] = ()) -> Buckets:
        """Buckets that were made elsewhere, of `count` points in all; those `beside` them are drawn, and count for the
        range of values only where there is no other."""
        made = cls()
        made._items = sorted([*inside, *beside]) if beside else list(inside)
        made.count = count + len(beside)
        for one in [b for b in inside if b.finite] or [b for b in beside if b.finite]:
            made.low, made.high = min(made.low, one.low), max(made.high, one.high)
            made.low_positive = min(
                made.low_positive, one.low if one.low > 0 else one.high if one.high > 0 else math.inf
            )
        if made._items:
            made.x_low, made.x_high = made._items[0].x_first, max(b.x_last for b in made._items)
        gap = next((b for b in inside if b.gap), None)
        made.gap = (gap.x_first, math.nan) if gap is not None else None
        return made

    def __iter__(self) -> Iterator[Bucket]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    @property
    def last(self) -> float | None:
        """The newest finite value."""
        return next((b.last for b in reversed(self._items) if b.finite), None)

    def add(self, x: float, value: float) -> None:
        """Adds one point."""
        self.count += 1
        self.x_low, self.x_high = min(self.x_low, x), max(self.x_high, x)
        if math.isfinite(value):
            self.low, self.high = min(self.low, value), max(self.high, value)
            if value > 0:
                self.low_positive = min(self.low_positive, value)
            else:
                self.not_positive += 1
            self._put(Bucket(x, x, value, value, value, value, False))
        else:
            self.gap = self.gap or (x, value)
            self._put(Bucket(x, x, math.nan, math.nan, math.inf, -math.inf, True))

    def _put(self, new: Bucket) -> None:
        if self._items and self._place(self._items[-1]) >= self._place(new):
            self._items[-1] = merged(self._items[-1], new)
            return
        self._items.append(new)
        if len(self._items) > self._capacity:
            self._halve()

    def _place(self, bucket: Bucket) -> float:
        return math.floor((bucket.x_first - self.x_low) / self._width) if self._width else bucket.x_first

    def _halve(self) -> None:
        self._width = max(self._width * 2, 2 * (self.x_high - self.x_low) / self._capacity)
        items, self._items = self._items, []
        for item in items:
            self._put(item)


def merged(a: Bucket, b: Bucket) -> Bucket:
    """One bucket of two neighbours, `a` the earlier."""
    return Bucket(
        a.x_first,
        max(a.x_last, b.x_last),
        a.first if a.finite else b.first,
        b.last if b.finite else a.last,
        min(a.low, b.low),
        max(a.high, b.high),
        a.gap or b.gap,
    )
