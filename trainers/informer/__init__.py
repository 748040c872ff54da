"""Informer: long-horizon forecasting of a time series, on ETT, on a CSV of one's own, or on a generated series."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from trainers.contract import Objective, RunContext
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
