"""Tree-structured Parzen estimator, multivariate; the search for spaces with conditions."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from itertools import chain

import optuna
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, TrialState, create_trial

from agent.search import start
from agent.search.draws import anything, repair, unseen
from agent.search.explain import explained
from agent.search.history import History, subset
from agent.search.model import Surrogate
from agent.search.prior import held, lean
from agent.study.nouns import Draft, Source
from trainers.distributions import optuna_trial, to_distributions
from trainers.space import Config

# The estimators' cost grows with the trials they are built from and with the draws, measured in benchmarks/ask.py.
COMPLETED_POINTS = 200
FAILED_POINTS = 100
_DRAWS = 6  # where one may be refused: it breaks a constraint or probably fails
_DRAWS_WITHIN = 24  # where one may be refused for certain: it would run out of memory


def draw(history: History, head: str = "") -> Draft | None:
    """One config by TPE. `head` opens the rationale, for callers who took TPE for a reason of their own."""
    return start.draw(history) if start.starting(history) else modelled(history, head)


def modelled(history: History, head: str = "") -> Draft | None:
    """The same, however few have ended; two must have completed."""
    rng = history.rng("tpe")
    candidates = list(_draws(history))
    if beliefs := held(history):
        candidates.sort(key=lambda config: -lean(history, beliefs, config))
    candidates = start.likely_first(history, candidates)
    config = unseen(history, chain(candidates, anything(history, rng)))
    if config is None:
        return None
    head = head or f"TPE over {len(history.completed)} completed trials."
    return explained(history, config, Source.TPE, head, Surrogate(history))


def _draws(history: History) -> Iterator[Config]:
    """Draws from the density of the good trials over that of the rest, each knowing of those before it."""
    rng = history.rng("repair")
    study = _study(history)
    distributions = to_distributions(history.space)
    refusable = history.failed or history.space.constraints or history.objections
    for _ in range(_DRAWS_WITHIN if history.bounds or held(history) else _DRAWS if refusable else 1):
        everything = study.ask(distributions).params
        yield repair(history.space, history.space.active(everything), rng)


def _study(history: History) -> optuna.Study:
    """The history as an in-memory Optuna study.

    A failure enters as a pruned trial that violates a constraint: TPE ranks it behind every trial
    that ran and asks for no value. More than nine failures per success would make it count the
    mildest failures among the good trials, its best tenth, so there are never more.
    """
    completed = subset(history, history.completed, COMPLETED_POINTS)
    failed = subset(history, history.failed, min(9 * len(completed), FAILED_POINTS))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # `group` is called experimental since 2020
        sampler = optuna.samplers.TPESampler(
            seed=history.rng("sampler").getrandbits(32),
            n_startup_trials=0,
            multivariate=True,
            group=history.conditional,
            constant_liar=True,
        )
    direction = StudyDirection.MINIMIZE if history.objective.sign > 0 else StudyDirection.MAXIMIZE
    study = optuna.create_study(sampler=sampler, direction=direction)
    study.add_trials(
        [
            *(_frozen(history, t.params, TrialState.COMPLETE, value=t.judged, violation=0.0) for t in completed),
            *(_frozen(history, t.params, TrialState.PRUNED, violation=1.0) for t in failed),
            *(_frozen(history, c, TrialState.RUNNING) for c in history.waiting if history.space.allows(c)),
        ]
    )
    return study


def _frozen(
    history: History, config: Config, state: TrialState, *, value: float | None = None, violation: float | None = None
) -> FrozenTrial:
    params, distributions = optuna_trial(history.space, config)
    constraints = None if violation is None else {"runs": violation}
    return create_trial(state=state, value=value, params=params, distributions=distributions, constraints=constraints)
