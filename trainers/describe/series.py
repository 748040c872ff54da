"""Time series from two stochastic processes, each made from its seed alone, as 128 integers from 0 to 99."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

Process = Literal["ou", "brownian"]
PROCESSES: tuple[Process, ...] = get_args(Process)
LENGTH, TOP = 128, 99
_DT = 1 / 128
_MEAN = 0.5  # what an Ornstein–Uhlenbeck process returns to


@dataclass(frozen=True)
class Series:
    """`values` run from 0, the least, to 99; `params` are those of the process that made them."""

    process: Process
    seed: int
    params: Mapping[str, float]
    values: tuple[int, ...]

    @property
    def id(self) -> str:
        return f"{self.process}-{self.seed}"


def series(process: Process, seeds: Sequence[int]) -> list[Series]:
    """One for each seed, the same whatever it is made together with.

    `ou`: dx = θ(μ − x)dt + σdW, θ = max(.1, .7 + U(−.5, .5)), μ = .5, σ ~ U(0, .4), x0 ~ U(−2, 2), by Euler's method.
    `brownian`: dx = δdt + σdW, δ ~ U(−1.5, 1.5), σ ~ U(0, 1), for looking at what was learnt on the other.
    """
    draw = {"ou": _ou, "brownian": _brownian}[process]
    rngs = [np.random.default_rng([PROCESSES.index(process), seed]) for seed in seeds]
    params = [draw(rng) for rng in rngs]
    shock_BT = np.array([rng.standard_normal(LENGTH - 1) for rng in rngs]).reshape(len(rngs), LENGTH - 1)
    value_BT = _walk(params, shock_BT)
    return [
        Series(process, seed, {name: round(value, 6) for name, value in own.items()}, tuple(row))
        for seed, own, row in zip(seeds, params, scaled(value_BT).tolist(), strict=True)
    ]


def _ou(rng: np.random.Generator) -> dict[str, float]:
    theta = max(0.1, 0.7 + rng.uniform(-0.5, 0.5))
    return {"theta": theta, "mu": _MEAN, "sigma": rng.uniform(0, 0.4), "x0": rng.uniform(-2, 2)}


def _brownian(rng: np.random.Generator) -> dict[str, float]:
    return {"drift": rng.uniform(-1.5, 1.5), "sigma": rng.uniform(0, 1), "x0": 0.0}


def _walk(params: Sequence[Mapping[str, float]], shock_BT: Floats) -> Floats:
    """Euler–Maruyama, all series a step at a time. Shape (B, LENGTH)."""

    def column(name: str) -> Floats:
        return np.array([own.get(name, 0.0) for own in params])

    theta_B, mu_B, drift_B, sigma_B = column("theta"), column("mu"), column("drift"), column("sigma")
    value_BT = np.empty((len(params), LENGTH))
    value_BT[:, 0] = column("x0")
    for t in range(LENGTH - 1):
        at_B = value_BT[:, t]
        slope_B = theta_B * (mu_B - at_B) + drift_B
        value_BT[:, t + 1] = at_B + slope_B * _DT + sigma_B * np.sqrt(_DT) * shock_BT[:, t]
    return value_BT


def scaled(value_BT: Floats) -> NDArray[np.int64]:
    """Each row stretched to 0 … 99 and rounded; a row that never moves lies in the middle. Shape as given."""
    low_B1, high_B1 = value_BT.min(1, keepdims=True), value_BT.max(1, keepdims=True)
    span_B1 = high_B1 - low_B1
    share_BT = np.where(span_B1 > 0, (value_BT - low_B1) / np.where(span_B1 > 0, span_B1, 1.0), 0.5)
    level_BT: NDArray[np.int64] = np.rint(share_BT * TOP).astype(np.int64)
    return level_BT


def process_of(name: str) -> Process:
    """Raises ValueError for a process there is not."""
    for process in PROCESSES:
        if process == name:
            return process
    raise ValueError(name)
