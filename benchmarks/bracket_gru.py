"""How good, and how dear, the default config of a bracket task is on one CPU thread.

    python -m benchmarks.bracket_gru [--seeds 5] [--task gru-clean]

Prints, a line a seed, CPU seconds of the whole trial (data, training, evaluations, checkpoints) and exact match on
1,000 validation and 1,000 test questions. The reference for `gru-clean` is 99.9% in 32 CPU seconds.
"""

from __future__ import annotations

import argparse
import importlib
import math
import os
import statistics
import tempfile
import time
from pathlib import Path

from trainers import catalog, rundir
from trainers.context import WorkerContext
from trainers.contract import RunConfig

REFERENCE_TASK, REFERENCE_SECONDS, REFERENCE_EXACT = "gru-clean", 32.0, 0.999


def trial(task: str, seed: int, folder: Path) -> tuple[float, float, float]:
    """CPU seconds, best validation and test exact match of the task's default config."""
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
    return seconds, val, reports[-1]["test_exact"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=5, help="how many seeds to train with")
    parser.add_argument("--task", default=REFERENCE_TASK)
    args = parser.parse_args()
    os.environ |= {"CUDA_VISIBLE_DEVICES": "", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    for module in catalog.load("bracket").preload:  # a warm worker has paid for these
        importlib.import_module(module)
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(args.seeds):
            rows.append(trial(args.task, seed, Path(folder) / str(seed)))
            seconds, val, test = rows[-1]
            print(f"{args.task} seed {seed}: {seconds:5.1f} CPU-s, val {val:.1%}, test {test:.1%}", flush=True)
    mean, tests = statistics.mean(row[0] for row in rows), [row[2] for row in rows]
    print(f"mean {mean:.1f} CPU-s, test {statistics.mean(tests):.2%}, worst seed {min(tests):.1%}")
    if args.task == REFERENCE_TASK:
        ratio = REFERENCE_SECONDS / mean
        print(f"reference {REFERENCE_SECONDS:.0f} CPU-s, {REFERENCE_EXACT:.1%}: {ratio:.1f} times the CPU time")


if __name__ == "__main__":
    main()
