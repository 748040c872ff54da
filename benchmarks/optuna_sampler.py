"""Whether a search loses anything as an Optuna sampler: distance from the optimum, means of several seeds.

`guided` is the search on its own, `space` its sampler told the space, `define by run` the sampler that reads the space
off the trials; beside them Optuna's samplers. All begin with the same default config. No portfolio: there is none for
made-up functions.

    python -m benchmarks.optuna_sampler [--seeds 5] [--trials 24] [--functions network "hartmann 6"]
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable

import numpy as np

from agent.search.optuna import GuidedSampler
from benchmarks.search_quality import Function, grid, hartmann, network, rosenbrock
from benchmarks.studies import Outcome, optuna, optuna_study, our_study
from trainers.distributions import to_distributions

_TPE, _GP = optuna.samplers.TPESampler, optuna.samplers.GPSampler
_FUNCTIONS = (network(), network(0.02), hartmann(), rosenbrock(), grid())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--trials", type=int, default=24)
    parser.add_argument("--functions", nargs="+", default=[f.name for f in _FUNCTIONS])
    args = parser.parse_args()
    ways: dict[str, Callable[[Function, int, int], Outcome]] = {
        "guided": lambda f, trials, seed: our_study(f.space, f.seen, "guided", trials, seed),
        "space": lambda f, trials, seed: _sampled(f, GuidedSampler(seed=seed, space=f.space, portfolio=False), trials),
        "define by run": lambda f, trials, seed: _sampled(
            f, GuidedSampler(seed=seed, defaults=f.space.default(), portfolio=False), trials
        ),
        "Optuna TPE": lambda f, trials, seed: optuna_study(
            f.space, f.seen, optuna.samplers.TPESampler(seed=seed), trials
        ),
        "Optuna GP": lambda f, trials, seed: optuna_study(
            f.space, f.seen, optuna.samplers.GPSampler(seed=seed), trials
        ),
    }
    print(f"regret after {args.trials // 2} / {args.trials} trials, mean of {args.seeds} seeds")
    for function in (f for f in _FUNCTIONS if f.name in args.functions):
        for name, way in ways.items():
            outcomes = [way(function, args.trials, seed) for seed in range(args.seeds)]
            ends = (np.mean([function.regret(o, n) for o in outcomes]) for n in (args.trials // 2, args.trials))
            print(f"{function.name:15s} {name:14s} " + " / ".join(f"{end:8.4f}" for end in ends), flush=True)


def _sampled(function: Function, sampler: GuidedSampler, trials: int) -> Outcome:
    """As anyone's objective would ask, one parameter after the other."""
    study, ranges, outcome = optuna.create_study(sampler=sampler), to_distributions(function.space), Outcome()
    for _ in range(trials):
        trial = study.ask(ranges)
        config = function.space.canonical(trial.params)
        value = function.seen(config)
        study.tell(trial, value if math.isfinite(value) else None)
        outcome.configs.append(config)
        outcome.values.append(value)
    return outcome


if __name__ == "__main__":
    main()
