"""How far a trial has come: its batches, reports, best model and checkpoints, whether it trains alone or in a stack."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch import Tensor

from trainers import checkpoint, samples
from trainers.contract import RunContext
from trainers.informer.evaluate import rank
from trainers.informer.forecasts import NOTE, forecasts
from trainers.informer.network import Informer
from trainers.informer.pace import Pace
from trainers.informer.resident import Resident
from trainers.informer.windows import Splits
from trainers.space import Config
from trainers.throughput import Throughput

REPORTS = 100  # a run has about so many
FEWEST_STEPS = 10  # between two reports
PATIENCE = 3  # epochs without a better validation error, then it ends
SAVE_EVERY = 60.0  # seconds at most between two checkpoints


class Progress:
    """One trial's state but for its weights. `step` counts optimiser steps taken."""

    def __init__(self, config: Config, ctx: RunContext, splits: Splits, data: Resident) -> None:
        self.config, self.ctx, self.splits, self.data = config, ctx, splits, data
        self.per_epoch: int = math.ceil(len(splits.train) / config["batch_size"])
        self.total: int = config["epochs"] * self.per_epoch
        self.report_every: int = max(FEWEST_STEPS, math.ceil(self.total / REPORTS))
        self.step, self.validated_at, self.bad_epochs = 0, -1, 0
        self.best: dict[str, Any] = {}
        self.throughput, self.saved_at = Throughput(), time.monotonic()
        ctx.plan(self.total)

    def batches(self) -> Iterator[Tensor]:
        """The batches still to come; which they are depends on the seed and the step alone."""
        first_epoch, done = divmod(self.step, self.per_epoch)
        for epoch in range(first_epoch, self.config["epochs"]):
            start_N = self.data.shuffled(self.splits.train, seed=self.ctx.seed * 1_000_003 + epoch)
            yield from torch.split(start_N, self.config["batch_size"])[done if epoch == first_epoch else 0 :]

    def rate(self) -> float:
        """The next step's learning rate: halved each epoch."""
        lr: float = self.config["lr"]
        return lr * 0.5 ** (self.step // self.per_epoch)

    def due(self) -> bool:
        """Whether this step is to be reported."""
        return self.step % self.report_every == 0 or self.ends_epoch()

    def ends_epoch(self) -> bool:
        return self.step % self.per_epoch == 0

    def over(self) -> bool:
        """Whether it has trained all its epochs, or one too many without a better validation error."""
        return self.step >= self.total or (self.ends_epoch() and self.bad_epochs >= PATIENCE)

    def must_end(self, pace: Pace, trials: int = 1) -> bool:
        """Whether to stop now: it was asked for, or what is left of the time is needed to validate and test, where so
        many trials may have to be at once."""
        needs = pace.needs(trials * (len(self.splits.val) + len(self.splits.test)))
        return self.ctx.should_stop() or self.ctx.out_of_time(needs)

    def may_test(self, pace: Pace, trials: int = 1) -> bool:
        """Whether there is time for the test. Where there is not, it is said in the log: a value is worth more."""
        if self.ctx.seconds_left() >= pace.needs(trials * len(self.splits.test)):
            return True
        print("no time is left to test: the validation error stands", file=sys.stderr)
        return False

    # -- reporting ---------------------------------------------------------------

    def tell(self, train_loss: float, grad_norm: float) -> bool:
        """Reports the mean loss since the last report, the last gradient's norm; False when the loss is not finite."""
        if not math.isfinite(train_loss):
            self.ctx.report(self.step, train_loss=train_loss, val_mse=math.nan)
            return False
        told = {"grad_norm": grad_norm} if math.isfinite(grad_norm) else {}
        self.ctx.report(self.step, train_loss=train_loss, **told, **self.throughput.take())
        return True

    def validated(self, scores: dict[str, float], model: Mapping[str, Tensor]) -> bool:
        """Reports the validation error and keeps the model if it is the best yet; False when it is not finite."""
        self.validated_at = self.step
        self.ctx.report(self.step, **named("val", scores))
        better = not self.best or rank(scores) < rank(self.best["scores"])
        self.bad_epochs = 0 if better else self.bad_epochs + 1
        if better:
            kept = {name: tensor.clone() for name, tensor in model.items()}
            self.best = {"step": self.step, "scores": scores, "model": kept}
        return math.isfinite(scores["mse"])

    def keep_best(self, model: Informer, bf16: bool) -> None:
        """Leaves `model`, which has the best weights, in the checkpoint folder, and what it forecasts beside it."""
        kept = {"task": self.ctx.task, "config": dict(self.config), **self.best}
        checkpoint.save(self.ctx.checkpoint_dir / checkpoint.MODEL, kept)
        samples.write(self.ctx.run_dir, forecasts(model, self.splits, self.data, bf16), note=NOTE)

    def tested(self, scores: dict[str, float]) -> None:
        self.ctx.report(self.step, **named("test", scores))

    # -- going on ----------------------------------------------------------------

    def wants_saving(self) -> bool:
        return time.monotonic() - self.saved_at > SAVE_EVERY

    def keep(self, state: Mapping[str, Any]) -> None:
        """Writes all that is needed to go on from here: `state` is what the weights need."""
        own = {"step": self.step, "config": dict(self.config), "bad_epochs": self.bad_epochs, "best": self.best}
        checkpoint.save(self.ctx.checkpoint_dir / checkpoint.STATE, {**own, **state})
        self.saved_at = time.monotonic()

    def take_up(self) -> dict[str, Any] | None:
        """The state of an earlier attempt, to go on from; None without one, or when it died before its first.

        Raises TunewrightError for the checkpoint of another config.
        """
        folder = self.ctx.resume_from
        if folder is None or not (folder / checkpoint.STATE).exists():
            return None
        state = checkpoint.load(folder / checkpoint.STATE, self.data.device)
        checkpoint.check_same(state["config"], self.config, folder / checkpoint.STATE)
        self.step, self.best, self.bad_epochs = state["step"], state["best"], state["bad_epochs"]
        if self.best:  # this attempt may not beat it
            self.ctx.report(self.best["step"], **named("val", self.best["scores"]))
            self.validated_at = self.step if self.ends_epoch() else -1
        return state


def named(split: str, scores: dict[str, float]) -> dict[str, float]:
    """The scores as the metrics of a split: val_loss, test_loss."""
    return {f"{split}_{name}": value for name, value in scores.items()}
