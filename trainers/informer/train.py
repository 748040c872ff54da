"""Trains one model: every step, every report, every checkpoint."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from trainers import checkpoint, samples
from trainers.contract import RunContext
from trainers.errors import TunewrightError
from trainers.informer.evaluate import evaluate, rank
from trainers.informer.forecasts import NOTE, forecasts
from trainers.informer.learner import Learner
from trainers.informer.network import Informer, Shape
from trainers.informer.options import read_options
from trainers.informer.pace import Pace
from trainers.informer.precision import uses_bf16
from trainers.informer.resident import Resident
from trainers.informer.spaces import complete
from trainers.informer.tasks import find
from trainers.informer.windows import Splits, splits
from trainers.space import Config
from trainers.throughput import Throughput

REPORTS = 100  # a run has about so many
FEWEST_STEPS = 10  # between two reports
PATIENCE = 3  # epochs without a better validation error, then it ends
SAVE_EVERY = 60.0  # seconds at most between two checkpoints


def train(config: Config, ctx: RunContext) -> None:
    """One trial, from its first step or from `ctx.resume_from`, to the test error of its best checkpoint.

    Ends early when asked to, when the time left is what the last evaluations need, when validation has not improved for
    PATIENCE epochs, or when the loss is not finite.
    """
    torch.set_num_threads(ctx.threads)
    torch.manual_seed(ctx.seed)
    run = _Run(complete(config), ctx)
    run.resume()
    for start_B in run.batches():
        if run.must_end():
            break
        run.learn(start_B)
        if run.due() and not run.report():
            return
    run.finish()


def shape_of(config: Config, data: Splits) -> Shape:
    """The network of a config for these data.

    Raises TunewrightError for numbers that make none: a space of one's own may lack the built-in constraints.
    """
    if config["d_model"] % config["n_heads"]:
        what = f"d_model {config['d_model']} is not a multiple of n_heads {config['n_heads']}"
        raise TunewrightError(what, where="config", remedy="Add the constraint d_model % n_heads == 0 to the space.")
    if config["label_len"] > data.seq_len:
        what = f"label_len {config['label_len']} is more than seq_len {data.seq_len}"
        raise TunewrightError(what, where="config", remedy="Add the constraint label_len < seq_len to the space.")
    names = ("label_len", "d_model", "n_heads", "e_layers", "d_layers", "d_ff", "dropout")
    return Shape(
        channels=data.inputs_TC.shape[1],
        targets=len(data.targets),
        features=data.time_TF.shape[1],
        seq_len=data.seq_len,
        pred_len=data.pred_len,
        factor=config["factor"] if config["attention"] == "prob" else 0,
        **{name: config[name] for name in names},
    )


class _Run:
    """One trial's state. `step` counts optimiser steps taken."""

    def __init__(self, config: Config, ctx: RunContext) -> None:
        task = find(ctx.task)
        self.config, self.ctx, self.device = config, ctx, ctx.device
        self.splits = splits(task, ctx.options, config)
        self.bf16 = uses_bf16(read_options(task, ctx.options).precision, self.device)
        self.data = Resident(self.splits, self.device)
        self.model = Informer(shape_of(config, self.splits)).to(self.device)
        self.learner = Learner(self.model, self.data, config["lr"], bf16=self.bf16, pieces=ctx.accumulation)
        self.per_epoch: int = math.ceil(len(self.splits.train) / config["batch_size"])
        self.total: int = config["epochs"] * self.per_epoch
        self.report_every: int = max(FEWEST_STEPS, math.ceil(self.total / REPORTS))
        self.step, self.validated_at, self.bad_epochs = 0, -1, 0
        self.best: dict[str, Any] = {}
        self.pace, self.throughput, self.saved_at = Pace(), Throughput(), time.monotonic()
        self.grad_norm = torch.zeros(())

    # -- learning ----------------------------------------------------------------

    def batches(self) -> Iterator[Tensor]:
        """The batches still to come; which they are depends on the seed and the step alone."""
        first_epoch, done = divmod(self.step, self.per_epoch)
        for epoch in range(first_epoch, self.config["epochs"]):
            if self.bad_epochs >= PATIENCE:
                return
            start_N = self.data.shuffled(self.splits.train, seed=self.ctx.seed * 1_000_003 + epoch)
            self.learner.set_rate(self.config["lr"] * 0.5**epoch)
            yield from torch.split(start_N, self.config["batch_size"])[done if epoch == first_epoch else 0 :]

    def learn(self, start_B: Tensor) -> None:
        """One optimiser step. Nothing is read back from the device."""
        self.step += 1
        norm = self.learner.step(start_B, measured=self.due())
        self.grad_norm = self.grad_norm if norm is None else norm
        self.pace.learned(len(start_B))
        self.throughput.learned(len(start_B))

    # -- reporting ---------------------------------------------------------------

    def due(self) -> bool:
        """Whether this step is to be reported."""
        return self.step % self.report_every == 0 or self.step % self.per_epoch == 0

    def report(self) -> bool:
        """The mean loss since the last report and the last gradient's norm, at an epoch's end the validation error too;
        False when one of them is not finite."""
        train_loss, grad_norm = torch.stack([self.learner.take_loss(), self.grad_norm]).tolist()
        if not math.isfinite(train_loss):
            self.ctx.report(self.step, train_loss=train_loss, val_mse=math.nan)
            return False
        told = {"grad_norm": grad_norm} if math.isfinite(grad_norm) else {}
        self.ctx.report(self.step, train_loss=train_loss, **told, **self.throughput.take())
        if self.step % self.per_epoch == 0:
            if not self.validate():
                return False
            self.save()
        elif time.monotonic() - self.saved_at > SAVE_EVERY:
            self.save()
        self.pace.begin()
        self.throughput.begin()
        return True

    def validate(self) -> bool:
        """Reports the validation error and keeps the model if it is the best yet; False when it is not finite."""
        started = time.monotonic()
        scores = evaluate(self.model, self.data, self.data.starts(self.splits.val), self.bf16, self.ctx.accumulation)
        self.pace.evaluated(len(self.splits.val), time.monotonic() - started)
        self.validated_at = self.step
        self.ctx.report(self.step, **_named("val", scores))
        better = not self.best or rank(scores) < rank(self.best["scores"])
        self.bad_epochs = 0 if better else self.bad_epochs + 1
        if better:
            model = {name: tensor.clone() for name, tensor in self.model.state_dict().items()}
            self.best = {"step": self.step, "scores": scores, "model": model}
        return math.isfinite(scores["mse"])

    def must_end(self) -> bool:
        """Whether to stop now: it was asked for, or what is left of the time is needed to validate and test."""
        return self.ctx.should_stop() or self.ctx.seconds_left() < self.pace.needs(
            len(self.splits.val) + len(self.splits.test)
        )

    def finish(self) -> None:
        """Tests the best model, once, and leaves it in the checkpoint folder."""
        if self.validated_at != self.step:
            self.save()  # an epoch cut short can be taken up where it stands
            if not self.validate():
                return
        self.model.load_state_dict(self.best["model"])
        kept = {"task": self.ctx.task, "config": dict(self.config), **self.best}
        checkpoint.save(self.ctx.checkpoint_dir / checkpoint.MODEL, kept)
        samples.write(self.ctx.run_dir, forecasts(self.model, self.splits, self.data, self.bf16), note=NOTE)
        scores = evaluate(self.model, self.data, self.data.starts(self.splits.test), self.bf16, self.ctx.accumulation)
        self.ctx.report(self.step, **_named("test", scores))

    # -- going on ----------------------------------------------------------------

    def save(self) -> None:
        state = {
            "step": self.step,
            "config": dict(self.config),
            "bad_epochs": self.bad_epochs,
            "model": self.model.state_dict(),
            "optimizer": self.learner.optimizer.state_dict(),
            "best": self.best,
            "random": checkpoint.random_state(),
            "loss": [self.learner.loss_sum, self.learner.steps],
        }
        checkpoint.save(self.ctx.checkpoint_dir / checkpoint.STATE, state)
        self.saved_at = time.monotonic()

    def resume(self) -> None:
        """Takes up an earlier attempt, where there is one that lived to its first checkpoint.

        Raises TunewrightError for the checkpoint of another config.
        """
        folder = self.ctx.resume_from
        if folder is None or not (folder / checkpoint.STATE).exists():
            return
        state = checkpoint.load(folder / checkpoint.STATE, self.device)
        checkpoint.check_same(state["config"], self.config, folder / checkpoint.STATE)
        self.model.load_state_dict(state["model"])
        self.learner.optimizer.load_state_dict(state["optimizer"])
        checkpoint.set_random_state(state["random"])
        self.step, self.best, self.bad_epochs = state["step"], state["best"], state["bad_epochs"]
        self.learner.loss_sum, self.learner.steps = state["loss"]
        if self.best:  # this attempt may not beat it
            self.ctx.report(self.best["step"], **_named("val", self.best["scores"]))
            self.validated_at = self.step if self.step % self.per_epoch == 0 else -1


def _named(split: str, scores: dict[str, float]) -> dict[str, float]:
    return {f"{split}_{name}": value for name, value in scores.items()}
