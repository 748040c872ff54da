"""What the name of a number says: whether it is worth watching, which way is better, what would be tuned for."""

from __future__ import annotations

import math
from collections.abc import Sequence

from agent.diagnosis.metrics import Measure, Split, meaning, measured, tokens

# Met in scripts and printed by libraries, besides those that the diagnosis knows.
_MORE_LOSSES = {"l1", "l2", "likelihood"}
_MORE_SCORES = {"rew", "success", "winrate", "psnr", "ssim", "pearson", "spearman", "silhouette", "explained"}
_NEVER = {
    "epoch", "epochs", "step", "steps", "iter", "iters", "iteration", "batch", "batches", "round", "rank", "seed",
    "num",
    "eta", "elapsed", "ms", "s", "it", "its", "samples", "tokens", "examples", "version", "device", "workers", "params",
    "parameters", "size", "count", "total", "remaining", "progress", "port", "update", "updates", "fold", "pid", "date",
    "momentum", "mfu", "flops",
    "runtime", "duration", "hours", "minutes", "second", "patience", "wd", "decay", "rate", "ratio",
}  # fmt: skip
_SETTINGS = {"weight", "weights", "scale", "fn", "function", "type", "coef", "coefficient", "lambda", "alpha", "beta"}
_TEST = {"test", "tst"}
_SHARES = 5e-3  # of the range of values by which the end must differ from the beginning to say where it is going


def worth_watching(name: str) -> bool:
    """Whether the name may be that of a metric: no time, speed, size, counter or setting."""
    words = tokens(name)
    if not words or not measured(name) or words[-1] in _SETTINGS:
        return False
    return known(name) or not set(words) & _NEVER


def known(name: str) -> bool:
    """Whether the name is that of a loss or a score, wherever measured."""
    words = tokens(name)
    if not measured(name) or not words or words[-1] in _SETTINGS:
        return False
    return _sense(name) != 0


def _sense(name: str) -> int:
    """-1 where smaller is better, 1 where larger is, 0 where the name does not say."""
    words = set(tokens(name))
    measure = meaning(name).measure
    if measure is Measure.SCORE or words & _MORE_SCORES:
        return 1
    if measure is Measure.LOSS or words & _MORE_LOSSES:
        return -1
    return -1 if measure is Measure.PART and "loss" in words else 0


def direction(name: str, values: Sequence[float]) -> tuple[str, bool]:
    """minimize or maximize, and whether the name says so; else it is what the values seem to do."""
    if sense := _sense(name):
        return ("maximize" if sense > 0 else "minimize"), True
    finite = [value for value in values if math.isfinite(value)]
    spread = max(finite, default=0.0) - min(finite, default=0.0)
    rising = len(finite) > 1 and finite[-1] - finite[0] > _SHARES * spread
    return ("maximize" if rising else "minimize"), False


def fitness(name: str) -> tuple[int, int, int]:
    """Tells the best objective, larger is better: by the split, then a loss before a score, then a plain name."""
    said = meaning(name)
    words = set(tokens(name))
    if words & _TEST:
        split = 2
    elif said.split is Split.VALID:
        split = 3
    else:
        split = 1 if said.split is Split.NONE else 0
    if not known(name) or said.measure is Measure.PART:
        return (-1, split, -len(words))
    return (split, 1 if _sense(name) < 0 else 0, -len(words))


def is_held_out(name: str) -> bool:
    """Whether it is measured on data not trained on."""
    return meaning(name).split is Split.VALID


def is_test(name: str) -> bool:
    """Whether it is measured on test data, on which nothing should be tuned."""
    return bool(set(tokens(name)) & _TEST)
