"""How often the best of noisy trials is what it seems: one seed a config, three, or a confirmation of the best.

    python -m benchmarks.seeds [--studies 400]          replays studies over the recorded runs
    python -m benchmarks.seeds --record [TASK …]        records the runs anew (minutes of one CPU)

The recorded table holds random configs of a task, each run with many seeds: the mean over all of a config's is its
truth. A replayed study draws configs from the table, gives them seeds, and takes a winner as Tunewright would, by its
own code. All three ways may spend the same number of trials.
"""

from __future__ import annotations

import argparse
import itertools
import json
import math
import os
import random
import statistics
import tempfile
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.study.confirmation import confirmed
from agent.study.noise import Noise, noise
from agent.study.nouns import Source, Trial, TrialState
from agent.study.repeats import ranked
from agent.study.verdicts import lead, verdict
from benchmarks.forest_tasks import trial
from trainers import catalog
from trainers.contract import Objective
from trainers.space import SearchSpace

TABLE = Path(__file__).parent / "recorded" / "seeds.json"
RUNS = {"mlp-wine": (60, 24)}  # configs and seeds of each task
BUDGET, TOP, MORE, SEEDS = 36, 3, 4, 3  # trials a study; what a confirmation runs; seeds a config without one


@dataclass(frozen=True)
class Recorded:
    """`values[i]` are the runs of config i, a seed each."""

    task: str
    objective: Objective
    space: SearchSpace
    configs: list[dict[str, Any]]
    values: list[list[float]]

    def truth(self, config: int) -> float:
        return statistics.fmean(self.values[config])

    def index(self, trial: Trial) -> int:
        return self.configs.index(trial.params)


class Study:
    """A replayed study: trials with values from the table, each seed of a config used once."""

    def __init__(self, table: Recorded, rng: random.Random) -> None:
        self.table, self.rng = table, rng
        self.trials: list[Trial] = []
        self.order = rng.sample(range(len(table.configs)), len(table.configs))
        self.left = {i: rng.sample(v, len(v)) for i, v in enumerate(table.values)}

    def unseen(self, config: int) -> float:
        """The mean of the runs that the study has not had."""
        return statistics.fmean(self.left[config])

    def run(self, config: int, seeds: int, proposal: int) -> None:
        for _ in range(seeds):
            number, value = len(self.trials), self.left[config].pop()
            made = Trial(
                id=number, study_id=1, number=number, proposal_id=proposal, source=Source.RANDOM,
                params=self.table.configs[config], seed=number, state=TrialState.COMPLETED, value=value,
            )  # fmt: skip
            self.trials.append(made)


def once(study: Study) -> tuple[int, float]:
    """One seed a config, all of the budget."""
    for i in study.order[:BUDGET]:
        study.run(i, 1, i)
    return _taken(study)


def thrice(study: Study) -> tuple[int, float]:
    """Three seeds a config, a third as many configs."""
    for i in study.order[: BUDGET // SEEDS]:
        study.run(i, SEEDS, i)
    return _taken(study)


def confirming(study: Study) -> tuple[int, float]:
    """One seed a config, and at the end the best three with four new seeds each."""
    for i in study.order[: BUDGET - TOP * MORE]:
        study.run(i, 1, i)
    for one in ranked(study.trials, study.table.objective)[:TOP]:
        config = study.table.index(one)
        study.run(config, MORE, 1000 + config)
    first = confirmed(study.trials, study.table.objective)[0]
    return study.table.index(first.trial), first.mean


def _taken(study: Study) -> tuple[int, float]:
    best = ranked(study.trials, study.table.objective)[0]
    assert best.value is not None
    return study.table.index(best), best.value


WAYS: dict[str, Callable[[Study], tuple[int, float]]] = {
    f"{BUDGET} configs, one seed": once,
    f"{BUDGET // SEEDS} configs, {SEEDS} seeds": thrice,
    f"{BUDGET - TOP * MORE} configs, one seed; best {TOP} again, {MORE} seeds": confirming,
}


def row(table: Recorded, name: str, studies: int) -> str:
    """How a way fares: the winner against the next best it had, against the best of the table, and its promise."""
    beats, regrets, promised, told = [], [], [], []
    sign, spread = table.objective.sign, _spread(table)
    best = min(sign * table.truth(i) for i in range(len(table.configs)))
    for seed in range(studies):
        study = Study(table, random.Random(f"{name}/{seed}"))
        config, value = WAYS[name](study)
        second = next(t for t in ranked(study.trials, table.objective) if table.index(t) != config)
        beats.append(sign * table.truth(config) < sign * table.truth(table.index(second)))
        regrets.append((sign * table.truth(config) - best) / spread)
        promised.append(sign * (study.unseen(config) - value) / spread)
        judged = lead(study.trials, noise(study.trials, table.space, table.objective), table.objective)
        told.append(bool(judged is not None and judged.beyond))
    cells = [f"{statistics.fmean(beats):.0%}", _mean(regrets), _mean(promised), f"{statistics.fmean(told):.0%}"]
    return f"| {table.task} | {name} | {' | '.join(cells)} |"


def _mean(values: Sequence[float]) -> str:
    return f"{statistics.fmean(values):+.2f} ± {1.96 * statistics.stdev(values) / math.sqrt(len(values)):.2f}"


def _spread(table: Recorded) -> float:
    """The standard deviation of a run about its config's mean, among the better half of the configs."""
    order = sorted(range(len(table.configs)), key=lambda i: table.objective.sign * table.truth(i))
    return math.sqrt(statistics.fmean(statistics.variance(table.values[i]) for i in order[: len(order) // 2]))


def coverage(table: Recorded, studies: int) -> str:
    """How often the difference of two configs lies within the limit about what was measured: of the better half of a
    study's configs, and of its best two, which were chosen for their luck."""
    pairs, leads, claims = [], [], []
    for seed in range(studies):
        study = Study(table, random.Random(f"coverage/{seed}"))
        thrice(study)
        found = noise(study.trials, table.space, table.objective)
        better = ranked(study.trials, table.objective)[: BUDGET // SEEDS // 2]
        pairs += [_held(study, a, b, found) for a, b in itertools.pairwise(better)]
        a, b = study.rng.sample(better, 2)
        leads.append(_held(study, better[0], better[1], found))
        said = verdict(a, b, found, table.objective)
        if said.beyond:
            claims.append((a if said.better == a.number else b, b if said.better == a.number else a))
    sign = table.objective.sign
    right = [sign * table.truth(table.index(x)) < sign * table.truth(table.index(y)) for x, y in claims]
    of_claims = f"{statistics.fmean(right):.0%} of {len(right)}" if right else "none"
    return f"| {table.task} | {statistics.fmean(pairs):.1%} | {statistics.fmean(leads):.1%} | {of_claims} |"


def _held(study: Study, a: Trial, b: Trial, found: Noise) -> bool:
    """Whether the difference of two means lies as near that of the seeds not used as chance allows: each config's is
    then the difference of a mean of n and one of m runs, which varies as does a mean of 1 / (1/n + 1/m)."""
    assert a.value is not None and b.value is not None
    first, second = study.table.index(a), study.table.index(b)
    runs = [1 / (1 / t.runs + 1 / len(study.left[i])) for t, i in ((a, first), (b, second))]
    limit = found.between(runs[0], runs[1])
    assert limit is not None
    return abs((b.value - a.value) - (study.unseen(second) - study.unseen(first))) <= limit


# -- the table ----------------------------------------------------------------------


def record(task: str, folder: Path) -> dict[str, Any]:
    """The default and random configs of `task`, each run with seeds from 0."""
    trainer, rng = catalog.load("forest"), random.Random(1)
    count, seeds = RUNS[task]
    configs = [trainer.defaults(task), *(trainer.space(task).sample(rng) for _ in range(count - 1))]
    values = []
    for i, config in enumerate(configs):
        got = [trial(task, config, folder / f"{i}-{seed}", seed)[1] for seed in range(seeds)]
        values.append([float(f"{value:.5g}") for value in got])
        print(f"{task} {i + 1} of {count}: {statistics.fmean(got):.4g} ± {statistics.stdev(got):.2g}", flush=True)
    return {"configs": [{k: _short(v) for k, v in c.items()} for c in configs], "values": values}


def _short(value: Any) -> Any:
    return float(f"{value:.4g}") if isinstance(value, float) else value


def tables() -> Iterator[Recorded]:
    trainer = catalog.load("forest")
    for task, held in json.loads(TABLE.read_text()).items():
        yield Recorded(task, trainer.objective(task), trainer.space(task), held["configs"], held["values"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tasks", nargs="*", metavar="TASK", help="to record; all of them unless told")
    parser.add_argument("--record", action="store_true")
    parser.add_argument("--studies", type=int, default=400)
    args = parser.parse_args()
    if args.record:
        os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        warnings.simplefilter("ignore")
        known = json.loads(TABLE.read_text()) if TABLE.exists() else {}
        for name in args.tasks or RUNS:
            with tempfile.TemporaryDirectory() as folder:
                known[name] = record(name, Path(folder))
        TABLE.parent.mkdir(exist_ok=True)
        TABLE.write_text(json.dumps(known, separators=(",", ":")) + "\n")
        return
    print("| task | trials | beats the next best | regret, σ | promised too much, σ | lead said to be real |")
    print("|---|---|---|---|---|---|")
    for table in tables():
        for name in WAYS:
            print(row(table, name, args.studies))
    print("\n| task | limit holds, neighbours in rank | the best two | better said rightly |\n|---|---|---|---|")
    for table in tables():
        print(coverage(table, args.studies))


if __name__ == "__main__":
    main()
