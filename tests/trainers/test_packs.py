"""The built-in trainers that train several configs as one keep the promises of those."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest

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


class TestInformer(PackConformance):
    """In float32, where the order of a sum is all that differs."""

    name = "informer"
    task = "synthetic-24-m"
    _shape: ClassVar[dict[str, Any]] = {"batch_size": 32, "d_model": 16, "n_heads": 2, "d_ff": 32, "factor": 1}
    configs = (
        {**_shape, "epochs": 2, "dropout": 0.1, "lr": 1e-3},
        {**_shape, "epochs": 3, "dropout": 0.0, "lr": 3e-3},
        {**_shape, "epochs": 2, "dropout": 0.3, "lr": 1e-4},
    )
    diverging: ClassVar[dict[str, Any]] = {"lr": 1e38}
    endless: ClassVar[dict[str, Any]] = {"epochs": 5_000, "lr": 1e-3, "d_model": 64, "d_ff": 256}
    another_shape: ClassVar[dict[str, Any]] = {"d_ff": 33}
    options: ClassVar[dict[str, Any]] = {"protocol": [500, 150, 150], "precision": "fp32"}


class TestBracketGPT(TestBracketGRU):
    task = "gpt-small"
    _shape: ClassVar[dict[str, Any]] = {"batch_size": 32, "embedding": 32, "heads": 2, "ffn": 64, "layers": 1}
    configs = (
        {**_shape, "epochs": 2, "dropout": 0.2, "lr": 3e-3},
        {**_shape, "epochs": 3, "dropout": 0.0, "lr": 1e-3},
        {**_shape, "epochs": 2, "dropout": 0.4, "lr": 1e-2},
    )
    another_shape: ClassVar[dict[str, Any]] = {"ffn": 65}


@pytest.mark.slow
class TestBracketBERT(TestBracketGPT):
    task = "bert-small"


@pytest.mark.slow
class TestBracketTransformer(TestBracketGPT):
    task = "transformer-small"
