"""How good, and how dear, the default configs of bracket's tasks are on one CPU thread.

    python -m benchmarks.bracket [TASK …] [--seeds 5] [--first 0]

For each task it prints, a line a seed, CPU seconds of the whole trial (data, training, evaluations, checkpoints) and
exact match on 1,000 validation and 1,000 test questions, then a row of docs/trainers.md. The reference for `gru-clean`
is 99.9% in 32 CPU seconds. Without tasks: the five architectures on clean labels, some five CPU minutes a seed.
"""

from __future__ import annotations

import argparse
import importlib
import math
import os
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from trainers import catalog, rundir
from trainers.bracket.tasks import ARCHITECTURES, find
from trainers.context import WorkerContext
from trainers.contract import RunConfig

REFERENCE_TASK, REFERENCE_SECONDS, REFERENCE_EXACT = "gru-clean", 32.0, 0.999


class Result(NamedTuple):
    """CPU seconds, best validation and test exact match of one trial."""

    seconds: float
    val: float
    test: float


def trial(task: str, seed: int, folder: Path) -> Result:
    """The task's default config."""
    trainer = catalog.load("bracket")
    config = RunConfig(
        study="bench",
        trial=seed,
        trainer="bracket",
        task=task,
        params=trainer.defaults(task),
        objective=trainer.objective(task),
        seed=seed,
    )
    rundir.create(folder, config)
    ctx = WorkerContext(folder, config, deadline=math.inf)
    started = time.process_time()
    trainer.run(config.params, ctx)
    seconds = time.process_time() - started
    ctx.close()
    reports = [report.metrics for report in rundir.all_reports(folder)]
    val = max(metrics["val_exact"] for metrics in reports if "val_exact" in metrics)
    return Result(seconds, val, reports[-1]["test_exact"])


def row(task: str, results: Sequence[Result]) -> str:
    """Means with the least and the most of all seeds, as in docs/trainers.md."""
    seconds, tests = [r.seconds for r in results], [r.test for r in results]
    mean = f"{statistics.mean(seconds):.1f} ({min(seconds):.1f}–{max(seconds):.1f})"
    exact = f"{statistics.mean(tests):.2%} ({min(tests):.1%}–{max(tests):.1%})"
    return f"| `{task}` | {mean} | {exact} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tasks", nargs="*", default=[f"{name}-clean" for name in ARCHITECTURES], metavar="TASK")
    parser.add_argument("--seeds", type=int, default=5, help="how many seeds to train with")
    parser.add_argument("--first", type=int, default=0, help="the first of them")
    args = parser.parse_args()
    for task in args.tasks:
        find(task)  # a wrong name is said before an hour's work
    os.environ |= {"CUDA_VISIBLE_DEVICES": "", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    for module in catalog.load("bracket").preload:  # a warm worker has paid for these
        importlib.import_module(module)
    for task in args.tasks:
        results = []
        with tempfile.TemporaryDirectory() as folder:
            for seed in range(args.first, args.first + args.seeds):
                results.append(trial(task, seed, Path(folder) / str(seed)))
                seconds, val, test = results[-1]
                print(f"{task} seed {seed}: {seconds:5.1f} CPU-s, val {val:.1%}, test {test:.1%}", flush=True)
        print(row(task, results), flush=True)
        if task == REFERENCE_TASK:
            ratio = REFERENCE_SECONDS / statistics.mean(r.seconds for r in results)
            print(f"reference {REFERENCE_SECONDS:.0f} CPU-s, {REFERENCE_EXACT:.1%}: {ratio:.1f} times the CPU time")


if __name__ == "__main__":
    main()
