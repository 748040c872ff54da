"""How good or poor a trial's level is: what several rules ask."""

from __future__ import annotations

import numpy as np

from agent.diagnosis.metrics import Split
from agent.diagnosis.rules.base import Case, of_config
from agent.diagnosis.signals import View
from agent.study.nouns import Evidence
from agent.study.roles import Role

GOOD_ERROR = 0.15  # a score above .85 is never called poor on its own
TRENDING = 0.6  # Kendall's tau of a curve that goes one way nearly all the time
LARGE_LR = 0.5  # above this no common optimiser is used without a reason
TINY_LR = 1e-6
_SIZEABLE_LR = 0.1  # below this only the very top of a range is high
_HIGH, _VERY_HIGH, _LOW = 0.7, 0.85, 0.4  # parts of a learning rate's range, on its own scale


def high_rate(case: Case) -> tuple[str, float] | None:
    """The learning rate where it is high in its range, or by itself where there is no range."""
    found = case.param(Role.LEARNING_RATE)
    if found is None:
        return None
    place = case.place(found[0])
    if place is None:
        return found if found[1] >= LARGE_LR else None
    return found if place >= (_HIGH if found[1] >= _SIZEABLE_LR else _VERY_HIGH) else None


def low_rate(case: Case) -> tuple[str, float] | None:
    """The learning rate where it is low in its range, or tiny by itself where there is no range."""
    found = case.param(Role.LEARNING_RATE)
    if found is None:
        return None
    place = case.place(found[0])
    return found if (found[1] <= TINY_LR if place is None else place <= _LOW) else None


def rate_words(case: Case) -> str:
    """`; lr was 0.1`, to end a sentence with."""
    found = case.param(Role.LEARNING_RATE)
    return f"; {found[0]} was {found[1]:.4g}" if found else ""


def rate_evidence(case: Case) -> tuple[Evidence, ...]:
    found = case.param(Role.LEARNING_RATE)
    return of_config(case, [found[0]]) if found else ()


def curves(case: Case) -> list[View]:
    """The losses that follow training, or else the objective; training first."""
    s = case.signals
    losses = [v for v in (s.train, s.valid) if v is not None and s.is_curve(v)]
    return losses or ([s.main] if s.main is not None else [])


def scores(case: Case) -> list[View]:
    """The scores between 0 and 1 that follow training."""
    return [v for v in case.signals.views.values() if v.error_rate and case.signals.is_curve(v)]


def good(case: Case) -> bool:
    """Whether a score that judges the model, not its training data, came out well."""
    return any(v.shape.best <= GOOD_ERROR for v in _judging(case))


def ended_well(case: Case) -> bool:
    """The same of the end, and that it lost next to nothing of its best."""
    return any(v.shape.end <= GOOD_ERROR and v.shape.rise <= 0.015 for v in _judging(case))


def succeeded(case: Case) -> View | None:
    """The objective, or else validation, if it is a curve that improved beyond its noise and ended near its best.

    Whatever other curves did (a weight that is warmed up, a harder curriculum, two players), training worked.
    """
    s = case.signals
    watched = [v for v in (s.goal, s.valid) if v is not None and s.is_curve(v)]
    v = next(iter(watched), None)
    if v is None or v.meaning.split is Split.TRAIN or v is s.train:
        return None
    return v if _improved(v) and v.shape.rise <= 0.25 * v.shape.best_gain else None


def _improved(v: View) -> bool:
    s = v.shape
    if s.trend < -0.8 and s.gain > max(0.02 * abs(s.start), 4 * s.noise) and not v.error_rate:
        return True  # little by little
    enough = max(0.05, 1.5 * v.sampling_error) if v.error_rate else 0.05 * abs(s.start)
    return s.gain > max(enough, 4 * s.noise)


def _judging(case: Case) -> list[View]:
    views = case.signals.views.values()
    return [v for v in views if v.error_rate and v.meaning.split is not Split.TRAIN and len(v)]


def poor_score(case: Case) -> bool:
    goal = case.signals.goal
    return goal is not None and goal.error_rate and goal.shape.best >= 0.3


def both_poor(case: Case) -> View | None:
    """A single report of the objective, if it is mediocre and training's as well."""
    goal = case.signals.goal
    pair = next((p for p in case.signals.pairs if p.same and p.valid is goal), None)
    if pair is None or goal is None or case.signals.is_curve(goal) or not goal.error_rate:
        return None
    return goal if pair.valid.shape.end >= 0.2 and pair.train.shape.end >= GOOD_ERROR else None


def trivial(case: Case) -> View | None:
    """The objective, where it is no better than a model that ignores its input: an R² of 0, an AUC of ½."""
    goal = case.signals.goal
    words = set(goal.meaning.stem.split("_")) if goal is not None else set()
    levels = [level for names, level in _TRIVIAL if names & words]
    if goal is None or not levels:
        return None
    trained = [p.train for p in case.signals.pairs if p.same and p.valid is goal]
    if "score" in words and not trained:
        return None  # of a score one does not know what it is; two that are nothing are nothing
    return goal if all(max(v.curve.finite.values) <= levels[0] + 0.05 for v in (goal, *trained)) else None


_TRIVIAL = (({"r2", "kappa", "mcc", "score"}, 0.0), ({"auc", "auroc", "roc"}, 0.5))


def uniform_guess(v: View) -> bool:
    """Whether a loss ended at ln K, the cross-entropy of giving each of K classes the same chance."""
    return any(abs(v.shape.end - np.log(k)) < 0.01 * np.log(k) for k in range(2, 11))


def nothing_learned(case: Case, chance: float = 0.5) -> bool:
    """Whether the scores, or else the validation loss, never left their first level. Scores up to
    `chance` count as guessing even when they vary."""
    watched = scores(case) or [w for w in (case.signals.valid, case.signals.goal) if w is not None]
    return bool(watched) and all(_went_nowhere(w, chance) for w in watched)


def _went_nowhere(v: View, chance: float) -> bool:
    """A score that beats guessing and varies has learned; one that does neither may be any constant guess."""
    s = v.shape
    if v.error_rate and (s.best <= GOOD_ERROR or (s.best < 1 - chance and len(np.unique(v.values)) > 2)):
        return False
    return s.trend > -0.5 and s.gain <= 0.2 * abs(s.start)
