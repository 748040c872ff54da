"""What ending hopeless trials early saves: compute to the same best value, with each rule and with Optuna's pruners.

    python -m benchmarks.fidelity [bracket …] [--orders 40]

Real curves of random configs, recorded once by `benchmarks.fidelity_record`, are replayed in seeded orders, the default
config first. "Of the compute" is what the whole study costs under a rule, over what it costs without; "best lost" says
in how many orders it then had nothing within `TIE` of the best of the pool. "To the best" is the CPU time until a trial
within `TIE` of it completed. "At equal compute" is how much worse than the best of the pool a study is when it has used
the CPU time of the whole study under that rule.
"""

from __future__ import annotations

import argparse
import math
import random
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

import optuna

from agent.study.stopping_spec import RULES, StoppingSpec
from benchmarks.fidelity_record import TASKS, at_hand, load
from benchmarks.fidelity_replay import Outcome, Recorded, Replay, optunas
from benchmarks.harness import Figure
from trainers import catalog
from trainers.contract import Objective

ORDERS = 40
TIE = {"bracket": 0.002, "informer": 0.002}  # 2 of 1,000 questions; of the standardised squared error
PEERS = {
    "Optuna median": lambda: optuna.pruners.MedianPruner(n_startup_trials=4, n_warmup_steps=10),
    "Optuna SHA": lambda: optuna.pruners.SuccessiveHalvingPruner(min_resource=11, reduction_factor=3),
}


@dataclass(frozen=True)
class Row:
    """One rule over all orders, medians with the middle 80%."""

    name: str
    cost: float  # CPU seconds of the whole study
    plain_cost: float  # without a rule
    ratios: Sequence[float]  # of CPU time to the best, without a rule over with it; 0 where it was not found
    shares: Sequence[float]  # of the CPU time without a rule
    regrets: Sequence[tuple[float, float]]  # at the CPU time of this rule: without, with
    lost: float  # share of orders in which the pool's best was stopped for good


def row(name: str, outcomes: Sequence[Outcome], plain: Sequence[Outcome], best: float, tie: float) -> Row:
    goal = best + tie
    costs = [(p.cost_to(goal), o.cost_to(goal)) for p, o in zip(plain, outcomes, strict=True)]
    return Row(
        name,
        statistics.median(o.cost for o in outcomes),
        statistics.median(p.cost for p in plain),
        [theirs / mine for theirs, mine in costs],
        [o.cost / p.cost for p, o in zip(plain, outcomes, strict=True)],
        [(p.best_at(o.cost) - best, o.best_at(o.cost) - best) for p, o in zip(plain, outcomes, strict=True)],
        statistics.fmean(math.isinf(mine) for _, mine in costs),
    )


def orders(count: int, n: int) -> list[list[int]]:
    """The default first, the rest shuffled by the order's number."""
    return [[0, *random.Random(seed).sample(range(1, count), count - 1)] for seed in range(n)]


def rows(name: str, n: int) -> tuple[list[Row], list[tuple[float, bool]]]:
    """Every rule and every peer; and what the curve rule foresaw, and what came."""
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    trials = [Recorded.of(data) for data in load(name)]
    objective: Objective = catalog.load(TASKS[name].trainer).objective(TASKS[name].task)
    finals = [objective.value(t.values) for t in trials]
    best = min(objective.sign * v for v in finals if v is not None)
    lines = orders(len(trials), n)
    made = {
        rule: [Replay(trials, order, objective, StoppingSpec(rule=rule)).outcome() for order in lines] for rule in RULES
    }
    plain, chances = made.pop("none"), [pair for o in made["curve"] for pair in o.chances]
    for peer, pruner in PEERS.items():
        made[peer] = [optunas(trials, order, objective, pruner) for order in lines]
    return [row(what, outcomes, plain, best, TIE[name]) for what, outcomes in made.items()], chances


def middle(values: Sequence[float]) -> str:
    """`2.4 (1.9–3.1)`: the median and the middle 80%."""
    ranked = sorted(values)
    low, high = ranked[len(ranked) // 10], ranked[-1 - len(ranked) // 10]
    return f"{statistics.median(ranked):.2f} ({low:.2f}–{high:.2f})"


def table(found: Sequence[Row]) -> str:
    head = (
        "| rule | of the compute, same trials | best lost | × less compute to the best "
        "| regret at equal compute, without → with |\n|---|---|---|---|---|"
    )
    lines = [
        f"| {r.name} | {middle(r.shares)} | {r.lost:.0%} | {middle(r.ratios)} "
        f"| {statistics.fmean(a for a, _ in r.regrets):.4f} → {statistics.fmean(b for _, b in r.regrets):.4f} |"
        for r in found
    ]
    return "\n".join([head, *lines])


def calibration(chances: Sequence[tuple[float, bool]]) -> str:
    """How often a trial beat the best when the rule said so, by what it said; and the Brier score beside that of always
    saying the average."""
    if not chances:
        return "the curve rule was never asked"
    rate = statistics.fmean(came for _, came in chances)
    brier = statistics.fmean((said - came) ** 2 for said, came in chances)
    lines = ["| said | n | mean said | came true |", "|---|---|---|---|"]
    for low, high in ((0, 0.01), (0.01, 0.05), (0.05, 0.2), (0.2, 0.5), (0.5, 0.8), (0.8, 1.01)):
        here = [(said, came) for said, came in chances if low <= said < high]
        if here:
            said, came = (statistics.fmean(x) for x in zip(*here, strict=True))
            lines.append(f"| {low:.0%}–{min(high, 1):.0%} | {len(here)} | {said:.1%} | {came:.1%} |")
    return "\n".join([*lines, f"Brier score {brier:.4f}; of always saying {rate:.1%}: {rate * (1 - rate):.4f}"])


def figures(*, quick: bool = False) -> list[Figure]:
    """For the table of all benchmarks: what the same trials cost, where the best of them is still found."""
    found = []
    for name in at_hand():
        for r in rows(name, 4 if quick else ORDERS)[0]:
            if r.name not in RULES:
                continue
            met = statistics.median(r.shares) <= 0.5 and r.lost == 0
            about = f"{name}: CPU time of {len(load(name))} trials, same best value, rule {r.name}"
            found.append(Figure(about, r.cost, r.plain_cost, "s", "no rule", "≥ 2×", met, len(r.ratios)))
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", default=at_hand(), help=f"any of {', '.join(TASKS)}")
    parser.add_argument("--orders", type=int, default=ORDERS)
    args = parser.parse_args()
    for name in args.names:
        began = time.process_time()
        found, chances = rows(name, args.orders)
        print(f"{name}: {len(load(name))} configs, {args.orders} orders\n\n{table(found)}\n\n{calibration(chances)}\n")
        print(f"replayed in {time.process_time() - began:.0f} CPU-s", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
