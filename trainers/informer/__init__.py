"""Informer: long-horizon forecasting of a time series, on ETT, on a CSV of one's own, or on a generated series."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from trainers.contract import Objective, RunContext
from trainers.informer.spaces import FREE_IN_A_PACK, complete
from trainers.informer.tasks import OBJECTIVE, TASKS, find
from trainers.space import Config, SearchSpace


class InformerTrainer:
    """A trial trains one model and scores it by the mean squared error over all validation windows, standardised.

    `options`: those of trainers.informer.options.
    """

    name = "informer"
    preload = ("torch._dynamo", "trainers.informer.train")  # every torch optimiser imports the first, for a second
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
        """Reads the series, so that what is wrong with it is told before a trial runs."""
        if find(task).data == "synthetic" and not options:
            return {}, []
        from trainers.informer.checks import settle  # numpy is for those who have data of their own

        return settle(task, options, space, folder)

    def run(self, config: Config, ctx: RunContext) -> None:
        """Reports `train_loss`, `val_mse` and `val_mae`; at the end the best model's `test_mse` and `test_mae`."""
        from trainers.informer.train import train  # torch is for trials only

        train(config, ctx)

    def pack_key(self, config: Config, task: str, options: Mapping[str, Any]) -> str | None:
        """Size, batch size and data; `lr`, `dropout`, `epochs` and the seed are each trial's own."""
        shape = {name: value for name, value in sorted(complete(config).items()) if name not in FREE_IN_A_PACK}
        words = (f"{name}={value}" for name, value in {**shape, **dict(sorted(options.items()))}.items())
        return " ".join((task, *words))

    def run_many(self, configs: Sequence[Config], ctxs: Sequence[RunContext]) -> Iterator[tuple[int, Exception | None]]:
        """As `run`, for configs of one `pack_key`."""
        from trainers.informer.stacked.train import train_many

        return train_many(configs, ctxs)

    def step_seconds(
        self, config: Config, task: str, options: Mapping[str, Any], device: str, sizes: Sequence[int]
    ) -> Mapping[int, float]:
        from trainers.informer.stacked.speed import step_seconds

        return step_seconds(config, task, options, device, sizes)
