"""The two Gaussian processes behind a proposal: what value a config reaches, and whether it runs at all.

Built on Optuna's own GP (`optuna._gp`, pinned to Optuna 5), not on `GPSampler`: the sampler takes
failures only as completed trials that carry both a value and a constraint, and a failed trial has
no value. Here each process gets the trials it can learn from: values from those that completed,
feasibility from all. Optuna's constrained expected improvement then multiplies the two (Gardner et
al. 2014, "Bayesian Optimization with Inequality Constraints"), and no value is ever made up.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from optuna._gp import acqf, gp, optim_mixed, prior

from agent.calibration import COVERAGE
from agent.search.box import Box
from agent.search.history import History, subset
from agent.search.metric_bounds import bounds
from agent.search.warp import Warp
from agent.study.nouns import Trial
from trainers.space import Config

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

# Measured with benchmarks/ask.py: the cost of a proposal grows with the cube of these.
OBJECTIVE_POINTS = 100
FEASIBILITY_POINTS = 80
PENDING_POINTS = 8
_APART = 0.02  # SearchSpace.distance between the best trials learnt from, measured with benchmarks/long_history.py
_Z = 1.2816  # a normal value lies within ±_Z standard deviations with probability COVERAGE
_SURE = 0.5  # what the acquisition asks of the feasibility label, between -1 and +1: a margin on the safe side
_TRANSIENT = 0.25  # how far on the failing side a failure lies that may well not repeat


class Surrogate:
    """The objective over the space, learnt from at most OBJECTIVE_POINTS completed trials (at least one).

    Inside, values are warped, standardised and negated, as Optuna's GP maximises.
    """

    def __init__(self, history: History) -> None:
        self.box = Box(history.space)
        self.sign = history.objective.sign
        self._ends = bounds(history)
        self.trials = subset(history, history.completed, OBJECTIVE_POINTS, apart=_APART)
        losses = self._losses = np.array([history.loss(t) for t in self.trials])
        self.warp = Warp(losses)
        self.x = self.box.encode([t.params for t in self.trials])
        self.y = -self.warp.forward(losses)
        self.gpr = _fit(self.x, self.y, self.box)

    @cached_property
    def best(self) -> float:
        """The best mean the model gives any trial. The best value itself may owe itself to luck: on a noisy
        function, improving on this mean instead brought the regret from .016 to .010 (ten seeds)."""
        return float(self._posterior(self.x)[0].max())

    @cached_property
    def reach(self) -> float:
        """How many standard deviations an interval of COVERAGE needs on each side: as many as would have
        held that share of the trials, each predicted from the others. A GP with few trials is too sure."""
        covariance = self.gpr.kernel().detach().numpy() + float(self.gpr.noise_var) * np.eye(len(self.y))
        inverse = np.linalg.inv(covariance)
        errors = np.abs(inverse @ self.y) / np.sqrt(np.diag(inverse))  # in standard deviations, leave-one-out
        rank = min(len(errors) - 1, math.ceil(COVERAGE * (len(errors) + 1)) - 1)
        few = math.sqrt(1 + 2 * (self.x.shape[1] + 1) / len(errors))  # length scales fitted to few trials
        return few * max(_Z, float(np.sort(errors)[rank]))

    def interval(self, config: Config) -> tuple[float, float]:
        """(low, high), in the objective's units, that the value falls in with probability COVERAGE; never beyond what
        the metric can take."""
        mean, deviation = self._observation(config)
        ends = self.warp.backward(np.array([-mean - self.reach * deviation, -mean + self.reach * deviation]))
        low, high = sorted(float(self.sign * end) for end in ends)
        least, most = self._ends
        if low > most or high < least:  # more is expected than there is: between the best seen and the end
            seen = self.sign * min(self._losses)
            return (seen, most) if low > most else (least, seen)
        return max(low, least), min(high, most)

    def confidence(self, config: Config) -> float:
        """How much of the spread of the values the model explains at `config`: 0 nothing, 1 all of it."""
        _, deviation = self._observation(config)
        return max(0.0, 1.0 - deviation / math.sqrt(float(self.gpr.kernel_scale) + float(self.gpr.noise_var)))

    def _observation(self, config: Config) -> tuple[float, float]:
        """Mean and standard deviation of what a trial of `config` would report, noise included."""
        means, variances = self._posterior(self.box.encode([config]))
        return float(means[0]), math.sqrt(float(variances[0]) + float(self.gpr.noise_var))

    def _posterior(self, x: Floats) -> tuple[Floats, Floats]:
        """Means and variances of the noiseless objective at the rows of `x`, shape (n,) each. Read off
        two confidence bounds, which keeps torch tensors out of this package."""
        upper = np.asarray(acqf.UCB(self.gpr, self.box.rectangle, beta=1.0).eval_acqf_no_grad(x), dtype=np.float64)
        lower = np.asarray(acqf.LCB(self.gpr, self.box.rectangle, beta=1.0).eval_acqf_no_grad(x), dtype=np.float64)
        return (upper + lower) / 2, ((upper - lower) / 2) ** 2


class Feasibility:
    """Whether a config runs to its end, learnt from successes (+1) and failures (-1) by regression.

    Without any failure everything is feasible and nothing is fitted.
    """

    def __init__(self, history: History) -> None:
        self.box = Box(history.space)
        self._history = history

    @cached_property
    def gpr(self) -> gp.GPRegressor | None:
        history, half = self._history, FEASIBILITY_POINTS // 2
        failed = subset(history, history.failed, half)
        if not failed:
            return None
        worked = subset(history, history.completed, half)
        labels = [1.0] * len(worked) + [_label(t) for t in failed]
        return _fit(self.box.encode([t.params for t in (*worked, *failed)]), np.array(labels), self.box)

    def probability(self, configs: Sequence[Config]) -> Floats:
        """The probability that each config runs, shape (n,)."""
        if self.gpr is None:
            return np.ones(len(configs))
        success = acqf.LogPI(self.gpr, self.box.rectangle, threshold=0.0)
        return np.exp(np.asarray(success.eval_acqf_no_grad(self.box.encode(configs)), dtype=np.float64))


def _label(failed: Trial) -> float:
    return -_TRANSIENT if failed.failure is not None and failed.failure.transient else -1.0


class Acquisition:
    """How much a config promises: log expected improvement, times the probability that it runs.

    Pending configs count through Monte Carlo samples of what they may return (qLogEI). This is the
    scale on which any proposer's configs can be compared. `prior`, a log density, is added to it (πBO).
    """

    def __init__(
        self,
        surrogate: Surrogate,
        feasibility: Feasibility,
        waiting: Sequence[Config],
        seed: int,
        prior: Callable[[Config], float] | None = None,
    ) -> None:
        self.surrogate, self.box, self._prior = surrogate, surrogate.box, prior
        given: dict[str, Any] = {
            "gpr": surrogate.gpr,
            "search_space": self.box.rectangle,
            "threshold": surrogate.best,
        }
        if feasibility.gpr is not None:
            given |= {"constraints_gpr_list": [feasibility.gpr], "constraints_threshold_list": [_SURE]}
        if waiting:
            pending = self.box.encode(waiting[-PENDING_POINTS:])
            given |= {"n_qmc_samples": 128, "qmc_seed": seed, "normalized_params_of_running_trials": pending}
        kinds: dict[tuple[bool, bool], type[acqf.BaseAcquisitionFunc]] = {
            (False, False): acqf.LogEI,
            (True, False): acqf.LogCEI,
            (False, True): acqf.qLogEI,
            (True, True): acqf.qLogCEI,
        }
        self._function = kinds[feasibility.gpr is not None, bool(waiting)](**given)

    def __call__(self, configs: Sequence[Config]) -> Floats:
        """The acquisition value of each config, shape (n,); larger is better."""
        values = np.asarray(self._function.eval_acqf_no_grad(self.box.encode(configs)), dtype=np.float64)
        return values if self._prior is None else values + np.array([self._prior(config) for config in configs])

    def maximum(self, seed: int) -> Config:
        """The config of the highest value found by multi-start local search, the prior aside; it may break
        constraints."""
        best = self.surrogate.x[[int(self.surrogate.y.argmax())]]
        row, _ = optim_mixed.optimize_acqf_mixed(
            self._function,
            warmstart_normalized_params_array=best,
            n_preliminary_samples=512,
            n_local_search=4,
            rng=np.random.RandomState(seed),
        )
        return self.box.decode(row)


def _fit(x: Floats, y: Floats, box: Box) -> gp.GPRegressor:
    return gp.fit_kernel_params(
        X=x,
        Y=y,
        is_categorical=box.rectangle.is_categorical,
        log_prior=prior.default_log_prior,
        minimum_noise=prior.DEFAULT_MINIMUM_NOISE_VAR,
        deterministic_objective=False,
    )
