"""How far from the optimum each search ends, beside Optuna's sampler of the same kind, on synthetic functions.

Every study starts from the same default config. The figure is the true value of the config that
looks best, minus the optimum: a mean over seeds, after half of the trials and after all. For GP and
TPE also the share of values that fell into the interval expected of them (80% are meant to).

    python -m benchmarks.search_quality [--seeds 8] [--trials 40]
"""

from __future__ import annotations

import argparse
import itertools
import math
import random
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from benchmarks.studies import Outcome, optuna, optuna_study, our_study
from trainers.space import CategoricalParameter, Config, FloatParameter, IntParameter, SearchSpace


@dataclass(frozen=True)
class Function:
    """A space and the true value of its configs; `noise` is added to what a search sees."""

    name: str
    space: SearchSpace
    value: Callable[[Config], float]
    optimum: float
    noise: float = 0.0

    def seen(self, config: Config) -> float:
        return self.value(config) + random.Random(repr(config)).gauss(0, self.noise)

    def regret(self, outcome: Outcome, trials: int) -> float:
        seen = [math.inf if v is None else v for v in outcome.values[:trials]]
        return self.value(outcome.configs[seen.index(min(seen))]) - self.optimum


def _floats(count: int, low: float, high: float, default: float | None = None) -> SearchSpace:
    return SearchSpace([FloatParameter(name=f"x{i}", low=low, high=high, default=default) for i in range(count)])


def network(noise: float = 0.0) -> Function:
    """Like the validation loss of a small network: mixed parameters, an optimizer that wants another lr."""
    space = SearchSpace(
        [
            FloatParameter(name="lr", low=1e-5, high=1e-1, log=True, default=1e-3),
            FloatParameter(name="wd", low=0.0, high=0.3),
            IntParameter(name="units", low=16, high=512, log=True),
            FloatParameter(name="dropout", low=0.0, high=0.6),
            CategoricalParameter(name="opt", choices=("adam", "sgd", "rms")),
            CategoricalParameter(name="batch", choices=(32, 64, 128, 256)),
        ]
    )

    def value(c: Config) -> float:
        lr = 0.08 * (math.log10(c["lr"]) - (-2.7 if c["opt"] == "sgd" else -3.4)) ** 2
        rest = 0.5 * (c["wd"] - 0.05) ** 2 + 0.02 * (math.log2(c["units"]) - 7.5) ** 2 + 0.4 * (c["dropout"] - 0.2) ** 2
        return lr + rest + {"adam": 0.0, "sgd": 0.03, "rms": 0.02}[c["opt"]] + 0.01 * abs(math.log2(c["batch"] / 64))

    return Function("network, noisy" if noise else "network", space, value, 0.0, noise)


def hartmann() -> Function:
    """Hartmann's function of six variables (Surjanovic and Bingham's test library)."""
    a = np.array(
        [[10, 3, 17, 3.5, 1.7, 8], [0.05, 10, 17, 0.1, 8, 14], [3, 3.5, 1.7, 10, 17, 8], [17, 8, 0.05, 10, 0.1, 14]]
    )
    p = 1e-4 * np.array(
        [
            [1312, 1696, 5569, 124, 8283, 5886],
            [2329, 4135, 8307, 3736, 1004, 9991],
            [2348, 1451, 3522, 2883, 3047, 6650],
            [4047, 8828, 8732, 5743, 1091, 381],
        ]
    )
    weights = np.array([1.0, 1.2, 3.0, 3.2])

    def value(c: Config) -> float:
        return -float((weights * np.exp(-(a * (np.array(list(c.values())) - p) ** 2).sum(1))).sum())

    return Function("hartmann 6", _floats(6, 0.0, 1.0, 0.5), value, -3.32237)


def rosenbrock() -> Function:
    """Rosenbrock's valley in four variables: values from 0 to thousands."""

    def value(c: Config) -> float:
        x = list(c.values())
        return float(sum(100 * (b - a**2) ** 2 + (1 - a) ** 2 for a, b in itertools.pairwise(x)))

    return Function("rosenbrock 4", _floats(4, -2.0, 2.0, -1.0), value, 0.0)


def grid() -> Function:
    """Five discrete parameters, 7,776 configs."""
    lengths = [CategoricalParameter(name=f"c{i}", choices=(1, 2, 4, 8, 16, 32)) for i in range(2)]
    space = SearchSpace([*lengths, *(IntParameter(name=f"k{i}", low=0, high=5) for i in range(3))])

    def value(c: Config) -> float:
        clash = 0.05 * c["k0"] * (c["c0"] == 8)
        return float(
            0.1 * sum((math.log2(c[f"c{i}"]) - 3) ** 2 for i in range(2))
            + 0.1 * sum((c[f"k{i}"] - 4) ** 2 for i in range(3))
            + clash
        )

    return Function("grid", space, value, 0.1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=8)
    parser.add_argument("--trials", type=int, default=40)
    args = parser.parse_args()
    samplers: dict[str, Callable[[int], optuna.samplers.BaseSampler]] = {
        "random": lambda seed: optuna.samplers.RandomSampler(seed=seed),
        "cmaes": lambda seed: optuna.samplers.CmaEsSampler(seed=seed),
        "tpe": lambda seed: optuna.samplers.TPESampler(seed=seed, multivariate=True),
        "gp": lambda seed: optuna.samplers.GPSampler(seed=seed),
    }
    print(f"regret after {args.trials // 2} / {args.trials} trials, mean of {args.seeds} seeds")
    for function in (network(), network(0.02), hartmann(), rosenbrock(), grid()):
        for name, sampler in samplers.items():
            seeds = range(args.seeds)
            ours = [our_study(function.space, function.seen, name, args.trials, seed) for seed in seeds]
            peer = [optuna_study(function.space, function.seen, sampler(seed), args.trials) for seed in seeds]
            row = f"{_row(function, ours, args.trials)}   optuna {_row(function, peer, args.trials)}{_coverage(ours)}"
            print(f"{function.name:15s} {name:7s} {row}", flush=True)


def _row(function: Function, outcomes: list[Outcome], trials: int) -> str:
    return " / ".join(f"{np.mean([function.regret(o, n) for o in outcomes]):8.4f}" for n in (trials // 2, trials))


def _coverage(outcomes: list[Outcome]) -> str:
    pairs = [(d.expected, v) for o in outcomes for d, v in zip(o.drafts, o.values, strict=True)]
    inside = [e[0] <= v <= e[1] for e, v in pairs if e is not None and v is not None]
    return f"   in the interval {np.mean(inside):.0%}" if inside else ""


if __name__ == "__main__":
    main()
