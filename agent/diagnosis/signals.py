"""The numbers that rules read: views of the curves, pairs of them, pace, peers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from agent.diagnosis.curves import Curve, Floats, Shape, shape, slowdown
from agent.diagnosis.metrics import Meaning, Measure, Split, counts_mistakes, meaning, measured
from agent.diagnosis.record import Peer, TrialRecord
from agent.study.nouns import TrialState

FEW = 4  # fewer values than this are not a curve
_FOLDS = ("fold", "cv")


@dataclass(frozen=True, eq=False)
class View:
    """One metric, its meaning, and its finite values turned so that smaller is better.

    A score between 0 and 1 (or 0 and 100) becomes the error 1 − score; any other score its negative.
    """

    curve: Curve
    meaning: Meaning
    values: Floats
    error_rate: bool  # values are 1 − score

    @cached_property
    def shape(self) -> Shape:
        return shape(self.values)

    @cached_property
    def sampling_error(self) -> float:
        """The standard error that a score or an error rate has for being taken on few samples, whose number the
        smallest step between its values tells. 0 where it tells nothing."""
        steps = np.diff(np.unique(np.round(self.values, 6)))
        shares = self.error_rate or (counts_mistakes(self.name) and _of_whole_samples(self.values))
        if not shares or len(self) < 8 or not len(steps):
            return 0.0
        share = float(np.clip(self.shape.end, 0, 1))
        return float(np.sqrt(share * (1 - share) * steps.min()))

    @property
    def name(self) -> str:
        return self.curve.metric

    def step(self, index: int) -> int:
        """The step of the finite value at `index`."""
        return int(self.curve.finite.steps[index])

    def raw(self, index: int) -> float:
        """The finite value at `index`, as it was reported."""
        return float(self.curve.finite.values[index])

    def __len__(self) -> int:
        return len(self.values)


@dataclass(frozen=True, eq=False)
class Pair:
    """A training and a validation curve; of the same metric where `same`, so that levels compare."""

    train: View
    valid: View
    same: bool = True


def view(curve: Curve, directions: dict[str, str]) -> View:
    sense, values = meaning(curve.metric, directions), curve.finite.values
    if sense.measure is not Measure.SCORE:
        return View(curve, sense, values, error_rate=False)
    if sense.unit and len(values) and values.min() >= 0 and values.max() <= 100:
        return View(curve, sense, 1 - values / (1.0 if values.max() <= 1 else 100.0), error_rate=True)
    return View(curve, sense, -values, error_rate=False)


def _of_whole_samples(values: Floats) -> bool:
    """Whether values are shares of some number of samples: between 0 and 1, and all multiples of one step."""
    steps = np.diff(np.unique(np.round(values, 6)))
    if len(steps) < 2 or values.min() < 0 or values.max() > 1 or steps.min() < 2e-4:
        return False
    multiples = values / steps.min()
    return bool(np.allclose(multiples, np.round(multiples), atol=0.05))


@dataclass(frozen=True, eq=False)
class Signals:
    """Everything the rules measure on one record."""

    record: TrialRecord
    peers: Sequence[Peer]

    @cached_property
    def views(self) -> dict[str, View]:
        goal, direction = self.record.objective.metric, self.record.objective.direction
        stem = meaning(goal).stem  # what is called as the objective is, but of another split, has its direction
        told = {name: direction for name in self.record.curves if name == goal or (stem and meaning(name).stem == stem)}
        return {name: view(curve, told) for name, curve in self.record.curves.items() if len(curve)}

    def _of(self, measure: Measure, *splits: Split) -> list[View]:
        """Views in order of `splits`; those named plainly (`loss`, `val_loss`) first."""
        found = [v for v in self.views.values() if v.meaning.measure is measure and v.meaning.split in splits]
        return sorted(found, key=lambda v: (splits.index(v.meaning.split), v.meaning.stem != "loss"))

    @property
    def goal(self) -> View | None:
        """The objective's view, unless it has no finite value."""
        found = self.views.get(self.record.objective.metric)
        return found if found is not None and len(found) else None

    @cached_property
    def train(self) -> View | None:
        """The training loss: where divergence and slow learning show first."""
        losses = self._of(Measure.LOSS, Split.TRAIN, Split.NONE)
        return next((v for v in losses if len(v)), None)

    @cached_property
    def valid(self) -> View | None:
        """The validation loss."""
        return next((v for v in self._of(Measure.LOSS, Split.VALID) if len(v)), None)

    @cached_property
    def main(self) -> View | None:
        """The curve that shows best how training went: training loss, validation loss, objective."""
        options = [v for v in (self.train, self.valid, self.goal) if v is not None and self.is_curve(v)]
        return next(iter(options), None)

    def is_curve(self, v: View) -> bool:
        """Whether the values follow training; scores of cross-validation folds do not."""
        folds = self.record.trainer == "forest" or any(f in name.lower() for name in self.record.curves for f in _FOLDS)
        return len(v) >= FEW and not folds

    @cached_property
    def pairs(self) -> list[Pair]:
        """Training and validation views of one stem, losses first, the objective's own first of all."""
        found = []
        for measure in (Measure.LOSS, Measure.SCORE):
            partners = [t for t in self._of(measure, Split.TRAIN, Split.NONE) if len(t)]
            for valid in self._of(measure, Split.VALID):
                same = [t for t in partners if t.meaning.stem == valid.meaning.stem]
                if partners and len(valid):
                    found.append(Pair(same[0] if same else partners[0], valid, bool(same)))
        return sorted(found, key=lambda p: p.valid.name != self.record.objective.metric)

    @cached_property
    def gradients(self) -> View | None:
        return next((v for v in self.views.values() if v.meaning.measure is Measure.GRADIENT), None)

    @cached_property
    def first_non_finite(self) -> tuple[Curve, int] | None:
        """The earliest nan or infinite value of a loss or the objective that was not got over: curve and index.

        A skipped batch or an infinite perplexity at the start is got over; a NaN that stands where nothing was
        measured comes and goes.
        """
        goal, losses = self.record.objective.metric, (Measure.LOSS, Measure.PART)
        watched = [
            v.curve for v in self.views.values()
            if v.meaning.measure in losses or v.name == goal
            or (v.meaning.split is Split.TRAIN and v.meaning.measure is Measure.OTHER and measured(v.name))
        ]  # fmt: skip
        lasting = [(c, i) for c in watched if (i := c.lost_from) is not None]
        return min(lasting, key=lambda found: int(found[0].steps[found[1]]), default=None)

    # -- pace ------------------------------------------------------------------

    @cached_property
    def report_times(self) -> Floats:
        """When reports came, in order, each moment once."""
        ats = [c.at for c in self.record.curves.values()]
        return np.unique(np.concatenate(ats)) if ats else np.empty(0)

    @property
    def slowdown(self) -> float:
        return slowdown(self.report_times)

    @property
    def last_step(self) -> int | None:
        return max((int(c.steps.max()) for c in self.record.curves.values() if len(c)), default=None)

    @property
    def silence(self) -> float | None:
        """Seconds from the last report to the end."""
        if not len(self.report_times) or self.record.ended_at is None:
            return None
        return max(0.0, self.record.ended_at - float(self.report_times[-1]))

    @property
    def report_interval(self) -> float | None:
        """The median number of seconds between reports."""
        return float(np.median(np.diff(self.report_times))) if len(self.report_times) >= 2 else None

    # -- peers -----------------------------------------------------------------

    @cached_property
    def finished(self) -> list[Peer]:
        """Peers with a value."""
        return [p for p in self.peers if p.state is TrialState.COMPLETED and p.value is not None]

    @cached_property
    def rank(self) -> int | None:
        """1 when this trial's value is the best among its peers."""
        value, objective = self.record.value, self.record.objective
        if value is None:
            return None
        return 1 + sum(objective.better(p.value, value) for p in self.finished if p.value is not None)

    @cached_property
    def far_behind(self) -> bool:
        """Whether the value is worse than the peers' median by more than three robust deviations and by 20%."""
        if self.record.value is None or len(self.finished) < 3:
            return False
        sign = self.record.objective.sign
        values = np.array([sign * p.value for p in self.finished if p.value is not None])
        middle = float(np.median(values))
        spread = 1.4826 * float(np.median(np.abs(values - middle)))
        return sign * self.record.value - middle > max(3 * spread, 0.2 * abs(middle))

    @cached_property
    def leader(self) -> Peer | None:
        """The best peer, where this trial completed far behind it and beyond the bulk of its peers; of two, it must
        be three times as far behind the worse as they are apart."""
        value, sign = self.record.value, self.record.objective.sign
        if value is None or self.record.state is not TrialState.COMPLETED or len(self.finished) < 2:
            return None
        ordered = sorted(self.finished, key=lambda p: sign * (p.value or 0.0))
        first, last = (sign * (p.value or 0.0) for p in (ordered[0], ordered[-1]))
        lost = sign * value - last
        apart = len(ordered) == 2 and lost > max(3 * (last - first), 0.2 * abs(last))
        return ordered[0] if self.far_behind or apart else None

    @cached_property
    def usual_seconds(self) -> float | None:
        """The median wall seconds of at least three finished peers."""
        seconds = [p.seconds for p in self.finished if p.seconds]
        return float(np.median(seconds)) if len(seconds) >= 3 else None

    @property
    def pace_ratio(self) -> float:
        """Seconds a step over the median of at least three finished peers; infinite where steps are not known."""
        paces = [p.seconds / (p.steps + 1) for p in self.finished if p.seconds and p.steps is not None]
        if self.last_step is None or not self.record.wall_seconds or len(paces) < 3:
            return float("inf")
        return self.record.wall_seconds / (self.last_step + 1) / float(np.median(paces))
