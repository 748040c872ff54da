"""Studies on functions, for the search benchmarks: ours and plain Optuna's, without stores or trainers."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import optuna

from agent.search.catalog import proposer
from agent.search.history import History
from agent.study.nouns import Draft, Trial, TrialState
from trainers.contract import Failure, FailureKind, Objective
from trainers.distributions import to_distributions
from trainers.space import Config, SearchSpace

optuna.logging.set_verbosity(optuna.logging.ERROR)
warnings.filterwarnings("ignore", module="optuna")

Loss = Callable[[Config], float | None]


@dataclass
class Outcome:
    """What a study did: each trial's config, and its value, None where it failed."""

    configs: list[Config] = field(default_factory=list)
    values: list[float | None] = field(default_factory=list)
    drafts: list[Draft] = field(default_factory=list)

    @property
    def failures(self) -> int:
        return sum(v is None for v in self.values)

    @property
    def best(self) -> float:
        return min(v for v in self.values if v is not None)


def add_trial(
    history: History, draft: Draft, value: float | None, kind: FailureKind = FailureKind.EXCEPTION
) -> History:
    """`history` once `draft` has run to `value`, or failed, for a reason of this kind."""
    trial = Trial(
        id=history.number,
        study_id=1,
        number=history.number,
        proposal_id=history.number,
        source=draft.source,
        params=draft.params,
        seed=0,
        state=TrialState.FAILED if value is None else TrialState.COMPLETED,
        value=value,
        failure=Failure(kind=kind) if value is None else None,
    )
    return replace(history.after(draft), pending=history.pending, trials=(*history.trials, trial))


def our_study(
    space: SearchSpace,
    loss: Loss,
    search: str,
    trials: int,
    seed: int,
    kind: FailureKind = FailureKind.EXCEPTION,
) -> Outcome:
    """`trials` trials one after another, each proposed by `search`; those that fail do so for a reason of this kind."""
    history = History(space=space, objective=Objective("loss"), first_config=space.default(), seed=seed)
    outcome = Outcome()
    for _ in range(trials):
        for draft in proposer(search).propose(history, 1):
            value = loss(draft.params)
            history = add_trial(history, draft, value, kind)
            outcome.configs.append(draft.params)
            outcome.values.append(value)
            outcome.drafts.append(draft)
    return outcome


def optuna_study(space: SearchSpace, loss: Loss, sampler: optuna.samplers.BaseSampler, trials: int) -> Outcome:
    """The same with an Optuna sampler in memory; a failed trial is told as failed, which samplers ignore."""
    study = optuna.create_study(sampler=sampler)
    study.enqueue_trial(space.default())
    distributions, outcome = to_distributions(space), Outcome()
    for _ in range(trials):
        trial = study.ask(distributions)
        value = loss(trial.params)
        study.tell(trial, value, state=optuna.trial.TrialState.FAIL if value is None else None)
        outcome.configs.append(dict(trial.params))
        outcome.values.append(value)
    return outcome
