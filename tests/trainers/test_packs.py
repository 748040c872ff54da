"""The built-in trainers that train several configs as one keep the promises of those."""

from __future__ import annotations

from typing import Any, ClassVar

from tests.trainers.pack_conformance import PackConformance


class TestBracketGRU(PackConformance):
    """Dropout and learning rate of their own; batches with rows of unlike length, and a last one that is shorter."""

    name = "bracket"
    task = "gru-small"
    _shape: ClassVar[dict[str, Any]] = {"batch_size": 32, "embedding": 32, "units": 32, "layers": 2}
    configs = (
        {**_shape, "epochs": 2, "dropout": 0.2, "lr": 3e-3},
        {**_shape, "epochs": 3, "dropout": 0.0, "lr": 1e-3},
        {**_shape, "epochs": 2, "dropout": 0.4, "lr": 1e-2},
    )
    diverging: ClassVar[dict[str, Any]] = {"lr": 1e38}
    endless: ClassVar[dict[str, Any]] = {"epochs": 5_000}
    another_shape: ClassVar[dict[str, Any]] = {"units": 33}
    options: ClassVar[dict[str, Any]] = {"train_samples": 310}


class TestBracketLSTM(TestBracketGRU):
    task = "lstm-small"
