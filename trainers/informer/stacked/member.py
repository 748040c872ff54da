"""One trial of a stack."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from trainers import checkpoint
from trainers.contract import RunContext
from trainers.informer.network import Informer
from trainers.informer.progress import Progress
from trainers.informer.resident import Resident
from trainers.informer.windows import Splits
from trainers.space import Config
from trainers.stacked_weights import Weights


class Member(Progress):
    """`place` is its place in the list of configs, `window` counts steps since its last report. `generator` draws its
    keys and its dropout: made when its model has been, it goes on where drawing the initial weights left off, as in its
    own run."""

    def __init__(self, place: int, config: Config, ctx: RunContext, splits: Splits, data: Resident) -> None:
        super().__init__(config, ctx, splits, data)
        self.place, self.ended, self.window = place, False, 0
        self.generator = torch.Generator(data.device)
        self._cpu_state = torch.get_rng_state()
        if self.generator.device.type == "cpu":
            self.generator.set_state(self._cpu_state)
        else:
            self.generator.manual_seed(ctx.seed)
        self._coming = self.batches()
        self.test_scores: dict[str, float] | None = None

    def next_batch(self) -> Tensor:
        return next(self._coming)

    def end(self) -> None:
        """Reports the test error, where there was time to find it."""
        if self.test_scores is not None:
            self.tested(self.test_scores)
        self.ended = True

    def take_up_in(self, weights: Weights, row: int) -> float:
        """Takes up an earlier attempt, if there is one, and returns the sum of the losses it has not reported."""
        state = self.take_up()
        if state is None:
            return 0.0
        weights.load(row, state["model"], state["optimizer"])
        random = state["random"]
        self._cpu_state = random["cpu"].cpu()
        own = "cpu" if self.generator.device.type == "cpu" else "cuda"
        if own in random:
            self.generator.set_state(random[own].cpu())
        loss_sum, self.window = state["loss"]
        return float(loss_sum)

    def save(self, weights: Weights, row: int, loss_sum: Tensor, model: Informer) -> None:
        """Writes what this trial needs to go on, in a stack or by itself: `model` is any of the shape."""
        plain = torch.optim.Adam(model.parameters(), lr=self.config["lr"], fused=True).state_dict()
        random: dict[str, Any] = checkpoint.random_state()
        if self.generator.device.type == "cpu":
            random["cpu"] = self.generator.get_state()
        else:
            random |= {"cpu": self._cpu_state, self.generator.device.type: self.generator.get_state()}
        self.keep(
            {
                "model": weights.state_dict(row),
                "optimizer": {**plain, "state": weights.optimizer_state(row)},
                "random": random,
                "loss": [loss_sum.clone(), self.window],
            }
        )
