"""Trains one model: every step, every report, every checkpoint."""

from __future__ import annotations

import math
import time

import torch
from torch import Tensor, nn

from trainers import checkpoint
from trainers.bracket import data
from trainers.bracket.batches import Corpus
from trainers.bracket.evaluate import evaluate, loss_of, shifted
from trainers.bracket.models import build
from trainers.bracket.progress import Progress, named
from trainers.bracket.tasks import find, train_samples
from trainers.contract import RunContext
from trainers.logline import say
from trainers.space import Config
from trainers.throughput import Throughput

WARMUP = 0.25  # of all steps, the learning rate rises over this share, then falls as a cosine
CLIP = 1.0  # the gradient's largest norm
BETAS = (0.9, 0.98)


def train(config: Config, ctx: RunContext) -> None:
    """One trial, from its first step or from `ctx.resume_from`, to the test score of its best checkpoint.

    Ends early when asked to, when the time left is what the last evaluations need, or when the loss is not finite.
    """
    torch.set_num_threads(ctx.threads)
    torch.manual_seed(ctx.seed)
    run = Run(config, ctx)
    if not run.resume():
        run.validate()
    for row_B in run.batches():
        if run.must_end(run.evaluation_seconds):
            if ctx.should_stop():  # asked for: another attempt may go on right here
                run.save()
            if ctx.pruned:
                return
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


class Run(Progress):
    """A trial with a model of its own."""

    def __init__(self, config: Config, ctx: RunContext) -> None:
        task = find(ctx.task)
        self.device = ctx.device
        splits = data.splits(train_samples(task, ctx.options), task.mode)
        super().__init__(config, ctx, Corpus(splits.train, self.device))
        self.val, self.test = (Corpus(part, self.device).all() for part in (splits.val, splits.test))
        self.model = build(task.architecture, config, self.device)
        self.optimizer = torch.optim.Adam(self.model.parameters(), lr=config["lr"], betas=BETAS, fused=True)
        self.evaluation_seconds, self.throughput = 0.0, Throughput()
        self.loss_sum, self.largest_norm = self._zeros()

    def learn(self, row_B: Tensor) -> None:
        """One optimiser step. Nothing is read back from the device."""
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate(self.step, self.total, self.config["lr"])
        for part_B in row_B.tensor_split(min(self.ctx.accumulation, len(row_B))):
            self._backward(part_B, self.corpus.share(part_B, row_B))
        norm = nn.utils.clip_grad_norm_(self.model.parameters(), CLIP)
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        self.largest_norm = torch.maximum(self.largest_norm, norm)
        self.throughput.learned(len(row_B))
        self.window += 1
        self.step += 1

    def _backward(self, row_B: Tensor, share: float) -> None:
        """Adds the gradients of one micro-batch. The batch's loss is a mean over tokens, of which it has a `share`."""
        batch = self.corpus.batch(row_B)
        memory = self.model.encode(batch.question_BQ, batch.length_B)
        loss = share * loss_of(self.model.decode(memory, shifted(batch.answer_BA)), batch.answer_BA)
        loss.backward()  # type: ignore[no-untyped-call]
        self.loss_sum += loss.detach()

    def _zeros(self) -> tuple[Tensor, Tensor]:
        """The sum of losses and the largest gradient norm of no steps at all."""
        return torch.zeros((), device=self.device), torch.zeros((), device=self.device)

    def report(self) -> bool:
        """What is due: the window's loss, a validation, a checkpoint. False when the loss is not finite."""
        train_loss, grad_norm = torch.stack([self.loss_sum / self.window, self.largest_norm]).tolist()
        self.loss_sum, self.largest_norm = self._zeros()
        if not self.tell(train_loss, grad_norm, **self.throughput.take()):
            return False
        if self.due(self.evaluate_every):
            self.validate()
            self.save()
            self.throughput.begin()
        return True

    def save(self) -> None:
        self.keep(self.model.state_dict(), self.optimizer.state_dict(), checkpoint.random_state())

    def validate(self) -> None:
        started = time.monotonic()
        scores = evaluate(self.model, self.val, self.ctx.accumulation)
        self.evaluation_seconds = max(self.evaluation_seconds, time.monotonic() - started)
        self.validated(scores, self.model.state_dict())
        say(self.step, self.total, named("val", scores))

    def finish(self) -> None:
        """Validates where it stands, and tests the best model, once."""
        if self.evaluated_at != self.step:
            self.validate()
        self.model.load_state_dict(self.best["model"])
        scores = evaluate(self.model, self.test, self.ctx.accumulation)
        self.tested(scores, self.model, self.val)
        say(self.best["step"], self.total, named("test", scores))

    def resume(self) -> bool:
        """Takes up an earlier attempt, if there is one to take up."""
        state = self.take_up(self.device)
        if state is None:
            return False
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        checkpoint.set_random_state(state["random"])
        return True
