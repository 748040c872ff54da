"""Bracket: sequence models that learn to close what a string of brackets left open."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from trainers.bracket.tasks import FREE_IN_A_PACK, OBJECTIVE, TASKS, find, train_samples
from trainers.contract import Objective, RunContext
from trainers.space import Config, SearchSpace


class BracketTrainer:
    """A trial trains one model and scores it by exact match on 1,000 validation questions.

    `options`: `train_samples`, the training set's size where it is not to be the task's own.
    """

    name = "bracket"
    preload = ("torch._dynamo", "trainers.bracket.train")  # every torch optimiser imports the first, for a second
    uses_gpu = True
    accumulates = "batch_size"

    def tasks(self) -> tuple[str, ...]:
        return tuple(TASKS)

    def space(self, task: str) -> SearchSpace:
        return find(task).space

    def objective(self, task: str) -> Objective:
        find(task)
        return OBJECTIVE

    def defaults(self, task: str) -> Config:
        return find(task).space.default()

    def settle(
        self, task: str, options: Mapping[str, Any], space: SearchSpace, folder: Path
    ) -> tuple[dict[str, Any], list[str]]:
        train_samples(find(task), options)
        return dict(options), []

    def run(self, config: Config, ctx: RunContext) -> None:
        """Reports `train_loss` and `grad_norm`, `val_exact`, `val_partial` and `val_loss`; at the end the best model's
        `test_exact` and `test_partial`."""
        from trainers.bracket.train import train  # torch is for trials only

        train(config, ctx)

    def pack_key(self, config: Config, task: str, options: Mapping[str, Any]) -> str | None:
        """Size, batch size and data; `lr`, `dropout`, `epochs` and the seed are each trial's own."""
        shape = {name: value for name, value in sorted(config.items()) if name not in FREE_IN_A_PACK}
        words = (f"{name}={value}" for name, value in shape.items())
        return " ".join((task, *words, f"train_samples={train_samples(find(task), options)}"))

    def run_many(self, configs: Sequence[Config], ctxs: Sequence[RunContext]) -> Iterator[tuple[int, Exception | None]]:
        """As `run`, for configs of one `pack_key`."""
        from trainers.bracket.stacked.train import train_many

        return train_many(configs, ctxs)

    def step_seconds(
        self, config: Config, task: str, options: Mapping[str, Any], device: str, sizes: Sequence[int]
    ) -> Mapping[int, float]:
        from trainers.bracket.stacked.speed import step_seconds

        return step_seconds(config, task, options, device, sizes)
