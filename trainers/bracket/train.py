"""Trains one model: every step, every report, every checkpoint."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn

from trainers import checkpoint
from trainers.bracket import data, errors
from trainers.bracket.batches import Corpus
from trainers.bracket.evaluate import evaluate, loss_of, shifted
from trainers.bracket.models import build
from trainers.bracket.tasks import find, train_samples
from trainers.contract import RunContext
from trainers.space import Config

REPORTS, EVALUATIONS = 100, 20  # a run has about so many
FEWEST_STEPS = 10  # between two reports
WARMUP = 0.25  # of all steps, the learning rate rises over this share, then falls as a cosine
CLIP = 1.0  # the gradient's largest norm
BETAS = (0.9, 0.98)


def train(config: Config, ctx: RunContext) -> None:
    """One trial, from its first step or from `ctx.resume_from`, to the test score of its best checkpoint.

    Ends early when asked to, when the time left is what the last evaluations need, or when the loss is not finite.
    """
    torch.set_num_threads(ctx.threads)
    torch.manual_seed(ctx.seed)
    run = _Run(config, ctx)
    if not run.resume():
        run.validate()
    for row_B in run.batches():
        if run.must_end():
            break
        run.learn(row_B)
        if run.due(run.report_every) and not run.report():
            return
    run.finish()


def learning_rate(step: int, total: int, peak: float) -> float:
    """One cycle: up in a line, down as a cosine (after Smith & Topin, 2018)."""
    rise = max(1, round(WARMUP * total))
    if step < rise:
        return peak * (step + 1) / rise
    return peak * 0.5 * (1 + math.cos(math.pi * (step - rise) / max(1, total - rise)))


class _Run:
    """One trial's state. `step` counts optimiser steps taken."""

    def __init__(self, config: Config, ctx: RunContext) -> None:
        task = find(ctx.task)
        self.config, self.ctx, self.device = config, ctx, ctx.device
        splits = data.splits(train_samples(task, ctx.options), task.mode)
        self.corpus = Corpus(splits.train, self.device)
        self.val, self.test = (Corpus(part, self.device).all() for part in (splits.val, splits.test))
        self.model = build(task.architecture, config, self.device)
        self.optimizer = torch.optim.Adam(self.model.parameters(), lr=config["lr"], betas=BETAS, fused=True)
        self.per_epoch = math.ceil(len(self.corpus) / config["batch_size"])
        self.total = config["epochs"] * self.per_epoch
        self.report_every = max(FEWEST_STEPS, math.ceil(self.total / REPORTS))
        self.evaluate_every = self.report_every * (REPORTS // EVALUATIONS)
        self.step = 0
        self.evaluated_at = -1
        self.evaluation_seconds = 0.0
        self.best: dict[str, Any] = {}
        self.loss_sum, self.largest_norm, self.window = *self._zeros(), 0

    # -- learning ----------------------------------------------------------------

    def batches(self) -> Iterator[Tensor]:
        """The batches still to come; which they are depends on the seed and the step alone."""
        first_epoch, done = divmod(self.step, self.per_epoch)
        for epoch in range(first_epoch, self.config["epochs"]):
            order = self.corpus.epoch(self.config["batch_size"], seed=self.ctx.seed * 1_000_003 + epoch)
            yield from order[done if epoch == first_epoch else 0 :]

    def learn(self, row_B: Tensor) -> None:
        """One optimiser step. Nothing is read back from the device."""
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate(self.step, self.total, self.config["lr"])
        batch = self.corpus.batch(row_B)
        memory = self.model.encode(batch.question_BQ, batch.length_B)
        loss = loss_of(self.model.decode(memory, shifted(batch.answer_BA)), batch.answer_BA)
        loss.backward()  # type: ignore[no-untyped-call]
        norm = nn.utils.clip_grad_norm_(self.model.parameters(), CLIP)
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        self.loss_sum += loss.detach()
        self.largest_norm = torch.maximum(self.largest_norm, norm)
        self.window += 1
        self.step += 1

    def _zeros(self) -> tuple[Tensor, Tensor]:
        """The sum of losses and the largest gradient norm of no steps at all."""
        return torch.zeros((), device=self.device), torch.zeros((), device=self.device)

    # -- reporting ---------------------------------------------------------------

    def due(self, every: int) -> bool:
        return self.step % every == 0 or self.step == self.total

    def report(self) -> bool:
        """The mean loss and largest gradient norm since the last report; False when the loss is not finite."""
        train_loss, grad_norm = torch.stack([self.loss_sum / self.window, self.largest_norm]).tolist()
        self.loss_sum, self.largest_norm, self.window = *self._zeros(), 0
        if not math.isfinite(train_loss):
            self.ctx.report(self.step, train_loss=train_loss, val_exact=math.nan)
            return False
        self.ctx.report(self.step, train_loss=train_loss, grad_norm=grad_norm)
        if self.due(self.evaluate_every):
            self.validate()
            self.save()
        return True

    def validate(self) -> None:
        """Reports the validation scores and keeps the model if it is the best yet: by exact match, then by loss."""
        started = time.monotonic()
        scores = evaluate(self.model, self.val)
        self.evaluation_seconds = max(self.evaluation_seconds, time.monotonic() - started)
        self.evaluated_at = self.step
        self.ctx.report(self.step, **_named("val", scores))
        rank = (scores["exact"], -scores["loss"])
        if not self.best or rank > (self.best["scores"]["exact"], -self.best["scores"]["loss"]):
            model = {name: tensor.clone() for name, tensor in self.model.state_dict().items()}
            self.best = {"step": self.step, "scores": scores, "model": model}

    def must_end(self) -> bool:
        """Whether to stop now: it was asked for, or what is left of the time is needed to validate and test."""
        return self.ctx.should_stop() or self.ctx.seconds_left() < 5 * self.evaluation_seconds

    def finish(self) -> None:
        """Tests the best model, once, and leaves it in the checkpoint folder, and what it got wrong beside it."""
        if self.evaluated_at != self.step:
            self.validate()
        self.model.load_state_dict(self.best["model"])
        scores = evaluate(self.model, self.test)
        self.ctx.report(self.step, test_exact=scores["exact"], test_partial=scores["partial"])
        kept = {"task": self.ctx.task, "config": dict(self.config), **self.best}
        checkpoint.save(self.ctx.checkpoint_dir / checkpoint.MODEL, kept)
        errors.keep(self.model, self.val, self.ctx.run_dir)

    # -- going on ----------------------------------------------------------------

    def save(self) -> None:
        state = {
            "step": self.step,
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "best": self.best,
            "random": checkpoint.random_state(),
        }
        checkpoint.save(self.ctx.checkpoint_dir / checkpoint.STATE, state)

    def resume(self) -> bool:
        """Takes up an earlier attempt; False when there is none or it died before its first checkpoint."""
        folder = self.ctx.resume_from
        if folder is None or not (folder / checkpoint.STATE).exists():
            return False
        state = checkpoint.load(folder / checkpoint.STATE, self.device)
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        checkpoint.set_random_state(state["random"])
        self.step, self.best = state["step"], state["best"]
        self.ctx.report(self.best["step"], **_named("val", self.best["scores"]))  # this attempt may not beat it
        return True


def _named(split: str, scores: dict[str, float]) -> dict[str, float]:
    return {f"{split}_{name}": value for name, value in scores.items()}
