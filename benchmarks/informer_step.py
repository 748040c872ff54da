"""CPU time of one Informer training step on one thread: the trainer's, and the plain implementation's, in turns.

ETTh1-24 M in the paper's size: 48 rows in, 48 start tokens, 24 rows forecast, factor 3, d_model 512, d_ff 2,048,
8 heads, two encoder layers and one decoder layer, batch 32. Both start with the same weights and answer alike to 1e-5
in float32, which is checked first. The data are random numbers of that shape: a step costs the same whatever it reads.

    python -m benchmarks informer_step
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from benchmarks.harness import Figure, medians

GOAL = 3.0
SAME = 1e-5
BATCH = 32
SIZE = {"seq_len": 48, "label_len": 48, "pred_len": 24, "d_model": 512, "d_ff": 2048, "n_heads": 8, "factor": 3}
SMALL = {**SIZE, "d_model": 64, "d_ff": 256}


def figures(*, quick: bool) -> list[Figure]:
    import torch

    torch.set_num_threads(1)
    repeats = 2 if quick else 7
    found = []
    for size, what in ((SIZE, "d_model 512"), (SMALL, "d_model 64")):
        fast, plain, difference = pair(size)
        if difference > SAME:
            raise SystemExit(f"the two networks differ by {difference:.1e}")
        steps = [step(plain, size), step(fast, size, bf16=False)]
        if torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported():
            steps.append(step(fast, size, bf16=True))
        for once in steps:
            once()
        peer, *ours = medians([lambda once=once: _cpu(once) for once in steps], repeats)  # type: ignore[misc]
        for seconds, precision in zip(ours, ("fp32", "bf16"), strict=False):
            goal = size is SIZE and precision == "bf16"
            name = f"Informer training step, ETTh1-24 M, {what}, {precision}"
            met = not goal or peer >= GOAL * seconds
            told = f"≥ {GOAL:g}×" if goal else "–"
            found.append(Figure(name, seconds, peer, "CPU-s", "plain, fp32", told, met, repeats))
    return found


def pair(size: dict[str, Any]) -> tuple[Any, Any, float]:
    """The fast network, the plain one with its weights, and how far apart their answers are."""
    import torch

    from benchmarks.informer_plain import from_fast
    from trainers.informer.network import Informer, Shape

    torch.manual_seed(0)
    shape = Shape(channels=7, targets=7, features=4, dropout=0.05, **size)
    fast = Informer(shape)
    plain = from_fast(fast)
    x_BLC, time_BTF, _ = batch(size)
    with torch.no_grad():
        difference = (fast.eval()(x_BLC, time_BTF) - plain.eval()(x_BLC, time_BTF)).abs().max()
    return fast.train(), plain.train(), float(difference)


def batch(size: dict[str, Any]) -> Any:
    """Inputs, time features and truth."""
    import torch

    generator = torch.Generator().manual_seed(0)
    rows = size["seq_len"] + size["pred_len"]
    return (
        torch.randn(BATCH, size["seq_len"], 7, generator=generator),
        torch.rand(BATCH, rows, 4, generator=generator) - 0.5,
        torch.randn(BATCH, size["pred_len"], 7, generator=generator),
    )


def step(model: Any, size: dict[str, Any], bf16: bool | None = None) -> Callable[[], None]:
    """One optimiser step: the trainer's way, or with `bf16` None as plainly as the model is written."""
    import torch

    from trainers.informer.precision import autocast

    x_BLC, time_BTF, truth_BPT = batch(size)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-4, fused=bf16 is not None)

    def plain() -> None:
        optimizer.zero_grad()
        loss = torch.nn.functional.mse_loss(model(x_BLC, time_BTF), truth_BPT)
        loss.item()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()

    def ours() -> None:
        with autocast("cpu", bool(bf16)):
            answer_BPT = model(x_BLC, time_BTF)
        torch.nn.functional.mse_loss(answer_BPT.float(), truth_BPT).backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)

    return plain if bf16 is None else ours


def _cpu(once: Callable[[], None]) -> float:
    started = time.process_time()
    once()
    return time.process_time() - started
