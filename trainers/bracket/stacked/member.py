"""One trial of a stack."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from trainers import checkpoint
from trainers.bracket.architecture import Architecture
from trainers.bracket.batches import Corpus
from trainers.bracket.progress import Progress
from trainers.bracket.train import BETAS
from trainers.contract import RunContext
from trainers.space import Config
from trainers.stacked_weights import Weights
from trainers.throughput import Throughput


class Member(Progress):
    """`place` is its place in the list of configs. `generator` draws its dropout: made when its model has been, it
    goes on where drawing the initial weights left off, as in the trial's own run."""

    def __init__(self, place: int, config: Config, ctx: RunContext, corpus: Corpus, device: str) -> None:
        super().__init__(config, ctx, corpus)
        self.place, self.device, self.ended = place, device, False
        self.generator = torch.Generator(device)
        self._cpu_state = torch.get_rng_state()
        if self.generator.device.type == "cpu":
            self.generator.set_state(self._cpu_state)
        else:
            self.generator.manual_seed(ctx.seed)
        self._coming, self.throughput = self.batches(), Throughput()

    def next_rows(self) -> Tensor:
        return next(self._coming)

    def take_up_in(self, weights: Weights, row: int) -> bool:
        """Takes up an earlier attempt, if there is one to take up."""
        state = self.take_up(self.device)
        if state is None:
            return False
        weights.load(row, state["model"], state["optimizer"])
        random = state["random"]
        self._cpu_state = random["cpu"].cpu()
        own = "cpu" if self.generator.device.type == "cpu" else "cuda"
        if own in random:
            self.generator.set_state(random[own].cpu())
        return True

    def save(self, weights: Weights, row: int, model: Architecture) -> None:
        """Writes what this trial needs to go on, in a stack or by itself: `model` is any of the shape."""
        plain = torch.optim.Adam(model.parameters(), lr=self.config["lr"], betas=BETAS, fused=True).state_dict()
        optimizer = {**plain, "state": weights.optimizer_state(row)}
        random: dict[str, Any] = checkpoint.random_state()
        if self.generator.device.type == "cpu":
            random["cpu"] = self.generator.get_state()
        else:
            random |= {"cpu": self._cpu_state, self.generator.device.type: self.generator.get_state()}
        self.keep(weights.state_dict(row), optimizer, random)
