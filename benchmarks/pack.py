"""Small bracket trials trained as one, against one after another, on the device at hand.

    python -m benchmarks.pack [--trials 64] [--task gru-small] [--units 32] [--batch 32] [--steps]

Whole trials: data, every step, validations, checkpoints, test. Rates and seeds differ from trial to trial. Prints
seconds of each way (CPU seconds on a CPU, where other work would disturb wall time), the ratio, and how far the mean
values of the same trials lie apart. With --steps it prints instead what a step of 1, 2, 4, … trials takes, for
several shapes: what the runner measures before it packs.
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
from typing import Any

from benchmarks.harness import Figure
from trainers import catalog, rundir
from trainers.context import WorkerContext, device_of
from trainers.contract import PackingTrainer, RunConfig

GOAL = 10.0  # on one GPU
SHAPES = ((32, 32, 32), (32, 32, 64), (64, 32, 64), (128, 48, 64))  # units, embedding, batch size
SIZES = (1, 2, 4, 8, 16)
GPU_SIZES = (1, 8, 32, 64)


def trainer() -> PackingTrainer:
    found = catalog.load("bracket")
    for module in found.preload:  # a warm worker has paid for these
        importlib.import_module(module)
    importlib.import_module("trainers.bracket.stacked.train")
    assert isinstance(found, PackingTrainer)
    return found


def configs(task: str, trials: int, changes: dict[str, Any]) -> list[dict[str, Any]]:
    """One shape; learning rates spread evenly over a decade and a half."""
    base = {**trainer().defaults(task), **changes}
    rates = (10 ** (-3.3 + 1.5 * place / max(trials - 1, 1)) for place in range(trials))
    return [{**base, "lr": rate} for rate in rates]


def contexts(folder: Path, task: str, found: list[dict[str, Any]], gpus: tuple[str, ...]) -> list[WorkerContext]:
    made = []
    for seed, params in enumerate(found):
        config = RunConfig(
            study="bench", trial=seed, trainer="bracket", task=task, params=params, seed=seed, gpus=gpus,
            objective=trainer().objective(task),
        )  # fmt: skip
        rundir.create(folder / str(seed), config)
        made.append(WorkerContext(folder / str(seed), config, deadline=math.inf))
    return made


def clock(device: str) -> float:
    """CPU seconds on a CPU; elsewhere wall seconds with the device's work done."""
    if device == "cpu":
        return time.process_time()
    import torch

    (torch.cuda if device == "cuda" else torch.mps).synchronize()
    return time.monotonic()


def one_after_another(task: str, found: list[dict[str, Any]], ctxs: list[WorkerContext]) -> float:
    started = clock(ctxs[0].device)
    for params, ctx in zip(found, ctxs, strict=True):
        trainer().run(params, ctx)
    return clock(ctxs[0].device) - started


def as_one(task: str, found: list[dict[str, Any]], ctxs: list[WorkerContext]) -> float:
    started = clock(ctxs[0].device)
    for _, error in trainer().run_many(found, ctxs):
        if error is not None:
            raise error
    return clock(ctxs[0].device) - started


def values(ctxs: list[WorkerContext]) -> list[float]:
    """Each trial's best exact match in validation."""
    best = []
    for ctx in ctxs:
        reports = [report.metrics for report in rundir.all_reports(ctx.run_dir)]
        best.append(max(metrics["val_exact"] for metrics in reports if "val_exact" in metrics))
    return best


def compare(
    task: str, trials: int, changes: dict[str, Any], gpus: tuple[str, ...], most: int
) -> tuple[float, float, float]:
    """Seconds one after another and as one (packs of up to `most`), and how far the mean values lie apart."""
    found = configs(task, trials, changes)
    with tempfile.TemporaryDirectory() as folder:
        alone, together = (contexts(Path(folder) / name, task, found, gpus) for name in ("alone", "together"))
        one_by_one = one_after_another(task, found, alone)
        packed = sum(as_one(task, found[i : i + most], together[i : i + most]) for i in range(0, trials, most))
        apart = abs(statistics.mean(values(alone)) - statistics.mean(values(together)))
    return one_by_one, packed, apart


def visible_gpus() -> tuple[str, ...]:
    from trainers.engines import devices

    return tuple(gpu.id for gpu in devices.gpus())[:1]


def figures(*, quick: bool) -> list[Figure]:
    """The smallest shape of the space, where a CPU gains most; fewer trials there than on a GPU."""
    gpus = visible_gpus()
    device = device_of(gpus)
    trials, epochs = (4, 1) if quick else (16, 3) if device == "cpu" else (64, 10)
    changes = {"units": 32, "embedding": 32, "batch_size": 32, "epochs": epochs}
    alone, packed, _ = compare("gru-small", trials, changes, gpus, trials)
    name = f"{trials} small bracket trials as one, on a {device.upper()}"
    if device == "cpu":
        goal = f"> 1×; on a GPU ≥ {GOAL:.0f}× for 64: not measured"
        return [Figure(name, packed, alone, "CPU-s", "one after another", goal, packed < alone, 1)]
    return [Figure(name, packed, alone, "s", "one after another", f"≥ {GOAL:.0f}×", alone / packed >= GOAL, 1)]


def print_steps(task: str, gpus: tuple[str, ...]) -> None:
    device = device_of(gpus)
    sizes = SIZES if device == "cpu" else GPU_SIZES
    print(f"| units | embedding | batch | {' | '.join(f'{size} as one' for size in sizes)} |")
    print("|---" * (3 + len(sizes)) + "|")
    for units, embedding, batch in SHAPES:
        config = {**trainer().defaults(task), "units": units, "embedding": embedding, "batch_size": batch}
        seconds = trainer().step_seconds(config, task, {}, device, sizes)
        cells = (f"{1e3 * taken:.1f} ms ({size * seconds[1] / taken:.1f}×)" for size, taken in sorted(seconds.items()))
        print(f"| {units} | {embedding} | {batch} | {' | '.join(cells)} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=64)
    parser.add_argument("--task", default="gru-small")
    parser.add_argument("--units", type=int, default=32)
    parser.add_argument("--embedding", type=int, default=32)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--most", type=int, default=64, help="trials in one pack")
    parser.add_argument("--steps", action="store_true", help="what a step takes, for several shapes and sizes")
    args = parser.parse_args()
    os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    gpus = visible_gpus()
    if args.steps:
        return print_steps(args.task, gpus)
    changes = {"batch_size": args.batch, "embedding": args.embedding, "epochs": args.epochs}
    changes |= {"units": args.units} if args.task.startswith(("gru", "lstm")) else {}
    alone, packed, apart = compare(args.task, args.trials, changes, gpus, args.most)
    print(f"{args.trials} × {args.task} {changes}, packs of {args.most}, on {device_of(gpus)}")
    print(
        f"one after another {alone:.1f} s, as one {packed:.1f} s: {alone / packed:.1f}×; mean values {apart:.4f} apart"
    )
    return None


if __name__ == "__main__":
    main()
