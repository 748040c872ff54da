"""How often a search repeats a failure it has seen: ours against plain Optuna, which ignores failed trials.

Three spaces with a failing region each, in which the best config lies near the edge of what runs.
Every search gets the same default config first and the same seeds.

    python -m benchmarks.search_failures [--seeds 8] [--trials 40]
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import optuna

from benchmarks.studies import Outcome, optuna_study, our_study
from trainers.contract import FailureKind
from trainers.space import CategoricalParameter, Config, FloatParameter, IntParameter, SearchSpace


@dataclass(frozen=True)
class Problem:
    """A space, and a loss that is None where the trial fails."""

    name: str
    space: SearchSpace
    loss: Callable[[Config], float | None]
    kind: FailureKind = FailureKind.EXCEPTION  # of its failures


def _lr() -> FloatParameter:
    return FloatParameter(name="lr", low=1e-5, high=1.0, log=True, default=1e-3)


def diverges() -> Problem:
    """Training diverges above lr 0.05, lower with much momentum; the best lr is 0.03."""
    space = SearchSpace(
        [
            _lr(),
            FloatParameter(name="momentum", low=0.0, high=0.99),
            FloatParameter(name="wd", low=0.0, high=0.3),
            FloatParameter(name="dropout", low=0.0, high=0.6),
        ]
    )

    def loss(c: Config) -> float | None:
        if c["lr"] > 0.05 * (1.5 - c["momentum"]):
            return None
        bowl = 0.05 * (math.log10(c["lr"]) + 1.5) ** 2 + 0.3 * (c["momentum"] - 0.6) ** 2
        return float(bowl + (c["wd"] - 0.05) ** 2 + 0.5 * (c["dropout"] - 0.2) ** 2)

    return Problem("diverges", space, loss)


def memory() -> Problem:
    """Batch × width × layers must fit the memory; larger models are better."""
    space = SearchSpace(
        [
            _lr(),
            CategoricalParameter(name="batch", choices=(16, 32, 64, 128, 256)),
            IntParameter(name="width", low=32, high=2048, log=True),
            IntParameter(name="layers", low=1, high=12),
        ]
    )

    def loss(c: Config) -> float | None:
        if c["batch"] * c["width"] * c["layers"] > 200_000:
            return None
        size = math.log2(c["width"] * c["layers"])
        return float(
            0.05 * (math.log10(c["lr"]) + 3) ** 2 + 0.05 * (12.5 - size) + 0.01 * abs(math.log2(c["batch"] / 64))
        )

    return Problem("memory", space, loss, FailureKind.CUDA_OUT_OF_MEMORY)


def choice() -> Problem:
    """One of four kernels is not installed; another fails in half precision."""
    space = SearchSpace(
        [
            _lr(),
            CategoricalParameter(name="kernel", choices=("plain", "flash", "fused", "sparse")),
            CategoricalParameter(name="precision", choices=("fp32", "bf16", "fp16")),
            FloatParameter(name="dropout", low=0.0, high=0.6),
        ]
    )

    def loss(c: Config) -> float | None:
        if c["kernel"] == "sparse" or (c["kernel"] == "fused" and c["precision"] != "fp32"):
            return None
        offset = {"plain": 0.1, "flash": 0.05, "fused": 0.0}[c["kernel"]] + {"fp32": 0.03, "bf16": 0.0, "fp16": 0.02}[
            c["precision"]
        ]
        return float(0.05 * (math.log10(c["lr"]) + 2) ** 2 + 0.5 * (c["dropout"] - 0.2) ** 2 + offset)

    return Problem("choice", space, loss)


def _row(name: str, outcomes: list[Outcome], trials: int) -> tuple[float, float]:
    failed = float(np.mean([o.failures for o in outcomes]))
    best = float(np.mean([o.best for o in outcomes]))
    print(f"  {name:16s} failed {failed:5.1f} of {trials}   best {best:.4f}", flush=True)
    return failed, best


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=8)
    parser.add_argument("--trials", type=int, default=40)
    args = parser.parse_args()
    samplers = {
        "gp": lambda seed: optuna.samplers.GPSampler(seed=seed),
        "tpe": lambda seed: optuna.samplers.TPESampler(seed=seed, multivariate=True),
        "cmaes": lambda seed: optuna.samplers.CmaEsSampler(seed=seed),
    }
    for problem in (diverges(), memory(), choice()):
        print(f"{problem.name}: {args.trials} trials, mean of {args.seeds} seeds")
        for name, sampler in samplers.items():
            ours = [
                our_study(problem.space, problem.loss, name, args.trials, seed, problem.kind)
                for seed in range(args.seeds)
            ]
            peer = [optuna_study(problem.space, problem.loss, sampler(seed), args.trials) for seed in range(args.seeds)]
            failed, _ = _row(f"ours {name}", ours, args.trials)
            plain, _ = _row(f"optuna {name}", peer, args.trials)
            print(f"  ratio of failures {failed / max(plain, 1e-9):.2f}")


if __name__ == "__main__":
    main()
