"""What the shape of one curve says. All functions take values oriented so that smaller is better."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
_LOWER_MEAN = 0.5146  # the mean of the lower three quarters of a standard normal's absolute values


@dataclass(frozen=True, eq=False)
class Curve:
    """One metric as it was reported: equal lengths, in order. `at` is in Unix seconds."""

    metric: str
    steps: Ints
    values: Floats
    at: Floats

    @classmethod
    def of(cls, metric: str, steps: object, values: object, at: object) -> Curve:
        return cls(metric, np.asarray(steps, np.int64), np.asarray(values, np.float64), np.asarray(at, np.float64))

    def __len__(self) -> int:
        return len(self.values)

    @cached_property
    def finite(self) -> Curve:
        keep = np.isfinite(self.values)
        return self if bool(keep.all()) else Curve(self.metric, self.steps[keep], self.values[keep], self.at[keep])

    @cached_property
    def lost_from(self) -> int | None:
        """The index from which all values are nan or infinite to the end; None when the last is finite, or when
        gaps as long were got over before, as where a metric is measured only now and then."""
        finite = np.flatnonzero(np.isfinite(self.values))
        first = int(finite[-1]) + 1 if len(finite) else 0
        gaps = np.diff(finite, prepend=-1) - 1
        usual = int(gaps.max(initial=0)) if np.count_nonzero(gaps) >= 2 else 0
        return first if len(self.values) - first > usual else None


def smooth(values: Floats, width: int | None = None) -> Floats:
    """Running median over about a fifteenth of the curve and at least three values of twelve or more,
    edges repeated; same length."""
    least = 3 if len(values) >= 12 else 1
    width = (max(min(len(values) // 15, 50), least) if width is None else width) | 1
    if width < 3:
        return values
    padded = np.pad(values, width // 2, mode="edge")
    found: Floats = np.median(np.lib.stride_tricks.sliding_window_view(padded, width), axis=1)
    return found


def noise(values: Floats) -> float:
    """Standard deviation around the trend, from the lower three quarters of the absolute second differences.

    Robust: a trend adds nothing and a few jumps little; of a score that moves in steps half may be 0. Few
    values can be calm by luck, so theirs counts for more. 0 for fewer than 4 values.
    """
    if len(values) < 4:
        return 0.0
    second = np.sort(np.abs(values[2:] - 2 * values[1:-1] + values[:-2]))
    middle = second[: max(1, round(0.75 * len(second)))].mean()
    return float(middle / _LOWER_MEAN / np.sqrt(6) * (1 + 3 / len(values)))


@dataclass(frozen=True)
class Shape:
    """One curve in a few numbers. `start` and `end` are medians over about a twelfth of it; `start` is the
    first value where noise cannot explain how far that lies from the median: much is learned in one epoch."""

    n: int
    start: float
    end: float
    late: float  # the median of the last three of twelve or more: one last value alone proves no rise
    best: float
    best_index: int
    worst: float
    noise: float
    trend: float  # Kendall's tau with time: −1 falls all the way, 0 goes nowhere, 1 rises all the way
    last_gain: float  # what the last quarter gained
    settled: float  # the share of the run after which 95% of the gain was made; 1 when it never settled

    @property
    def gain(self) -> float:
        """How much it fell from start to end; negative when it rose."""
        return self.start - self.end

    @property
    def share(self) -> float:
        """`gain` as a share of the start's size."""
        return self.gain / max(abs(self.start), 1e-12)

    @property
    def best_gain(self) -> float:
        return self.start - self.best

    @property
    def rise(self) -> float:
        """How far the end lies above the best, whichever way the end is taken."""
        return min(self.end, self.late) - self.best

    @property
    def above_start(self) -> float:
        """How far the end lies above the start, whichever way the end is taken; negative when it fell."""
        return min(self.end, self.late) - self.start

    @property
    def still_falling(self) -> float:
        """The last quarter's share of the whole gain: 0.25 for a straight line, near 0 once converged.

        Of few values the last quarter is more or less than that; it is scaled to a quarter.
        """
        part = (self.n // 4) / max(self.n - 1, 1)
        return 0.25 * self.last_gain / (self.gain * part) if self.gain > 0 and part else 0.0


def shape(values: Floats) -> Shape:
    """Needs at least one value, all finite."""
    n = len(values)
    edge = max(1, min(n // 12, 50))
    level = smooth(values)
    start, end, jitter = float(np.median(values[:edge])), float(np.median(values[-edge:])), noise(values)
    start = float(values[0]) if abs(values[0] - start) > 4 * jitter else start
    late = float(np.median(values[-max(edge, min(n // 4, 3)) :]))
    quarter = level[-(n // 4 + 1)] if n >= 4 else start
    best = int(np.argmin(level))
    return Shape(
        n, start, end, late, float(level[best]), best, float(values.max()), noise(values),
        trend(values), float(quarter) - end, _settled(level, start, end),
    )  # fmt: skip


def _settled(level: Floats, start: float, end: float) -> float:
    gain = start - end
    if gain <= 0:
        return 0.0
    left = np.flatnonzero(level - end > 0.05 * gain)
    return float((left[-1] + 1) / len(level)) if len(left) else 0.0


def trend(values: Floats) -> float:
    """Kendall's tau between values and time, over the medians of at most 12 equal stretches.

    So few, that the noise of single batches is gone from them.
    """
    bins = np.array_split(values, min(len(values), 12))
    middle = np.array([np.median(b) for b in bins])
    signs = np.sign(middle[None, :] - middle[:, None])[np.triu_indices(len(middle), 1)]
    return float(signs.mean()) if len(signs) else 0.0


@dataclass(frozen=True)
class Climb:
    """How a curve rose after a low. `size` from the median around the low to that of the last quarter of what
    follows it, `error` the standard error of that difference, `trend` Kendall's tau of what follows."""

    size: float
    error: float
    trend: float


def climb(values: Floats, index: int) -> Climb:
    """The rise after the low at `index`. Medians on both sides: the lowest of many noisy values lies low by luck."""
    half = max(1, len(values) // 25)
    around, after = values[max(0, index - half) : index + half + 1], values[index:]
    tail = after[-max(3, len(after) // 4) :]
    error = 1.25 * noise(values) * float(np.sqrt(1 / len(around) + 1 / len(tail)))
    return Climb(float(np.median(tail) - np.median(around)), error, trend(after))


@dataclass(frozen=True)
class Jump:
    """A rise from one value to the next. `index` is where it arrived."""

    index: int
    size: float
    usual: float  # the largest rise among the eight values before it


def jump_to(values: Floats, index: int) -> Jump:
    """The rise that arrives at `index`, from the middle of the four values before it."""
    before = values[max(0, index - 8) : index]
    usual = float(np.diff(before).max(initial=0.0))
    return Jump(index, float(values[index] - np.median(before[-4:])), usual)


def point_of_no_return(values: Floats, level: float) -> int | None:
    """The first index from which all values stay above `level`; None when the last one does not."""
    low = np.flatnonzero(values <= level)
    first = int(low[-1]) + 1 if len(low) else 0
    return first if first < len(values) else None


def largest_rise(values: Floats) -> Jump | None:
    """The largest rise between two neighbours; None when it never rises."""
    steps = np.diff(values)
    if not len(steps) or steps.max() <= 0:
        return None
    return jump_to(values, int(np.argmax(steps)) + 1)


def slowdown(at: Floats) -> float:
    """Seconds the last third of the reports took over those of the first; 1 where that says nothing.

    Reports that come in bursts, from a buffer, have no pace: the first third must take half a second. One long
    pause, as of a machine that slept, is none either: the usual interval must have grown as well.
    """
    third, between = len(at) // 3, np.diff(at)
    if third < 4 or at[third] - at[0] < 0.5 or np.median(between[-third:]) < 2 * np.median(between[:third]):
        return 1.0
    return float((at[-1] - at[-1 - third]) / (at[third] - at[0]))
