"""What an Informer training step costs on a GPU: plain, and ours launch by launch, compiled and as a CUDA graph.

    python -m benchmarks.gpu.informer [--steps 100]

Then several small trials, one after another and as one model.

ETTh1-24 M in the paper's size (see benchmarks.informer_step), from windows to updated weights. The plain loop collates
its windows on the host, moves them, and reads the loss each step. Wall seconds a step, medians of five repeats; below
them the kernels that take most of our step. Says so where there is no GPU.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import nn

from benchmarks.informer_plain import PlainInformer
from benchmarks.informer_step import BATCH, SIZE
from trainers import catalog
from trainers.contract import PackingTrainer
from trainers.informer.learner import Learner
from trainers.informer.network import Informer, Shape
from trainers.informer.resident import Resident
from trainers.informer.windows import Part, Splits

ROWS = 8640
Step = Callable[[], None]


def series() -> Splits:
    """Random rows in ETTh1's shape."""
    rng = np.random.default_rng(0)
    part = Part(0, ROWS - SIZE["seq_len"] - SIZE["pred_len"] + 1)
    return Splits(
        inputs_TC=rng.normal(size=(ROWS, 7)).astype(np.float32),
        time_TF=(rng.random((ROWS, 4)) - 0.5).astype(np.float32),
        targets=tuple(range(7)),
        train=part,
        val=part,
        test=part,
        seq_len=SIZE["seq_len"],
        pred_len=SIZE["pred_len"],
        columns=tuple("abcdefg"),
        dates_T=np.arange(ROWS).astype("datetime64[h]"),
        mean_C=np.zeros(7),
        std_C=np.ones(7),
    )


def plain(data: Splits, shape: Shape) -> Step:
    model = PlainInformer(shape).cuda()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-4)
    rng, length = np.random.default_rng(0), shape.seq_len + shape.pred_len

    def step() -> None:
        rows = [np.arange(start, start + length) for start in rng.integers(0, len(data.train), BATCH)]
        values = torch.from_numpy(np.stack([data.inputs_TC[r] for r in rows])).cuda()
        times = torch.from_numpy(np.stack([data.time_TF[r] for r in rows])).cuda()
        optimizer.zero_grad()
        answer = model(values[:, : shape.seq_len], times)
        loss = nn.functional.mse_loss(answer, values[:, shape.seq_len :])
        loss.item()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()

    return step


def ours(data: Splits, shape: Shape, *, bf16: bool, graph: bool, compiled: bool = False) -> Step:
    resident = Resident(data, "cuda")
    model: Any = Informer(shape).cuda()
    if compiled:
        model.compile()
    learner = Learner(model, resident, 1e-4, bf16=bf16)
    if not graph:
        learner.graph = None
    starts = torch.split(resident.shuffled(data.train, 0), BATCH)[:-1]
    at = iter(range(10**9))

    def step() -> None:
        learner.step(starts[next(at) % len(starts)])

    return step


def seconds(step: Step, steps: int) -> float:
    for _ in range(10):
        step()
    torch.cuda.synchronize()
    found = []
    for _ in range(5):
        started = time.perf_counter()
        for _ in range(steps):
            step()
        torch.cuda.synchronize()
        found.append((time.perf_counter() - started) / steps)
    return statistics.median(found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=100)
    args = parser.parse_args()
    if not torch.cuda.is_available():
        print("no GPU here: nothing measured")
        return
    torch.manual_seed(0)
    data = series()
    shape = Shape(channels=7, targets=7, features=4, dropout=0.05, **SIZE)
    kinds: dict[str, Callable[[], Step]] = {
        "plain loop, fp32": lambda: plain(data, shape),
        "ours, fp32, launch by launch": lambda: ours(data, shape, bf16=False, graph=False),
        "ours, fp32, CUDA graph": lambda: ours(data, shape, bf16=False, graph=True),
        "ours, bf16, launch by launch": lambda: ours(data, shape, bf16=True, graph=False),
        "ours, bf16, compiled": lambda: ours(data, shape, bf16=True, graph=False, compiled=True),
        "ours, bf16, compiled, CUDA graph": lambda: ours(data, shape, bf16=True, graph=True, compiled=True),
        "ours, bf16, CUDA graph (what a trial does)": lambda: ours(data, shape, bf16=True, graph=True),
    }
    print(f"{torch.cuda.get_device_name()}, torch {torch.__version__}, {time.strftime('%Y-%m-%d')}\n")
    print("| step | ms | against the plain loop |\n|---|---|---|")
    peer = None
    for name, make in kinds.items():
        took = seconds(make(), args.steps)
        peer = peer or took
        print(f"| {name} | {1000 * took:.2f} | {peer / took:.1f}× |", flush=True)
    packed()
    profiled(ours(data, shape, bf16=True, graph=False))


def packed() -> None:
    """A step of so many small trials as one model, against as many steps one after another."""
    trainer = catalog.load("informer")
    assert isinstance(trainer, PackingTrainer)
    task = "synthetic-24-m"
    found = trainer.step_seconds(trainer.defaults(task), task, {}, "cuda", (1, 4, 16, 64))
    print("\n| trials as one, d_model 32 | ms a step | against one after another |\n|---|---|---|")
    for size, took in found.items():
        print(f"| {size} | {1000 * took:.2f} | {size * found[1] / took:.1f}× |")


def profiled(step: Step) -> None:
    """The kernels that take most of a step."""
    for _ in range(10):
        step()
    with torch.profiler.profile() as profile:
        for _ in range(10):
            step()
        torch.cuda.synchronize()
    print()
    print(profile.key_averages().table(sort_by="self_device_time_total", row_limit=15, max_name_column_width=60))


if __name__ == "__main__":
    main()
