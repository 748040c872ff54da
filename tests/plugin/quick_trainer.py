"""A third party's trainer, found by its entry point: a few milliseconds a step, and every way to misbehave.

`params["x"]` and `params["y"]` give a smooth bowl; `task` names what goes wrong.
"""

from __future__ import annotations

import math
import os
import signal
import subprocess
import sys
import threading
import time
from typing import Any

from trainers.contract import Failure, Objective, TrialFailed
from trainers.space import Config, FloatParameter, IntParameter, SearchSpace

TASKS = (
    "fine", "slow", "nan", "silent", "raise", "import", "hog", "hang", "deaf", "children", "killed", "segv", "flood",
    "binary", "big", "last_words", "quits", "quits_badly", "stranger", "closes_streams", "orphans", "early", "polite",
    "pool", "threads", "long_lines", "bad_value", "big_then_raise", "environment", "lost_device", "steady",
)  # fmt: skip


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

    def _steady(self, config: Config, ctx: Any) -> None:
        """Says how long it means to be, falls towards x² + y², and goes on where it was told to end."""
        steps, step = ctx.options.get("steps", 40), 0
        ctx.plan(steps)
        if ctx.resume_from is not None:
            step = int((ctx.resume_from / "step").read_text())
        while step < steps:
            step += 1
            ctx.report(step, loss=config["x"] ** 2 + config["y"] ** 2 + math.exp(-step / 8))
            time.sleep(ctx.options.get("pause", 0.0))
            if ctx.should_stop():
                (ctx.checkpoint_dir / "step").write_text(str(step))
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

    def _last_words(self, config: Config, ctx: Any) -> None:
        print("the last words")
        self._killed(config, ctx)

    def _quits(self, config: Config, ctx: Any) -> None:
        ctx.report(0, loss=1.0)
        sys.exit()

    def _quits_badly(self, config: Config, ctx: Any) -> None:
        os._exit(7)

    def _stranger(self, config: Config, ctx: Any) -> None:
        """A failure that no JSON can hold."""
        failure = Failure(kind="made_up", message="of a kind nobody knows", details={"lock": threading.Lock()})  # type: ignore[arg-type]
        raise TrialFailed(failure)

    def _closes_streams(self, config: Config, ctx: Any) -> None:
        ctx.report(0, loss=1.0)
        sys.stdout.close()
        sys.stderr = None  # type: ignore[assignment]
        os.close(1)
        os.close(2)
        raise ValueError("nobody hears me")

    def _orphans(self, config: Config, ctx: Any) -> None:
        """Grandchildren whose parent ends at once: some end soon, some never."""
        for seconds in (0.0, 0.0, 0.0, 3600.0):
            if os.fork() == 0:
                if os.fork() == 0:
                    os.setsid()
                    time.sleep(seconds)
                os._exit(0)
            os.wait()
        ctx.report(0, loss=1.0)
        time.sleep(ctx.options.get("pause", 0.0))

    def _early(self, config: Config, ctx: Any) -> None:
        """Ends by itself as soon as it is told to, whoever told it first."""
        ctx.report(0, loss=1.0)
        while not ctx.should_stop():
            time.sleep(0.0005)

    def _careful(self, config: Config, ctx: Any) -> None:
        """Leaves itself time for one last report."""
        ctx.report(0, loss=2.0)
        while not ctx.out_of_time(ctx.options["reserve"]):
            time.sleep(0.005)
        ctx.report(1, loss=1.0)

    def _polite(self, config: Config, ctx: Any) -> None:
        """Saves its work when it is told to end."""
        ctx.report(0, loss=2.0)
        while not ctx.should_stop():
            time.sleep(0.01)
        (ctx.checkpoint_dir / "saved").write_text("yes")
        ctx.report(1, loss=1.0)

    def _pool(self, config: Config, ctx: Any) -> None:
        """A process of its own holds the memory."""
        ctx.report(0, loss=1.0)
        hoard = "import os, time\nhoard = [os.urandom(1 << 20) for _ in range(200)]\ntime.sleep(3600)"
        subprocess.Popen([sys.executable, "-c", hoard], start_new_session=True).wait()

    def _threads(self, config: Config, ctx: Any) -> None:
        def report(name: str) -> None:
            for step in range(500):
                ctx.report(step, **{name: 1.0, "loss": 0.0})

        threads = [threading.Thread(target=report, args=(f"m{i}",)) for i in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _long_lines(self, config: Config, ctx: Any) -> None:
        for _ in range(20):
            os.write(1, b"y" * (1 << 16))
        ctx.report(0, loss=1.0)

    def _bad_value(self, config: Config, ctx: Any) -> None:
        ctx.report(0, loss="low")

    def _big_then_raise(self, config: Config, ctx: Any) -> None:
        self._big(config, ctx)
        raise OSError("the checkpoint did not fit")

    def _lost_device(self, config: Config, ctx: Any) -> None:
        ctx.report(0, loss=1.0)
        raise RuntimeError("CUDA error: no CUDA-capable device is detected")

    def _environment(self, config: Config, ctx: Any) -> None:
        for name, value in os.environ.items():
            print(f"{name}={value}")
        ctx.report(0, loss=1.0)


class PreloaderTrainer(QuickTrainer):
    """Needs a module that does whatever the test made it do, and has the warm process import it ahead."""

    name = "preloader"
    preload = ("preloaded",)

    def run(self, config: Config, ctx: Any) -> None:
        import preloaded  # type: ignore[import-not-found]  # noqa: F401

        super().run(config, ctx)


class BatchTrainer(QuickTrainer):
    """Holds 4 MiB a sample of its (micro-)batch for a second; task "fixed" holds as much whatever the batch."""

    name = "batches"
    accumulates = "batch"

    def tasks(self) -> tuple[str, ...]:
        return ("grows", "fixed", "torch")

    def space(self, task: str) -> SearchSpace:
        names = {"batch": 256, "width": 64, "x": 64}
        return SearchSpace([IntParameter(name=n, low=1, high=high, log=True) for n, high in names.items()])

    def defaults(self, task: str) -> Config:
        return {"batch": 8, "width": 8, "x": 8}

    def run(self, config: Config, ctx: Any) -> None:
        ctx.report(0, loss=1.0)
        samples = 64 if ctx.task == "fixed" else math.ceil(config["batch"] / ctx.accumulation)
        if ctx.task == "torch" and samples > 32:
            raise MemoryError(f"Unable to allocate {samples}.0 MiB for an array with shape ({samples}, 1048576)")
        hoard = [os.urandom(4 << 20) for _ in range(samples if ctx.task != "torch" else 1)]
        time.sleep(1.5 if samples > 32 else 0.1)  # memory is looked at twice a second
        ctx.report(1, loss=1.0 / len(hoard))


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
