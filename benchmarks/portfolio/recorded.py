"""Our own runs: every config of a family on every data set, recorded, and gone on with where they were left.

    python -m benchmarks.portfolio.recorded [FAMILY …] [--minutes M]

A loss is the error rate, or the mean squared error of a standardised target, of the half of the rows that the model was
not fitted on; mean of both halves. The first configs are points of a Sobol sequence; the rounds after that look around
those which the cover of what is known picks, on all data sets, since a portfolio wants what is good on many. Set
OMP_NUM_THREADS to 1.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import time
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from agent.search.draws import even, neighbours, settle
from benchmarks.portfolio.cover import eccentricity, greedy, places, regrets, steadied
from benchmarks.portfolio.data import REGRESSION, load
from benchmarks.portfolio.families import FAMILIES
from benchmarks.portfolio.tables import Table
from trainers.space import Config, SearchSpace, config_key

FOLDER = Path(__file__).parents[1] / "recorded" / "portfolio"
FIRST, AROUND = 40, 12  # configs: at first, and in each round after


@dataclass
class Record:
    """`losses` by data set, in the order of `configs`; shorter while runs are still to be made, None for one that
    failed."""

    configs: list[Config] = field(default_factory=list)
    losses: dict[str, list[float | None]] = field(default_factory=dict)
    seconds: float = 0.0  # of CPU

    @classmethod
    def of(cls, family: str) -> Record:
        path = FOLDER / f"{family}.json"
        return cls(**json.loads(path.read_text(encoding="utf-8"))) if path.exists() else cls()

    def write(self, family: str) -> None:
        FOLDER.mkdir(parents=True, exist_ok=True)
        lines = ",\n".join(f' "{name}": {json.dumps(losses)}' for name, losses in self.losses.items())
        configs = ",\n".join(f"  {json.dumps(config)}" for config in self.configs)
        text = f'{{"seconds": {self.seconds:.1f},\n"configs": [\n{configs}\n],\n"losses": {{\n{lines}\n}}}}\n'
        part = FOLDER / f"{family}.{os.getpid()}.part"
        part.write_text(text, encoding="utf-8")
        part.replace(FOLDER / f"{family}.json")

    def whole(self, data: Sequence[str]) -> int:
        """How many configs, from the first on, have run on every data set."""
        return min((len(self.losses.get(name, ())) for name in data), default=0)


def recorded(family: str) -> tuple[Table, ...]:
    record, known = Record.of(family), FAMILIES[family]
    count = record.whole(known.data)
    return tuple(
        Table(family, data, record.configs[:count], np.array(record.losses[data][:count], dtype=np.float64))
        for data in known.data
        if count
    )


def record(family: str, until: float) -> bool:
    """Runs what is missing; False where the time was over first."""
    kept = Record.of(family)
    for _ in range(1 + FAMILIES[family].rounds):
        if len(kept.configs) < FIRST:
            kept.configs = list(_first(FAMILIES[family].space))
        elif kept.whole(FAMILIES[family].data) == len(kept.configs) < FIRST + FAMILIES[family].rounds * AROUND:
            kept.configs += _around(family, kept)
        if not _run(family, kept, until):
            return False
        kept.write(family)
    return True


def _run(family: str, kept: Record, until: float) -> bool:
    from benchmarks.portfolio.models import model

    for data in FAMILIES[family].data:
        losses = kept.losses.setdefault(data, [])
        x, y = load(data)
        started = time.process_time()
        for config in kept.configs[len(losses) :]:
            if time.monotonic() > until:
                break
            losses.append(_loss(lambda: model(family, data, config, 0), x, y, regression=data in REGRESSION))  # noqa: B023
        kept.seconds += time.process_time() - started
        kept.write(family)
    return kept.whole(FAMILIES[family].data) == len(kept.configs)


def _loss(make: Any, x: np.ndarray, y: np.ndarray, *, regression: bool) -> float | None:
    half, found = len(y) // 2, []
    for fit, held in ((slice(None, half), slice(half, None)), (slice(half, None), slice(None, half))):
        try:
            predicted = make().fit(x[fit], y[fit]).predict(x[held])
        except ValueError:  # a network whose weights overflowed
            return None
        wrong = (predicted - y[held]) ** 2 if regression else predicted != y[held]
        found.append(float(np.mean(wrong)))
    return round(float(np.mean(found)), 4)


def _first(space: SearchSpace) -> Iterator[Config]:
    """The space's middle, then points spread evenly."""
    yield space.default()
    for index in range(FIRST - 1):
        yield settle(space, even(space, 0, index)) or space.default()


def _around(family: str, kept: Record) -> list[Config]:
    """Neighbours of the configs that the cover picks, in turns; none twice."""
    space, rng = FAMILIES[family].space, random.Random(f"{family}/{len(kept.configs)}")
    losses = [np.array(kept.losses[data], dtype=np.float64) for data in FAMILIES[family].data]
    at = places(space, kept.configs)
    picked = greedy(steadied(np.array([regrets(known) for known in losses]), at), eccentricity(at), 6)
    seen, found = {config_key(config) for config in kept.configs}, list[Config]()
    while len(found) < AROUND:
        near = kept.configs[picked[len(found) % len(picked)]]
        for other in neighbours(space, near, rng, 8):
            config = settle(space, other)
            if config is not None and config_key(config) not in seen:
                seen.add(config_key(config))
                found.append(config)
                break
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ours = [name for name, family in FAMILIES.items() if not family.published]
    parser.add_argument("families", nargs="*", default=ours, metavar="FAMILY")
    parser.add_argument("--minutes", type=float, default=float("inf"), help="stop after so many, to go on later")
    args = parser.parse_args()
    warnings.simplefilter("ignore")  # scikit-learn's, about configs that are meant to be odd
    until = time.monotonic() + 60 * args.minutes
    for family in args.families:
        done = record(family, until)
        kept = Record.of(family)
        print(
            f"{family}: {len(kept.configs)} configs, {kept.seconds:.0f} CPU-s{'' if done else ', not done yet'}",
            flush=True,
        )


if __name__ == "__main__":
    main()
