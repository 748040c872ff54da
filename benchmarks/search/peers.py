"""Other people's searches on the same tasks. A failed trial is told in the way each of them takes it."""

from __future__ import annotations

import warnings
from collections.abc import Callable
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


class OrdinalPeer:
    """An Optuna sampler that is given the number of each value on its axis, in the way of LLAMBO's baselines: no
    default config, and as many random ones as LLAMBO was given before the sampler's model speaks."""

    STARTUP = 5

    def __init__(self, task: Task, sampler: optuna.samplers.BaseSampler) -> None:
        assert task.axes is not None
        self.axes = task.axes
        self.study = optuna.create_study(sampler=sampler)
        self.distributions: dict[str, optuna.distributions.BaseDistribution] = {
            name: optuna.distributions.IntDistribution(0, len(values) - 1) for name, values in self.axes.items()
        }
        self._trial: optuna.Trial | None = None

    def ask(self) -> Draft:
        self._trial = self.study.ask(self.distributions)
        config = {name: values[self._trial.params[name]] for name, values in self.axes.items()}
        return Draft(source=Source.RANDOM, params=config)

    def tell(self, draft: Draft, run: Config, loss: float | None) -> None:
        if self._trial is not None:
            self.study.tell(self._trial, loss, state=None if loss is not None else optuna.trial.TrialState.FAIL)
        else:  # a config that was given
            params = {name: values.index(run[name]) for name, values in self.axes.items()}
            self.study.add_trial(optuna.trial.create_trial(value=loss, params=params, distributions=self.distributions))
        self._trial = None


def optuna_peer(task: Task, kind: str, seed: int) -> OptunaPeer | OrdinalPeer:
    samplers: dict[str, Callable[[], optuna.samplers.BaseSampler]] = {
        "random": lambda: optuna.samplers.RandomSampler(seed=seed),
        "tpe": lambda: optuna.samplers.TPESampler(seed=seed, multivariate=True),
        "gp": lambda: optuna.samplers.GPSampler(seed=seed),
        "cmaes": lambda: optuna.samplers.CmaEsSampler(seed=seed),
        "tpe-ordinal": lambda: optuna.samplers.TPESampler(seed=seed, n_startup_trials=OrdinalPeer.STARTUP),
        "gp-ordinal": lambda: optuna.samplers.GPSampler(seed=seed, n_startup_trials=OrdinalPeer.STARTUP),
    }
    peer = OrdinalPeer if kind.endswith("-ordinal") else OptunaPeer
    return peer(task, samplers[kind]())
