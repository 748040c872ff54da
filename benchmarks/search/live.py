"""Bayesmark's tasks, trained as they are asked for: five models on the five data sets of scikit-learn.

The loss is the cross-validated error rate, or MSE, of the trainer `forest`. Every config's is kept in the cache
folder, so that a rerun trains nothing. The best and the worst are those of KNOWN random configs; the report takes the
best that any search found for the optimum.
"""

from __future__ import annotations

import json
import random
import warnings
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from benchmarks.search.cache import folder
from benchmarks.search.task import Known, Task
from trainers.forest.tasks import TASKS, find
from trainers.space import Config, config_key

KNOWN = 200
NAMES = tuple(name for name in TASKS if name != "rf_simple-iris")


class Losses:
    """The losses of one task, each computed once and kept in a file of lines `[key, loss]`."""

    def __init__(self, name: str, path: Path) -> None:
        self.name, self.path = name, path
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        self.kept: dict[str, float] = dict(json.loads(line) for line in lines if line.endswith("]"))

    def __call__(self, config: Config) -> float:
        key = config_key(config)
        if key not in self.kept:
            self.kept[key] = _trained(self.name, config)
            with self.path.open("a", encoding="utf-8") as file:
                file.write(f"\n{json.dumps([key, self.kept[key]])}")
        return self.kept[key]


def _trained(name: str, config: Config) -> float:
    from trainers.forest import crossval

    scores: list[float] = []
    context: Any = SimpleNamespace(
        seed=0,
        threads=1,
        plan=lambda steps: None,
        should_stop=lambda: len(scores) == crossval.FOLDS,  # the held-out fifth is not for searches
        report=lambda step, **metrics: scores.append(next(iter(metrics.values()))),
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # scikit-learn's, about configs that are meant to be odd
        crossval.run(find(name), config, context)
    return 1.0 - scores[-1] if find(name).classifies else scores[-1]


@cache
def live(name: str) -> Task:
    space, losses = find(name).space, Losses(name, folder() / f"live-{name}.jsonl")
    rng = random.Random(f"known/{name}")
    configs = [space.canonical(space.sample(rng)) for _ in range(KNOWN)]
    known: Known = tuple(sorted(((c, losses(c)) for c in configs), key=lambda pair: pair[1]))
    return Task(
        name=f"live/{name}",
        space=space,
        default=space.default(),
        loss=losses,
        optimum=known[0][1],
        worst=known[-1][1],
        known=lambda: known,
    )
