"""Whether the fast network learns as well as the plain one: both trained over seeds, alike but for the network.

    python -m benchmarks.informer_error [--seeds 5] [--task synthetic-24-m] [--set d_model=64 …]

Each seed trains the task's default config three times from the same weights: the plain network, the fast one in float32
and the fast one in bfloat16 (which a CPU without bfloat16 imitates). Prints the mean test error of each with its
standard deviation over seeds, and the mean difference from the plain one with its 95% interval over the pairs: the
networks differ only if the interval excludes 0.
"""

from __future__ import annotations

import argparse
import importlib
import json
import math
import os
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any
from unittest.mock import patch

from benchmarks.informer_paper import T_95
from trainers import catalog, rundir
from trainers.context import WorkerContext
from trainers.contract import RunConfig

KINDS = {"plain, fp32": "fp32", "fast, fp32": "fp32", "fast, bf16": "bf16"}


def errors(task: str, changes: dict[str, Any], kind: str, seed: int) -> tuple[float, float, float]:
    """Best validation error, test error and CPU seconds of one trial."""
    from benchmarks.informer_plain import from_fast
    from trainers.informer import train
    from trainers.informer.network import Informer

    trainer = catalog.load("informer")
    run = RunConfig(
        study="error",
        trial=seed,
        trainer="informer",
        task=task,
        params=trainer.space(task).validate({**trainer.defaults(task), **changes}),
        objective=trainer.objective(task),
        options={"precision": KINDS[kind]},
        seed=seed,
    )
    network = (lambda shape: from_fast(Informer(shape))) if kind.startswith("plain") else Informer
    with tempfile.TemporaryDirectory() as folder, patch.object(train, "Informer", network):
        path = Path(folder) / "run"
        rundir.create(path, run)
        ctx = WorkerContext(path, run, deadline=math.inf)
        started = time.process_time()
        trainer.run(run.params, ctx)
        seconds = time.process_time() - started
        ctx.close()
        reports = [report.metrics for report in rundir.all_reports(path)]
    return min(m["val_mse"] for m in reports if "val_mse" in m), reports[-1]["test_mse"], seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--task", default="synthetic-24-m")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE")
    args = parser.parse_args()
    os.environ |= {"CUDA_VISIBLE_DEVICES": "", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    for module in catalog.load("informer").preload:
        importlib.import_module(module)
    changes = {name: json.loads(value) for name, _, value in (one.partition("=") for one in args.set)}
    found: dict[str, list[tuple[float, float, float]]] = {kind: [] for kind in KINDS}
    for seed in range(args.seeds):
        for kind in KINDS:
            found[kind].append(errors(args.task, changes, kind, seed))
            val, test, seconds = found[kind][-1]
            print(f"seed {seed}, {kind}: val {val:.4f}, test {test:.4f}, {seconds:.1f} CPU-s", flush=True)
    print("\n| network | val MSE | test MSE | less the plain one's, 95% interval | CPU-s |\n|---|---|---|---|---|")
    for kind, rows in found.items():
        print(row(kind, rows, found["plain, fp32"]))


def row(kind: str, rows: list[tuple[float, float, float]], plain: list[tuple[float, float, float]]) -> str:
    val, test, seconds = zip(*rows, strict=True)
    cells = [f"{statistics.mean(v):.4f} ± {statistics.stdev(v):.4f}" for v in (val, test)]
    differences = [ours[1] - peer[1] for ours, peer in zip(rows, plain, strict=True)]
    half = T_95[len(rows)] * statistics.stdev(differences) / math.sqrt(len(rows))
    mean = statistics.mean(differences)
    told = "–" if rows is plain else f"{mean - half:+.4f} … {mean + half:+.4f}"
    return f"| {kind} | {cells[0]} | {cells[1]} | {told} | {statistics.mean(seconds):.1f} |"


if __name__ == "__main__":
    main()
