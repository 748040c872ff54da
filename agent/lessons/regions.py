"""Where in the space trials fail: one parameter and one bound that tell failures of a kind from all others.

The split is the one at which the Kolmogorov-Smirnov statistic is reached. It counts when labels dealt out at random
hardly ever give one as large in any parameter, and when nearly all trials on its side went wrong and few elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from agent.importance.encode import column
from agent.study.nouns import Diagnosis, Trial, TrialState
from trainers.contract import FailureKind
from trainers.dimension import Value
from trainers.parameters import CategoricalParameter, Parameter
from trainers.space import SearchSpace

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

# What went wrong, in a word, by verdict of the diagnosis or kind of failure; what no parameter brings about is not
# among them.
_TROUBLES = {
    "diverges": ("diverged", "non_finite_loss", "gradient_spike", "lr_too_high", FailureKind.NON_FINITE),
    "runs out of memory": ("cuda_oom", "host_oom", FailureKind.CUDA_OUT_OF_MEMORY, FailureKind.HOST_OUT_OF_MEMORY),
    "runs out of time": ("timeout", "too_slow", FailureKind.TIMEOUT),
    "fails": ("exception", "nonzero_exit", "shape_error", FailureKind.EXCEPTION, FailureKind.NONZERO_EXIT),
}
_TROUBLE = {str(kind): trouble for trouble, kinds in _TROUBLES.items() for kind in kinds}
_FEW = 3  # trials on either side
_MOST_TRIALS = 500
_SHUFFLES, _LEVEL = 999, 0.05
_INSIDE, _OUTSIDE = 0.75, 0.2  # shares of failures that make a region


@dataclass(frozen=True, kw_only=True)
class Region:
    """Trials whose `parameter` is at least `low`, at most `high`, or `choice`, went wrong: `bad` of `inside`, as
    against `bad_elsewhere` of `elsewhere`. `trials` are the numbers of those that did."""

    parameter: str
    trouble: str
    low: float | None
    high: float | None
    choice: Value
    bad: int
    inside: int
    bad_elsewhere: int
    elsewhere: int
    trials: tuple[int, ...]


def trouble(trial: Trial, diagnosis: Diagnosis | None) -> str:
    """What went wrong with an ended trial, if it is something that a config can bring about; else empty."""
    if trial.failure is not None and trial.failure.transient:
        return ""
    if diagnosis is not None and not diagnosis.healthy and diagnosis.verdict in _TROUBLE:
        return _TROUBLE[diagnosis.verdict]
    return _TROUBLE.get(str(trial.failure.kind), "") if trial.failure is not None else ""


def judged(trials: Sequence[Trial], diagnoses: Mapping[int, Diagnosis]) -> list[tuple[Trial, str]]:
    """Trials that went well or wrong by their config, each with its trouble, the latest of very many."""
    states = (TrialState.COMPLETED, TrialState.FAILED)
    ended = [(t, trouble(t, diagnoses.get(t.id))) for t in trials if t.state in states]
    return [(t, why) for t, why in ended if why or t.state is TrialState.COMPLETED][-_MOST_TRIALS:]


def regions(trials: Sequence[Trial], diagnoses: Mapping[int, Diagnosis], space: SearchSpace) -> list[Region]:
    """At most one a kind of trouble."""
    every = [(t, why) for t, why in judged(trials, diagnoses) if space.allows(t.params)]
    having = [t for t, _ in every]
    found = []
    for kind in _TROUBLES:
        bad = np.array([why == kind for _, why in every], dtype=bool)
        if min(bad.sum(), (~bad).sum()) >= _FEW and (region := _region(having, bad, space, kind)):
            found.append(region)
    return found


def _region(trials: Sequence[Trial], bad: Flags, space: SearchSpace, kind: str) -> Region | None:
    labels = np.stack([bad, *np.random.default_rng(0).permuted(np.tile(bad, (_SHUFFLES, 1)), axis=1)])
    strongest = np.zeros(len(labels))
    best: tuple[float, Parameter, Flags] | None = None
    for parameter in space.parameters.values():
        places = column(trials, parameter)
        for inside in _splits(places, parameter):
            apart = _apart(labels, inside)
            strongest = np.maximum(strongest, apart)
            if best is None or apart[0] > best[0]:
                best = (float(apart[0]), parameter, inside)
    if best is None or (strongest[1:] >= best[0] - 1e-12).mean() > _LEVEL:
        return None
    _, parameter, inside = best
    counts = int(bad[inside].sum()), int(inside.sum()), int(bad[~inside].sum()), int((~inside).sum())
    if counts[0] < _FEW or counts[0] < _INSIDE * counts[1] or counts[2] > _OUTSIDE * counts[3]:
        return None
    return _told(trials, bad, parameter, inside, kind, counts)


def _splits(places: Floats, parameter: Parameter) -> list[Flags]:
    """Which trials lie on one side of each bound, or have each choice; those without the parameter on no side."""
    tried = sorted(set(places[~np.isnan(places)]))
    if isinstance(parameter, CategoricalParameter):
        return [places == choice for choice in tried] if len(tried) > 1 else []
    return [places <= bound for bound in tried[:-1]] + [places >= bound for bound in tried[1:]]


def _apart(labels: Flags, inside: Flags) -> Floats:
    """The share of the failures inside less that of the others inside, for each row of labels."""
    bad = labels[0].sum()
    caught = (labels & inside).sum(axis=1)
    return np.asarray(caught / bad - (inside.sum() - caught) / (len(inside) - bad), dtype=np.float64)


def _told(
    trials: Sequence[Trial],
    bad: Flags,
    parameter: Parameter,
    inside: Flags,
    kind: str,
    counts: tuple[int, int, int, int],
) -> Region:
    name = parameter.name
    within = [t for t, there in zip(trials, inside, strict=True) if there]
    values = [t.params[name] for t in within]
    outside = [t.params[name] for t, there in zip(trials, inside, strict=True) if not there and name in t.params]
    numeric = not isinstance(parameter, CategoricalParameter)
    above = numeric and min(values) > max(outside, default=min(values))
    return Region(
        parameter=name,
        trouble=kind,
        low=min(values) if above else None,
        high=max(values) if numeric and not above else None,
        choice=None if numeric else values[0],
        bad=counts[0],
        inside=counts[1],
        bad_elsewhere=counts[2],
        elsewhere=counts[3],
        trials=tuple(t.number for t, wrong, there in zip(trials, bad, inside, strict=True) if wrong and there),
    )
