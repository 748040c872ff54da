"""Trains one model: every step, every report, every checkpoint."""

from __future__ import annotations

import time

import torch
from torch import Tensor

from trainers import checkpoint
from trainers.contract import RunContext
from trainers.errors import TunewrightError
from trainers.informer.evaluate import evaluate
from trainers.informer.learner import Learner
from trainers.informer.network import Informer, Shape
from trainers.informer.options import read_options
from trainers.informer.pace import Pace
from trainers.informer.precision import uses_bf16
from trainers.informer.progress import Progress, named
from trainers.informer.resident import Resident
from trainers.informer.spaces import complete
from trainers.informer.tasks import find
from trainers.informer.windows import Splits, splits
from trainers.logline import say
from trainers.space import Config


def train(config: Config, ctx: RunContext) -> None:
    """One trial, from its first step or from `ctx.resume_from`, to the test error of its best checkpoint.

    Ends early when asked to, when the time left is what the last evaluations need, when validation has not improved for
    PATIENCE epochs, or when the loss is not finite.
    """
    torch.set_num_threads(ctx.threads)
    torch.manual_seed(ctx.seed)
    run = Run(complete(config), ctx)
    run.resume()
    for start_B in run.progress.batches():
        if run.progress.over() or run.progress.must_end(run.pace):
            if ctx.pruned and not run.progress.over():
                run.save()  # another attempt may go on right here; the test is for the end
                return
            break
        run.learn(start_B)
        if run.progress.due() and not run.report():
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


class Run:
    """One trial: its progress, its model and what trains it."""

    def __init__(self, config: Config, ctx: RunContext) -> None:
        task = find(ctx.task)
        self.ctx, self.device = ctx, ctx.device
        self.splits = splits(task, ctx.options, config)
        self.bf16 = uses_bf16(read_options(task, ctx.options).precision, self.device)
        self.data = Resident(self.splits, self.device)
        self.model = Informer(shape_of(config, self.splits)).to(self.device)
        self.learner = Learner(self.model, self.data, config["lr"], bf16=self.bf16, pieces=ctx.accumulation)
        self.progress, self.pace = Progress(config, ctx, self.splits, self.data), Pace()
        self.grad_norm = torch.zeros(())

    def learn(self, start_B: Tensor) -> None:
        """One optimiser step. Nothing is read back from the device."""
        self.learner.set_rate(self.progress.rate())
        self.progress.step += 1
        norm = self.learner.step(start_B, measured=self.progress.due())
        self.grad_norm = self.grad_norm if norm is None else norm
        self.pace.learned(len(start_B))
        self.progress.throughput.learned(len(start_B))

    def report(self) -> bool:
        """Reports what is due, at an epoch's end the validation error too; False when one of them is not finite."""
        train_loss, grad_norm = torch.stack([self.learner.take_loss(), self.grad_norm]).tolist()
        if not self.progress.tell(train_loss, grad_norm):
            return False
        if self.progress.ends_epoch() and not self.validate():
            return False
        if self.progress.ends_epoch() or self.progress.wants_saving():
            self.save()
        self.pace.begin()
        self.progress.throughput.begin()
        return True

    def validate(self) -> bool:
        """False when the error is not finite."""
        started = time.monotonic()
        scores = self._evaluated(self.data.starts(self.splits.val))
        self.pace.evaluated(len(self.splits.val), time.monotonic() - started)
        say(self.progress.step, self.progress.total, named("val", scores))
        return self.progress.validated(scores, self.model.state_dict())

    def _evaluated(self, start_N: Tensor) -> dict[str, float]:
        return evaluate(self.model, self.data, start_N, self.bf16, self.ctx.accumulation)

    def finish(self) -> None:
        """Tests the best model, once, and leaves it in the checkpoint folder."""
        if self.progress.validated_at != self.progress.step:
            self.save()  # an epoch cut short can be taken up where it stands
            if not self.validate():
                return
        self.model.load_state_dict(self.progress.best["model"])
        self.progress.keep_best(self.model, self.bf16)
        if self.progress.may_test(self.pace):
            scores = self._evaluated(self.data.starts(self.splits.test))
            self.progress.tested(scores)
            say(self.progress.best["step"], self.progress.total, named("test", scores))

    def save(self) -> None:
        self.progress.keep(
            {
                "model": self.model.state_dict(),
                "optimizer": self.learner.optimizer.state_dict(),
                "random": checkpoint.random_state(),
                "loss": [self.learner.loss_sum, self.learner.steps],
            }
        )

    def resume(self) -> None:
        """Takes up an earlier attempt, where there is one that lived to its first checkpoint."""
        state = self.progress.take_up()
        if state is None:
            return
        self.model.load_state_dict(state["model"])
        self.learner.optimizer.load_state_dict(state["optimizer"])
        self.learner.loss_sum, self.learner.steps = state["loss"]
        checkpoint.set_random_state(state["random"])
