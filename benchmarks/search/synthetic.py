"""Tables to develop on, made by formula: a network's error and a regression's loss as hyperparameters shape them.

None of it was taken from the tables that judge. `net` is an error rate: chance where the rate is far too high or too
low, flat in what hardly matters, noisy in the third digit, its best rate moved by batch size, width and depth. `reg` is
a loss over orders of magnitude, with choices and nine parameters. The number of a task seeds what it looks like.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.search.grid import Grid, failing, task
from benchmarks.search.task import Task
from trainers.contract import FailureKind
from trainers.space import CategoricalParameter, Config, FloatParameter, IntParameter, SearchSpace

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

NET, REG = tuple(map(str, range(8))), tuple(map(str, range(4)))

_NET_AXES: dict[str, tuple[Any, ...]] = {
    "weight_decay": tuple(float(f"{v:.6g}") for v in np.geomspace(1e-7, 1.0, 9)),
    "batch_size": (8, 16, 32, 64, 128, 256),
    "layers": (1, 2, 3, 4),
    "learning_rate": tuple(float(f"{v:.6g}") for v in np.geomspace(1e-5, 1.0, 11)),
    "units": (16, 32, 64, 128, 256, 512),
    "momentum": (0.0, 0.3, 0.6, 0.9),
}
_NET = SearchSpace(
    [
        FloatParameter(name="weight_decay", low=1e-7, high=1.0, log=True),
        IntParameter(name="batch_size", low=8, high=256, log=True),
        IntParameter(name="layers", low=1, high=4),
        FloatParameter(name="learning_rate", low=1e-5, high=1.0, log=True),
        IntParameter(name="units", low=16, high=512, log=True),
        FloatParameter(name="momentum", low=0.0, high=0.9, step=0.3),
    ]
)
_NET_DEFAULT: Config = {
    "weight_decay": 1e-4,
    "batch_size": 32,
    "layers": 2,
    "learning_rate": 1e-3,
    "units": 64,
    "momentum": 0.9,
}
_REG_AXES: dict[str, tuple[Any, ...]] = {
    "optimizer": ("adam", "sgd"),
    "schedule": ("const", "cosine"),
    "activation": ("relu", "tanh", "gelu"),
    "batch_size": (8, 16, 32, 64),
    "lr": tuple(float(f"{v:.6g}") for v in np.geomspace(1e-4, 1e-1, 7)),
    "dropout": (0.0, 0.2, 0.4, 0.6),
    "units_1": (16, 32, 64, 128, 256),
    "units_2": (16, 32, 64, 128, 256),
}
_REG = SearchSpace(
    [
        CategoricalParameter(name="optimizer", choices=("adam", "sgd")),
        CategoricalParameter(name="schedule", choices=("const", "cosine")),
        CategoricalParameter(name="activation", choices=("relu", "tanh", "gelu")),
        IntParameter(name="batch_size", low=8, high=64, log=True),
        FloatParameter(name="lr", low=1e-4, high=1e-1, log=True),
        FloatParameter(name="dropout", low=0.0, high=0.6, step=0.2),
        IntParameter(name="units_1", low=16, high=256, log=True),
        IntParameter(name="units_2", low=16, high=256, log=True),
    ]
)
_REG_DEFAULT: Config = {
    "optimizer": "adam",
    "schedule": "const",
    "activation": "relu",
    "batch_size": 32,
    "lr": 1e-3,
    "dropout": 0.0,
    "units_1": 64,
    "units_2": 64,
}


def _columns(axes: dict[str, tuple[Any, ...]]) -> list[Floats]:
    """Each parameter's value at every point, in the order of the product; choices as numbers."""
    values = [np.arange(len(v)) if isinstance(v[0], str) else np.array(v, float) for v in axes.values()]
    return [column.ravel() for column in np.meshgrid(*values, indexing="ij")]


@cache
def net(number: str) -> Task:
    rng = np.random.default_rng([17, int(number)])
    decay, batch, layers, rate, units, momentum = _columns(_NET_AXES)
    lr, width = np.log10(rate), np.log2(units)
    best = rng.normal(-2.6, 0.5) + rng.uniform(0, 0.25) * np.log2(batch / 32) - rng.uniform(0, 0.15) * (width - 6)
    best = best - rng.uniform(0, 0.3) * (layers - 2) - rng.uniform(0.3, 1.0) * momentum
    low, high = np.maximum(best - lr, 0), np.maximum(lr - best, 0)
    slow = 1 - np.exp(-((low / rng.uniform(1.0, 2.0)) ** 2))
    wild = 1 / (1 + np.exp(-(high - rng.uniform(0.9, 1.6)) / 0.15))
    strong = 1 / (1 + np.exp(-(np.log10(decay) - rng.uniform(-1.5, -0.3)) / 0.3))
    small = rng.uniform(0.01, 0.08) * np.exp2(-(width - 4) / 2) + rng.uniform(0, 0.01) * np.maximum(width - 7, 0)
    regular = rng.uniform(0.005, 0.03) * (np.log10(decay) - rng.uniform(-5, -2.5)) ** 2 / 9
    rest = small + regular + rng.uniform(0.002, 0.02) * np.abs(layers - rng.choice([1, 2, 3]))
    rest = rest + rng.uniform(0.0, 0.006) * np.abs(np.log2(batch) - rng.uniform(3, 6))
    chance, floor = rng.uniform(0.3, 0.8), rng.uniform(0.02, 0.2)
    learnt = (1 - slow) * (1 - wild) * (1 - strong)
    losses = chance - (chance - floor) * learnt + learnt * rest + rng.normal(0, rng.uniform(0.001, 0.006), len(lr))
    return task(f"dev-net/{number}", Grid(_NET, _NET_AXES, np.maximum(losses, 0.0)), _NET_DEFAULT)


@cache
def reg(number: str) -> Task:
    rng = np.random.default_rng([23, int(number)])
    sgd, cosine, activation, batch, rate, dropout, one, two = _columns(_REG_AXES)
    lr = np.log10(rate)
    best = rng.normal(-2.7, 0.4) + 0.8 * sgd + rng.uniform(0, 0.2) * np.log2(batch / 16) - rng.uniform(0, 0.2) * cosine
    score = rng.uniform(0.5, 1.5) * (lr - best) ** 2 + rng.uniform(0, 1) * sgd - rng.uniform(0, 0.6) * cosine
    score = score + rng.uniform(0, 0.8, 3)[activation.astype(int)] + rng.uniform(1, 6) * dropout
    score = score - rng.uniform(0.05, 0.5) * np.log2(one) - rng.uniform(0.02, 0.4) * np.log2(two)
    score = score + rng.uniform(0, 0.3) * np.log2(batch / 8) + rng.normal(0, rng.uniform(0.05, 0.2), len(lr))
    wild = np.maximum(lr - best - rng.uniform(1.0, 1.5), 0) * rng.uniform(2, 6)
    losses = np.exp(rng.uniform(-6, -1) + score + wild)
    return task(f"dev-reg/{number}", Grid(_REG, _REG_AXES, losses), _REG_DEFAULT, spread=True)


@cache
def net_oom(number: str) -> Task:
    """`net` where batch × units × layers must fit the memory."""
    return failing(
        net(number),
        "oom",
        lambda c: bool(c["batch_size"] * c["units"] * c["layers"] > 12_000),
        FailureKind.CUDA_OUT_OF_MEMORY,
    )
