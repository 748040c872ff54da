"""What each forest task's default config scores and costs, and what random configs do to it.

    python -m benchmarks.forest_tasks [--configs 10] [TASK …]

Prints a Markdown row a task: the default's cross-validated and held-out score and CPU seconds, then the worst, median
and best cross-validated score of random configs and their mean CPU seconds. One thread, seed 0.
"""

from __future__ import annotations

import argparse
import importlib
import math
import os
import random
import statistics
import tempfile
import time
import warnings
from pathlib import Path

from trainers import catalog, rundir
from trainers.context import WorkerContext
from trainers.contract import RunConfig
from trainers.space import Config

TRAINER = "forest"


def trial(task: str, params: Config, folder: Path, seed: int = 0) -> tuple[float, float, float]:
    """CPU seconds, cross-validated and held-out score."""
    trainer = catalog.load(TRAINER)
    objective = trainer.objective(task)
    config = RunConfig(
        study="bench", trial=0, trainer=TRAINER, task=task, params=params, objective=objective, seed=seed
    )
    rundir.create(folder, config)
    ctx = WorkerContext(folder, config, deadline=math.inf)
    started = time.process_time()
    trainer.run(params, ctx)
    seconds = time.process_time() - started
    ctx.close()
    *folds, held_out = (report.metrics for report in rundir.all_reports(folder))
    return seconds, folds[-1][objective.metric], next(iter(held_out.values()))


def row(task: str, configs: int, folder: Path) -> str:
    trainer, rng = catalog.load(TRAINER), random.Random(0)
    seconds, cv, test = trial(task, trainer.defaults(task), folder / "default")
    tried = [trial(task, trainer.space(task).sample(rng), folder / str(n)) for n in range(configs)]
    values = sorted((value for _, value, _ in tried), reverse=trainer.objective(task).direction == "minimize")
    spread = " / ".join(f"{v:.4g}" for v in (values[0], statistics.median(values), values[-1]))
    mean = statistics.mean(cost for cost, _, _ in tried)
    return f"| {task} | {cv:.4g} | {test:.4g} | {seconds:.2f} | {spread} | {mean:.2f} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tasks", nargs="*", default=catalog.load(TRAINER).tasks(), metavar="TASK")
    parser.add_argument("--configs", type=int, default=10, help="random configs a task")
    args = parser.parse_args()
    os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    warnings.simplefilter("ignore")  # scikit-learn's, about configs that are meant to be odd
    for module in catalog.load(TRAINER).preload:
        importlib.import_module(module)
    print("| task | default cv | default test | CPU-s | random: worst / median / best | CPU-s |")
    print("|---|---|---|---|---|---|")
    for task in args.tasks:
        with tempfile.TemporaryDirectory() as folder:
            print(row(task, args.configs, Path(folder)), flush=True)


if __name__ == "__main__":
    main()
