"""Forest and friends: scikit-learn models on the data sets that ship with scikit-learn, cross-validated."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from trainers.contract import Objective, RunContext
from trainers.errors import TunewrightError
from trainers.forest.facts import facts
from trainers.forest.tasks import TASKS, find
from trainers.space import Config, SearchSpace


class ForestTrainer:
    """A trial scores its config by five-fold cross-validation, and once on a fifth held out from that."""

    name = "forest"
    preload = ("trainers.forest.crossval",)
    uses_gpu = False

    def tasks(self) -> tuple[str, ...]:
        return tuple(TASKS)

    def space(self, task: str) -> SearchSpace:
        return find(task).space

    def objective(self, task: str) -> Objective:
        return find(task).objective

    def defaults(self, task: str) -> Config:
        return find(task).space.default()

    def facts(self, task: str) -> dict[str, Any]:
        return facts(task)

    def settle(
        self, task: str, options: Mapping[str, Any], space: SearchSpace, folder: Path
    ) -> tuple[dict[str, Any], list[str]]:
        for name in options:
            raise TunewrightError("forest has no options", where=f"options.{name}", remedy="Drop it.")
        return {}, []

    def run(self, config: Config, ctx: RunContext) -> None:
        """Reports `cv_accuracy` or `cv_mse` after each fold, then `test_accuracy` or `test_mse`."""
        from trainers.forest import crossval  # scikit-learn is for trials only

        crossval.run(find(ctx.task), config, ctx)
