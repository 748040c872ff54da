"""One curve in a line of words: where it started, how far it got, how it was going at the end."""

from __future__ import annotations

import math
import re
import statistics
from collections.abc import Sequence

from agent.digest.text import digits, number
from agent.store.points import Curve
from trainers.contract import Objective

_STILL = 0.1  # the last quarter's share of the whole gain above which a curve is still on its way
_LOST = 0.1  # of the gain: what was lost again after the best for it to be said
_UNSAFE = re.compile(r"[^\w./@%+-]")
_HELD_OUT = re.compile(r"(?:^|[^a-z])(?:test|tst|held_?out|hold_?out)(?:[^a-z]|$)", re.IGNORECASE)


def held_out(metric: str) -> bool:
    """Whether a metric is measured on data that no proposer may be guided by."""
    return _HELD_OUT.search(metric) is not None


def safe_name(metric: str) -> str:
    """A metric's name as a prompt may hold it: scripts choose them."""
    return _UNSAFE.sub("_", metric)[:40]


def describe(metric: str, curve: Curve, objective: Objective) -> str:
    """`val_loss 2.3 at 0, best 0.312 at 98, last 0.315 at 100 (101 reports): still falling`. Empty without values."""
    if not curve.values:
        return ""
    finite = [(s, v) for s, v in zip(curve.steps, curve.values, strict=True) if math.isfinite(v)]
    if not finite:
        return f"{safe_name(metric)}: never a finite value, {len(curve.values)} reports"
    values = [v for _, v in finite]
    wide = digits(values)
    best_step, best = min(finite, key=lambda p: objective.sign * p[1])
    last_step, last = curve.steps[-1], curve.values[-1]
    facts = [f"{number(values[0], wide)} at {finite[0][0]}"] if len(curve.values) > 1 else []
    same = (best_step, best) == (last_step, last)
    facts.append(f"best {'and last ' if same else ''}{number(best, wide)} at {best_step}")
    facts += [] if same else [f"last {number(last, wide)} at {last_step}"]
    said = words(curve, objective)
    reports = f"({len(curve.values)} reports)"
    return f"{safe_name(metric)} {', '.join(facts)} {reports}" + (f": {said}" if said else "")


def words(curve: Curve, objective: Objective) -> str:
    """How it went, in a phrase or two; empty for a curve too short to tell."""
    if not math.isfinite(curve.values[-1]):
        last = max((i for i, v in enumerate(curve.values) if math.isfinite(v)), default=-1)
        return f"not finite from step {curve.steps[last + 1]} on"
    finite = [(s, objective.sign * v) for s, v in zip(curve.steps, curve.values, strict=True) if math.isfinite(v)]
    steps, losses = [s for s, _ in finite], [v for _, v in finite]
    if len(losses) < 4:
        return ""
    jitter = _jitter(losses)
    if losses[0] - min(losses) <= 2 * jitter:
        rose = _end(losses) - losses[0] > 2 * jitter
        return "worse from the start on" if rose else "no better than at its start"
    noisy = len(losses) >= 8 and jitter > 0.1 * (losses[0] - min(losses))
    return _ending(steps, losses, jitter) + (", noisy" if noisy else "")


def _ending(steps: Sequence[int], losses: Sequence[float], jitter: float) -> str:
    start, end, best = losses[0], _end(losses), min(losses)
    gain, lost = start - best, end - best
    if end > start + 2 * jitter:
        return f"diverged after step {steps[losses.index(best)]}"
    if lost > max(_LOST * gain, 2 * jitter):
        return f"lost {100 * lost / gain:.0f}% of its gain again after step {steps[losses.index(best)]}"
    if losses[-(len(losses) // 4 + 1)] - end > max(_STILL * gain, 2 * jitter):
        return "still improving at the end"
    limit = end + 0.05 * (start - end)  # within 5% of its gain
    return (
        f"settled by step {next((steps[i + 1] for i in range(len(losses) - 2, -1, -1) if losses[i] > limit), steps[0])}"
    )


def _end(losses: Sequence[float]) -> float:
    return statistics.median(losses[-max(1, len(losses) // 12) :])


def _jitter(losses: Sequence[float]) -> float:
    """The size of the noise from report to report: the median absolute second difference, scaled to a deviation.

    Where it can be, of what comes before the best: a curve that blows up afterwards is not noisy for that.
    """
    best = losses.index(min(losses))
    calm = losses[: best + 1] if best >= 5 else losses
    second = [abs(a - 2 * b + c) for a, b, c in zip(calm, calm[1:], calm[2:], strict=False)]
    return 1.4826 * statistics.median(second) / math.sqrt(6)
