"""The built-in trainers keep every trainer's promises."""

from __future__ import annotations

from typing import Any, ClassVar

from tests.trainers.conformance import TrainerConformance


class TestForest(TrainerConformance):
    name = "forest"
    task = "mlp-iris"
    long_task = "mlp-digits"


class TestForestWithoutChance(TrainerConformance):
    """A support vector machine draws no random numbers."""

    name = "forest"
    task = "svm-iris"
    long_task = "random_forest-digits"
    long_config: ClassVar[dict[str, Any]] = {"n_estimators": 200}
    seeded = False


class TestBracket(TrainerConformance):
    """Dropout is on, so that going on after a kill needs the random numbers that would have come."""

    name = "bracket"
    task = "gru-small"
    config: ClassVar[dict[str, Any]] = {
        "epochs": 4,
        "batch_size": 32,
        "embedding": 32,
        "units": 32,
        "layers": 2,
        "dropout": 0.2,
    }
    options: ClassVar[dict[str, Any]] = {"train_samples": 600}
    long_config: ClassVar[dict[str, Any]] = {"epochs": 50}
    resumes = True
