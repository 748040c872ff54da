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


class TestInformer(TrainerConformance):
    """Dropout is on and keys are sampled, so that going on after a kill needs the random numbers that would have come."""

    name = "informer"
    task = "synthetic-24-m"
    config: ClassVar[dict[str, Any]] = {
        "epochs": 3,
        "batch_size": 32,
        "d_model": 16,
        "n_heads": 2,
        "d_ff": 32,
        "factor": 1,
        "dropout": 0.1,
    }
    options: ClassVar[dict[str, Any]] = {"protocol": [500, 150, 150]}
    long_config: ClassVar[dict[str, Any]] = {"epochs": 6, "d_model": 64, "d_ff": 256}
    long_options: ClassVar[dict[str, Any]] = {"protocol": "ratio"}
    resumes = True
