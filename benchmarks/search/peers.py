"""Other people's searches on the same tasks. A failed trial is told in the way each of them takes it."""

from __future__ import annotations

import warnings
from typing import Any

import optuna

from agent.study.nouns import Draft, Source
from benchmarks.search.task import Task
from trainers.distributions import to_distributions
from trainers.space import Config

optuna.logging.set_verbosity(optuna.logging.ERROR)
warnings.filterwarnings("ignore", module="optuna")


class OptunaPeer:
    """An Optuna sampler in memory. It is told the config that was run, not the one it asked for, as ours are."""

    def __init__(self, task: Task, sampler: optuna.samplers.BaseSampler) -> None:
        self.study = optuna.create_study(sampler=sampler)
        self.distributions = to_distributions(task.space)
        self.study.enqueue_trial(task.default)

    def ask(self) -> Draft:
        self._trial = self.study.ask(self.distributions)
        return Draft(source=Source.RANDOM, params=dict(self._trial.params))

    def tell(self, draft: Draft, run: Config, loss: float | None) -> None:
        asked: Any = getattr(self, "_trial", None)
        if asked is not None and dict(asked.params) == run and loss is not None:
            self.study.tell(asked, loss)
        else:
            if asked is not None:
                self.study.tell(asked, state=optuna.trial.TrialState.FAIL)
            state = optuna.trial.TrialState.FAIL if loss is None else optuna.trial.TrialState.COMPLETE
            self.study.add_trial(
                optuna.trial.create_trial(state=state, value=loss, params=run, distributions=self.distributions)
            )
        self._trial = None


def optuna_peer(task: Task, kind: str, seed: int) -> OptunaPeer:
    samplers = {
        "random": lambda: optuna.samplers.RandomSampler(seed=seed),
        "tpe": lambda: optuna.samplers.TPESampler(seed=seed, multivariate=True),
        "gp": lambda: optuna.samplers.GPSampler(seed=seed),
        "cmaes": lambda: optuna.samplers.CmaEsSampler(seed=seed),
    }
    return OptunaPeer(task, samplers[kind]())
