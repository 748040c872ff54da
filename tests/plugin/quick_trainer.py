"""A third party's trainer, found by its entry point: a few milliseconds a step, and every way to misbehave.

`params["x"]` and `params["y"]` give a smooth bowl; `task` names what goes wrong.
"""

from __future__ import annotations

import math
import os
import signal
import subprocess
import sys
import time
from typing import Any

from trainers.contract import Objective
from trainers.space import Config, FloatParameter, SearchSpace

TASKS = ("fine", "slow", "nan", "silent", "raise", "import", "hog", "hang", "deaf", "children", "killed", "segv", "flood", "binary", "big")


class QuickTrainer:
    """steps: 20 unless options say otherwise; each takes options["pause"] seconds."""

    name = "quick"
    preload: tuple[str, ...] = ()
    uses_gpu = False

    def tasks(self) -> tuple[str, ...]:
        return TASKS

    def space(self, task: str) -> SearchSpace:
        return SearchSpace([FloatParameter(name=n, low=-2.0, high=2.0) for n in ("x", "y")])

    def objective(self, task: str) -> Objective:
        return Objective("loss", "minimize", at="last")

    def defaults(self, task: str) -> Config:
        return {"x": 1.0, "y": 1.0}

    def run(self, config: Config, ctx: Any) -> None:
        if ledger := ctx.options.get("ledger"):
            fd = os.open(ledger, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
            os.write(fd, f"{ctx.run_dir}\n".encode())
            os.close(fd)
        getattr(self, f"_{ctx.task or 'fine'}")(config, ctx)

    def _fine(self, config: Config, ctx: Any) -> None:
        target = (config["x"] - 0.3) ** 2 + (config["y"] + 0.7) ** 2
        for step in range(ctx.options.get("steps", 20)):
            print(f"step {step}")
            ctx.report(step, loss=target + math.exp(-step / 3))
            time.sleep(ctx.options.get("pause", 0.0))
            if ctx.should_stop():
                return

    def _slow(self, config: Config, ctx: Any) -> None:
        for step in range(100_000):
            ctx.report(step, loss=1.0 / (step + 1))
            time.sleep(0.02)
            if ctx.should_stop():
                return

    def _nan(self, config: Config, ctx: Any) -> None:
        for step in range(5):
            ctx.report(step, loss=1.0 if step < 3 else math.nan)

    def _silent(self, config: Config, ctx: Any) -> None:
        ctx.report(0, lss=1.0)

    def _raise(self, config: Config, ctx: Any) -> None:
        raise ValueError("shapes (3, 4) and (5,) do not match")

    def _import(self, config: Config, ctx: Any) -> None:
        import no_such_module  # type: ignore[import-not-found]  # noqa: F401

    def _hog(self, config: Config, ctx: Any) -> None:
        hoard = []
        for step in range(10_000):
            hoard.append(bytearray(os.urandom(1 << 20)) * 16)
            ctx.report(step, loss=1.0)
            time.sleep(0.02)

    def _hang(self, config: Config, ctx: Any) -> None:
        time.sleep(3600)

    def _deaf(self, config: Config, ctx: Any) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        while True:
            time.sleep(1)

    def _children(self, config: Config, ctx: Any) -> None:
        deaf = "import signal,time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(3600)"
        subprocess.Popen([sys.executable, "-c", deaf], start_new_session=True)
        subprocess.Popen([sys.executable, "-c", deaf])
        if os.fork() == 0:
            os.setsid()
            time.sleep(3600)
        ctx.report(0, loss=1.0)

    def _killed(self, config: Config, ctx: Any) -> None:
        ctx.report(0, loss=1.0)
        os.kill(os.getpid(), signal.SIGKILL)

    def _segv(self, config: Config, ctx: Any) -> None:
        os.kill(os.getpid(), signal.SIGSEGV)

    def _flood(self, config: Config, ctx: Any) -> None:
        line = b"x" * 99 + b"\n"
        for _ in range(1000):
            os.write(1, line * 1000)
        ctx.report(0, loss=1.0)

    def _binary(self, config: Config, ctx: Any) -> None:
        os.write(1, os.urandom(1 << 20))
        ctx.report(0, loss=1.0)

    def _big(self, config: Config, ctx: Any) -> None:
        for step in range(ctx.options.get("steps", 100_000)):
            ctx.report(step, loss=1.0, other=float(step))


class TorchStepTrainer:
    """One training step of a tiny torch model: what `approve → first step` is measured with."""

    name = "torch-step"
    preload = ("torch",)
    uses_gpu = False

    def tasks(self) -> tuple[str, ...]:
        return ("step",)

    def space(self, task: str) -> SearchSpace:
        return SearchSpace([FloatParameter(name="lr", low=0.0, high=2.0)])

    def objective(self, task: str) -> Objective:
        return Objective("loss")

    def defaults(self, task: str) -> Config:
        return {"lr": 0.1}

    def run(self, config: Config, ctx: Any) -> None:
        import torch

        torch.manual_seed(ctx.seed)
        model = torch.nn.Linear(8, 1)
        loss = model(torch.randn(4, 8)).square().mean()
        loss.backward()
        ctx.report(0, loss=loss.item())
