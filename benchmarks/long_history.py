"""What a model sees of a long study, and what that costs in quality: proposals that go on from the same long history.

The history is a local search: half of its trials anywhere, half near the best so far, nearer as it goes on. From there
each variant makes its own proposals. The figure is log10 of the distance from the optimum of the best config by its
true value, at the end; beside it the difference from the first variant with its 95% interval, paired by seed (negative
is better), and CPU seconds a proposal. `gp` and `tpe` are the searches as they are, with what they may see of a
history; `gp, all` sees every trial.

    python -m benchmarks.long_history [--history 300] [--trials 20] [--seeds 8] [--variants gp "gp, all" tpe]
"""

from __future__ import annotations

import argparse
import math
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from scipy import stats

from agent.search import model
from agent.search.catalog import proposer
from agent.search.draws import neighbours
from agent.search.history import History
from agent.study.nouns import Draft, Source
from benchmarks.search_quality import Function, hartmann, network, rosenbrock
from benchmarks.studies import add_trial
from trainers.contract import Objective

_FUNCTIONS = (network(), network(0.02), hartmann(), rosenbrock())
_FLOOR = 1e-6  # of a regret: closer to the optimum is the same


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--history", type=int, default=300)
    parser.add_argument("--trials", type=int, default=20)
    parser.add_argument("--seeds", type=int, default=8)
    parser.add_argument("--variants", nargs="+", default=["gp", "gp, all", "tpe"])
    parser.add_argument("--functions", nargs="+", default=[f.name for f in _FUNCTIONS])
    args = parser.parse_args()
    print(f"{args.trials} proposals after {args.history} trials, {args.seeds} seeds; log10 of the regret")
    for function in (f for f in _FUNCTIONS if f.name in args.functions):
        starts = [grown(function, args.history, seed) for seed in range(args.seeds)]
        before = [_log_regret(function, start) for start in starts]
        print(f"{function.name}: before {np.mean(before):.2f}", flush=True)
        reference: list[float] | None = None
        for variant in args.variants:
            began = time.process_time()
            ends = [_log_regret(function, _going_on(function, start, variant, args.trials)) for start in starts]
            cpu = (time.process_time() - began) / args.trials / args.seeds
            reference = reference or ends
            print(f"  {variant:12s} {np.mean(ends):6.2f}  {_difference(reference, ends)}  {cpu:.2f} s", flush=True)


def grown(function: Function, size: int, seed: int) -> History:
    """The long study that all variants go on from."""
    rng, space = random.Random(seed), function.space
    history = History(space=space, objective=Objective("loss"), first_config=space.default(), seed=seed)
    best, lowest = history.first_config, math.inf
    for number in range(size):
        near = next((c for c in neighbours(space, best, rng, 8) if space.allows(c) and not history.seen(c)), None)
        config = history.first_config if not number else near if number % 2 and near else space.sample(rng)
        value = function.seen(config)
        history = add_trial(history, Draft(source=Source.RANDOM, params=config), value)
        if value < lowest:
            best, lowest = config, value
    return history


def _going_on(function: Function, history: History, variant: str, trials: int) -> History:
    with seeing(variant, len(history.trials) + trials):
        for _ in range(trials):
            (draft,) = proposer(variant.split(",")[0]).propose(history, 1)
            history = add_trial(history, draft, function.seen(draft.params))
    return history


@contextmanager
def seeing(variant: str, most: int) -> Iterator[None]:
    """Lets the GP see `most` trials where the variant says all."""
    usual = model.OBJECTIVE_POINTS
    model.OBJECTIVE_POINTS = most if variant.endswith("all") else usual
    try:
        yield
    finally:
        model.OBJECTIVE_POINTS = usual


def _log_regret(function: Function, history: History) -> float:
    best = min(function.value(t.params) for t in history.trials)
    return math.log10(max(best - function.optimum, _FLOOR))


def _difference(reference: list[float], ends: list[float]) -> str:
    apart = np.array(ends) - np.array(reference)
    if not apart.any():
        return "               "
    half = stats.t.ppf(0.975, len(apart) - 1) * apart.std(ddof=1) / math.sqrt(len(apart))
    return f"{apart.mean():+6.2f} ± {half:.2f}"


if __name__ == "__main__":
    main()
