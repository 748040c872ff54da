"""What an adviser has earned: how often its trials beat those that the classical searches made around the same time."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from agent.search.history import History, has_value
from agent.study.nouns import Source, Trial, TrialState

ADVISERS = (Source.LLM, Source.LLAMBO)
_PRIOR = 1.0  # pseudo-trials won and lost before there is any: as good as the others until shown otherwise
_HALF_LIFE = 25  # ended configs after which a result counts half
_LATEST = 150  # configs looked at: what is older has faded
_PEERS = 3  # classical trials before and after an advised one that it is held against
_LOST = 0.3  # a posterior mean below which the turn is lost
_FULL = 0.5  # from which on the whole quota is had


@dataclass(frozen=True)
class Standing:
    """Of the adviser's ended trials: how many there were, how many were the best when they ended. `mean` is that of a
    Beta posterior on beating the classical trials of the same time."""

    turns: int
    improvements: int
    mean: float

    @property
    def lost(self) -> bool:
        """Whether the adviser has lost its turn, but for a rare probe."""
        return self.mean < _LOST

    @property
    def trust(self) -> float:
        """From 0, nothing but probes, to 1, the whole quota."""
        return min(max((self.mean - _LOST) / (_FULL - _LOST), 0.0), 1.0)


def standing(history: History) -> Standing:
    """How an adviser stands by its results. Each counts by how many of its peers it beat, or whole where it became the
    best; a failure that would repeat counts as beaten by all; what is long ago counts less."""
    ended = history.ended[-_LATEST:]
    won = lost = _PRIOR
    turns = improvements = 0
    helpful = bests(history)
    for place, trial in enumerate(ended):
        if trial.source not in ADVISERS or _excused(trial):
            continue
        turns += 1
        helped = trial.number in helpful
        improvements += helped
        score = 1.0 if helped else _beaten(history, trial, _peers(ended, place))
        if score is None:
            continue
        weight = 0.5 ** ((len(ended) - 1 - place) / _HALF_LIFE)
        won, lost = won + weight * score, lost + weight * (1 - score)
    return Standing(turns, improvements, won / (won + lost))


def _excused(trial: Trial) -> bool:
    """Whether the failure says nothing of the config."""
    return trial.state is TrialState.FAILED and trial.failure is not None and trial.failure.transient


def bests(history: History) -> set[int]:
    """The numbers of the trials that were better than all before them."""
    found: set[int] = set()
    best: float | None = None
    for trial in history.completed:
        loss = history.loss(trial)
        if best is not None and loss < best:
            found.add(trial.number)
        best = loss if best is None else min(best, loss)
    return found


def _peers(ended: Sequence[Trial], place: int) -> list[Trial]:
    """The classical trials nearest in time. The defaults and a person's are nobody's match."""
    others = [
        [t for t in side if t.source not in (*ADVISERS, Source.DEFAULT, Source.PERSON)][:_PEERS]
        for side in (ended[:place][::-1], ended[place + 1 :])
    ]
    return [t for side in others for t in side]


def _beaten(history: History, trial: Trial, peers: Sequence[Trial]) -> float | None:
    """The share of `peers` that did worse, an equal one counting half; None without any."""
    if not peers:
        return None
    if not has_value(trial):
        return 0.0
    loss = history.loss(trial)
    scores = [
        1.0 if not has_value(p) or loss < history.loss(p) else 0.5 if loss == history.loss(p) else 0.0 for p in peers
    ]
    return statistics.fmean(scores)
