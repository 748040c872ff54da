"""How far a trial has come: its batches, reports, best model and checkpoints, whether it trains alone or in a stack."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from torch import Tensor

from trainers import checkpoint
from trainers.bracket import errors
from trainers.bracket.architecture import Architecture
from trainers.bracket.batches import Batch, Corpus
from trainers.contract import RunContext
from trainers.space import Config

REPORTS, EVALUATIONS = 100, 20  # a run has about so many
FEWEST_STEPS = 10  # between two reports


class Progress:
    """One trial's state but for its weights. `step` counts optimiser steps, `window` those since the last report."""

    def __init__(self, config: Config, ctx: RunContext, corpus: Corpus) -> None:
        self.config, self.ctx, self.corpus = config, ctx, corpus
        self.per_epoch = math.ceil(len(corpus) / config["batch_size"])
        self.total = config["epochs"] * self.per_epoch
        self.report_every = max(FEWEST_STEPS, math.ceil(self.total / REPORTS))
        self.evaluate_every = self.report_every * (REPORTS // EVALUATIONS)
        self.step = self.window = 0
        self.evaluated_at = -1
        self.best: dict[str, Any] = {}
        ctx.plan(self.total)

    def batches(self) -> Iterator[Tensor]:
        """The batches still to come; which they are depends on the seed and the step alone."""
        first_epoch, done = divmod(self.step, self.per_epoch)
        for epoch in range(first_epoch, self.config["epochs"]):
            order = self.corpus.epoch(self.config["batch_size"], seed=self.ctx.seed * 1_000_003 + epoch)
            yield from order[done if epoch == first_epoch else 0 :]

    def due(self, every: int) -> bool:
        return self.step % every == 0 or self.step == self.total

    def must_end(self, evaluation_seconds: float) -> bool:
        """Whether to stop now: it was asked for, or what is left of the time is needed to validate and test."""
        return self.ctx.should_stop() or self.ctx.out_of_time(5 * evaluation_seconds)

    # -- reporting ---------------------------------------------------------------

    def tell(self, train_loss: float, grad_norm: float, **telemetry: float) -> bool:
        """Reports the mean loss and largest gradient norm since the last report; False when the loss is not finite."""
        self.window = 0
        if not math.isfinite(train_loss):
            self.ctx.report(self.step, train_loss=train_loss, val_exact=math.nan)
            return False
        self.ctx.report(self.step, train_loss=train_loss, grad_norm=grad_norm, **telemetry)
        return True

    def validated(self, scores: dict[str, float], model: Mapping[str, Tensor]) -> None:
        """Reports the validation scores and keeps the model if it is the best yet: by exact match, then by loss."""
        self.evaluated_at = self.step
        self.ctx.report(self.step, **named("val", scores))
        rank = (scores["exact"], -scores["loss"])
        if not self.best or rank > (self.best["scores"]["exact"], -self.best["scores"]["loss"]):
            kept = {name: tensor.clone() for name, tensor in model.items()}
            self.best = {"step": self.step, "scores": scores, "model": kept}

    def tested(self, scores: dict[str, float], model: Architecture, val: Batch) -> None:
        """Reports the test score of `model`, the best one, and leaves it in the checkpoint folder, and what it got
        wrong beside it."""
        self.ctx.report(self.step, test_exact=scores["exact"], test_partial=scores["partial"])
        kept = {"task": self.ctx.task, "config": dict(self.config), **self.best}
        checkpoint.save(self.ctx.checkpoint_dir / checkpoint.MODEL, kept)
        errors.keep(model, val, self.ctx.run_dir, self.ctx.accumulation)

    # -- going on ----------------------------------------------------------------

    def keep(self, model: Mapping[str, Tensor], optimizer: Mapping[str, Any], random: Mapping[str, Any]) -> None:
        """Writes all that is needed to go on from here."""
        state = {"step": self.step, "model": model, "optimizer": optimizer, "best": self.best, "random": random}
        state["config"] = dict(self.config)
        checkpoint.save(self.ctx.checkpoint_dir / checkpoint.STATE, state)

    def take_up(self, device: str) -> dict[str, Any] | None:
        """The state of an earlier attempt, to go on from; None without one, or when it died before its first.

        Raises TunewrightError for the checkpoint of another config.
        """
        folder = self.ctx.resume_from
        if folder is None or not (folder / checkpoint.STATE).exists():
            return None
        state = checkpoint.load(folder / checkpoint.STATE, device)
        checkpoint.check_same(state.get("config", self.config), self.config, folder / checkpoint.STATE)
        self.step, self.best = state["step"], state["best"]
        self.ctx.report(self.best["step"], **named("val", self.best["scores"]))  # this attempt may not beat it
        return state


def named(split: str, scores: dict[str, float]) -> dict[str, float]:
    """The scores as the metrics of a split: val_loss, test_loss."""
    return {f"{split}_{name}": value for name, value in scores.items()}
