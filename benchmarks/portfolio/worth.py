"""What a portfolio is worth where it was not built: each data set is judged by the portfolio of the others.

    python -m benchmarks.portfolio.worth [FAMILY …] [--development]

Prints a Markdown row a family: the mean regret (benchmarks.portfolio.cover.regrets) of the best of the first 1, 3 and 5
configs, and how many configs drawn at random from the table come to the same on average as the first 5 (400: or more).
Intervals are 95% bootstrap intervals over data sets. `--development` takes the tables that searches are developed on.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from benchmarks.portfolio.cover import eccentricity, greedy, places, regrets, steadied
from benchmarks.portfolio.families import FAMILIES
from benchmarks.portfolio.tables import Table, tables
from trainers.space import SearchSpace

Floats = NDArray[np.float64]

MOST, DRAWS, RANDOM = 5, 2_000, 400  # configs of a portfolio; bootstrap draws; random configs looked at


def row(name: str, space: SearchSpace, over: Sequence[Table]) -> str:
    regrets_TC = np.array([regrets(table.losses) for table in over])
    best_TK = left_out(regrets_TC, places(space, over[0].configs))
    random_TN = np.array([expected_best(regrets_C, RANDOM) for regrets_C in regrets_TC])
    rng = np.random.default_rng(0)
    samples = [rng.integers(len(over), size=len(over)) for _ in range(DRAWS)]
    cells = [_interval([best_TK[s, k - 1].mean() for s in samples], best_TK[:, k - 1].mean(), 3) for k in (1, 3, 5)]
    worth = _interval([equal(best_TK[s], random_TN[s]) for s in samples], equal(best_TK, random_TN), 0)
    return f"| {name} | {len(over)} | {' | '.join(cells)} | {worth} |"


def left_out(regrets_TC: Floats, places_CD: Floats, most: int = MOST) -> Floats:
    """The best regret so far of each data set after 1, 2, … configs of the portfolio that was built without it."""
    central_C, steady_TC = eccentricity(places_CD), steadied(regrets_TC, places_CD)
    best_TK = np.empty((len(regrets_TC), most))
    for t in range(len(regrets_TC)):
        chosen = greedy(np.delete(steady_TC, t, axis=0), central_C, most)
        so_far = np.minimum.accumulate(regrets_TC[t, chosen])
        best_TK[t] = np.concatenate([so_far, np.full(most - len(so_far), so_far[-1])])
    return best_TK


def expected_best(regrets_C: Floats, most: int) -> Floats:
    """The mean of the best of 1, 2, … configs drawn without replacement: exactly, over all draws."""
    ordered_C, total = np.sort(regrets_C), len(regrets_C)
    left_C = np.ones(total)  # the chance that none of the draws is among the first so many
    found = np.empty(min(most, total))
    for n in range(len(found)):
        left_C = left_C * np.clip((total - np.arange(1, total + 1) - n) / (total - n), 0.0, 1.0)
        found[n] = ordered_C[0] + float((np.diff(ordered_C) * left_C[:-1]).sum())
    return np.concatenate([found, np.full(most - len(found), found[-1])])


def equal(best_TK: Floats, random_TN: Floats) -> int:
    """How many random configs it takes until their mean regret is no more than the portfolio's."""
    enough_N = random_TN.mean(axis=0) <= best_TK[:, -1].mean() + 1e-12
    return int(enough_N.argmax()) + 1 if enough_N.any() else random_TN.shape[1]


def _interval(samples: Sequence[float], value: float, digits: int) -> str:
    low, high = np.percentile(samples, [2.5, 97.5])
    return f"{value:.{digits}f} ({low:.{digits}f} to {high:.{digits}f})"


def _development() -> list[tuple[str, SearchSpace, list[Table]]]:
    """Tables that are judged by no one, by what they have in common: the same space and grid."""
    from benchmarks.search.tasks import tasks

    found: dict[str, tuple[SearchSpace, list[Table]]] = {}
    for task in (task for group in ("dev-net", "dev-reg", "dev-models") for task in tasks(group)):
        group, data = task.name.split("/")
        name = f"{group}/{data.split('-')[0]}" if "-" in data else group
        known = sorted(task.known(), key=lambda pair: sorted((k, str(v)) for k, v in pair[0].items()))
        found.setdefault(name, (task.space, []))[1].append(
            Table(name, data, [config for config, _ in known], np.array([loss for _, loss in known]))
        )
    return [(name, space, over) for name, (space, over) in found.items()]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    several = [name for name, family in FAMILIES.items() if not family.task]
    parser.add_argument("families", nargs="*", metavar="FAMILY", default=several)
    parser.add_argument("--development", action="store_true")
    args = parser.parse_args()
    print("| portfolio of | data sets | 1 config | 3 | 5 | worth so many random configs |\n|---|---|---|---|---|---|")
    chosen = (
        _development()
        if args.development
        else [(name, FAMILIES[name].space, list(tables(name))) for name in args.families if tables(name)]
    )
    for name, space, over in chosen:
        print(row(name, space, over), flush=True)


if __name__ == "__main__":
    main()
