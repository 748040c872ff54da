"""Shares of the objective's spread by parameter: fANOVA on clipped losses."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np
import optuna
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution
from optuna.importance import FanovaImportanceEvaluator
from optuna.trial import create_trial

from agent.importance import Share, Weights
from agent.importance.encode import clipped, column
from agent.quiet import quiet
from agent.study.nouns import Trial
from trainers.contract import Objective
from trainers.parameters import CategoricalParameter, Parameter
from trainers.space import SearchSpace

MOST_TRIALS = 100  # more cost seconds (its time grows with their square) and change the second digit
_TREES = 32


def weights(trials: Sequence[Trial], space: SearchSpace, objective: Objective) -> Weights:
    """The largest first, together 1. Of more than MOST_TRIALS trials an even spread by number is looked at."""
    if len(trials) > MOST_TRIALS:
        trials = [trials[i] for i in np.linspace(0, len(trials) - 1, MOST_TRIALS).round().astype(int)]
    columns = {p.name: _filled(trials, p) for p in space.parameters.values()}
    varied = [name for name, values in columns.items() if len(set(values)) > 1]
    found = dict.fromkeys(space.parameters, 0.0)
    if not varied:
        return Weights()
    distributions = {name: _distribution(space.parameters[name]) for name in varied}
    with quiet():
        study = optuna.create_study()
    for i, loss in enumerate(clipped(trials, objective)):
        params = {name: columns[name][i] for name in varied}
        study.add_trial(create_trial(params=params, distributions=distributions, value=float(loss)))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        evaluator = FanovaImportanceEvaluator(n_trees=_TREES, seed=0)
        raw = evaluator.evaluate(study)
    total = sum(raw.values())
    if not total > 0:
        return Weights()
    spreads = dict(evaluator._evaluator.get_importance(i) for i in range(len(varied)))  # mean and deviation of trees
    found |= {name: float(share / total) for name, share in raw.items()}
    off = {name: float(spreads.get(share, 0.0) / total) for name, share in raw.items()}
    ordered = sorted(found, key=lambda name: -found[name])
    shown = tuple(Share(name, found[name], off.get(name, 0.0)) for name in ordered)
    return Weights(shown, min(float(total), 1.0), len(trials))


def _filled(trials: Sequence[Trial], parameter: Parameter) -> list[float | int]:
    """The parameter's column; where it does not apply its middle, so that its absence tells the forest nothing."""
    values = column(trials, parameter)
    values = np.where(np.isnan(values), parameter.unit(parameter.middle()), values)
    if isinstance(parameter, CategoricalParameter):
        return [round(v * max(len(parameter.choices) - 1, 1)) for v in values]
    return [min(max(float(v), 0.0), 1.0) for v in values]


def _distribution(parameter: Parameter) -> BaseDistribution:
    """On the parameter's own scale: fANOVA weighs all of a range alike, and of a learning rate's it would else see
    only the upper decade."""
    if isinstance(parameter, CategoricalParameter):
        return CategoricalDistribution(range(len(parameter.choices)))
    return FloatDistribution(0.0, 1.0)
