"""What a metric's name says: which split it is from, what it measures, which way is better."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum


class Split(StrEnum):
    TRAIN = "train"
    VALID = "valid"
    NONE = ""


class Measure(StrEnum):
    LOSS = "loss"  # smaller is better
    SCORE = "score"  # larger is better
    PART = "part"  # one term of a loss, or one player's: it may rise while training goes well
    GRADIENT = "gradient"
    OTHER = "other"


_SPLITS = {
    Split.TRAIN: {"train", "training", "tr", "trn", "fit"},
    Split.VALID: {"val", "vali", "valid", "validation", "dev", "eval", "test", "heldout", "holdout", "cv", "vl"},
}
_LOSSES = {
    "loss", "losses", "error", "err", "mse", "mae", "rmse", "mape", "smape", "nll", "bpc", "bpb", "ce", "bce", "xent",
    "crossentropy", "perplexity", "ppl", "wer", "cer", "brier", "logloss", "deviance", "cost", "hinge", "regret", "fid",
    "bpd", "rmsle", "mase", "crps", "pinball", "eer", "mre", "msle", "huber", "focal", "triplet", "contrastive", "nce",
    "infonce", "quantile", "chamfer", "lpips", "mistakes", "errors",
}  # fmt: skip
_PARTS = {
    "policy", "value", "actor", "critic", "td", "q", "pi", "entropy", "g", "d", "gen", "disc", "generator",
    "discriminator", "adv", "adversarial", "kl", "kld", "aux", "auxiliary", "reg", "regularization", "commitment",
}  # fmt: skip
_SCORES = {
    "acc", "accuracy", "f1", "auc", "auroc", "roc", "ap", "map", "precision", "recall", "r2", "score", "exact",
    "match", "em", "bleu", "rouge", "iou", "miou", "dice", "reward", "return", "kappa", "mcc", "top1", "top5", "ndcg",
    "hits", "correct",
}  # fmt: skip
_UNIT_SCORES = _SCORES - {"r2", "score", "reward", "return", "bleu", "kappa", "mcc"}
_GRADIENTS = {"grad", "gradient", "gradnorm", "gnorm", "gradients"}
_NOT_MEASURES = {"lr", "time", "seconds", "sec", "memory", "mem", "gpu", "speed", "throughput", "std", "samples"}
_QUALIFIERS = {"step", "epoch", "batch", "iter", "mean", "avg", "average"}  # say when or how, not what
_WORD = re.compile(r"[A-Z]+\d*(?![a-z])|[A-Z]?[a-z]+\d*|\d+")


def tokens(name: str) -> list[str]:
    """`valLoss`, `val-loss`, `val/loss`, `Val Loss` → val, loss."""
    return [word.lower() for word in _WORD.findall(name)]


@dataclass(frozen=True)
class Meaning:
    """What a metric's name says."""

    split: Split
    measure: Measure
    stem: str  # the name without its split, by which train and validation are paired
    unit: bool  # a score between 0 and 1


def meaning(name: str, directions: Mapping[str, str] | None = None) -> Meaning:
    """Reads the name; `directions` (metric → minimize or maximize) overrules what it suggests."""
    words = tokens(name)
    split = next((s for s, known in _SPLITS.items() if known & set(words)), Split.NONE)
    rest = [w for w in words if w not in _QUALIFIERS and not any(w in known for known in _SPLITS.values())]
    measure = _measure(rest)
    told = (directions or {}).get(name)
    if told is not None and measure is not Measure.GRADIENT:
        measure = Measure.LOSS if told == "minimize" else Measure.SCORE
    return Meaning(split, measure, "_".join(rest), bool(_UNIT_SCORES & set(rest)))


def counts_mistakes(name: str) -> bool:
    """Whether a loss by this name may be a share of wrong answers."""
    return bool({"err", "error", "errors"} & set(tokens(name)))


def measured(name: str) -> bool:
    """Whether the name is not one of a rate, a time or a size."""
    return not _NOT_MEASURES & set(tokens(name))


def _measure(words: list[str]) -> Measure:
    if _GRADIENTS & set(words):
        return Measure.GRADIENT
    if _NOT_MEASURES & set(words):
        return Measure.OTHER
    if {"cross", "entropy"} <= set(words):
        return Measure.LOSS
    if _LOSSES & set(words):
        return Measure.PART if _PARTS & set(words) and words[-1] != "value" else Measure.LOSS
    return Measure.SCORE if _SCORES & set(words) else Measure.OTHER


_SHORT = {"acc": "accuracy", "err": "error", "ce": "crossentropy", "ppl": "perplexity", "xent": "crossentropy"}


def alike(wanted: str, printed: Iterable[str]) -> str | None:
    """The printed name that is most likely meant for `wanted`; None when none is close.

    Close means: the same words in another spelling or order, or a typing error.
    """
    scored = [(_likeness(wanted, name), name) for name in printed if name != wanted]
    score, name = max(scored, default=(0.0, ""))
    return name if score >= 0.8 else None


def _likeness(a: str, b: str) -> float:
    """By words in any order, or by letters alone: `held_out_nll` is `heldoutNLL`."""
    if re.sub(r"\W|_", "", a).lower() == re.sub(r"\W|_", "", b).lower():
        return 1.0
    first, second = _plain(a), _plain(b)
    fewer, more = sorted((set(first.split()), set(second.split())), key=len)
    contained = 0.85 if len(fewer) >= 2 and fewer <= more else 0.0  # val_ndcg and val_ndcg@10
    return max(contained, difflib.SequenceMatcher(None, first, second).ratio())


def _plain(name: str) -> str:
    words = (_SHORT.get(w, w) for w in tokens(name))
    return " ".join(sorted("valid" if w in _SPLITS[Split.VALID] else w for w in words))
