"""Curves of healthy runs drawn at random: descents of many shapes, noise, lengths, ranges and names.

What is simulated is drawn without regard to the rules: the learning rate lies anywhere in its range, the task may be
hard, validation may be a handful of samples. No curve diverges, over-fits or lies still.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from agent.diagnosis.curves import Curve
from agent.diagnosis.record import TrialRecord
from agent.study.nouns import TrialState
from trainers.contract import Objective
from trainers.space import SearchSpace

Floats = npt.NDArray[np.float64]
_RATES = ((1e-5, 1e-1), (1e-4, 1e-2), (1e-3, 0.5), (1e-4, 1.0), (1e-6, 1e-2))
_NAMES = (("train_loss", "val_loss"), ("loss", "eval_loss"), ("train/nll", "valid/nll"), ("train_rmse", "test_rmse"))


def healthy(seed: int) -> TrialRecord:
    rng = np.random.default_rng(seed)
    reports = round(4 * 75 ** rng.uniform())
    left = _descent(rng, reports)
    names = _NAMES[rng.integers(len(_NAMES))]
    start = 10 ** rng.uniform(-2, 4)
    floor = start * rng.uniform(0.02, 0.95)
    valid = (floor + (start - floor) * left) * 1.0 + rng.choice([0.002, 0.01, 0.03, 0.06]) * floor * _noise(
        rng, reports
    )
    curves = {names[1]: valid}
    if rng.random() < 0.85:
        fine = reports * int(rng.choice([1, 1, 5]))
        at = np.linspace(0, reports - 1, fine)
        loss = np.interp(
            at, np.arange(reports), floor * (1 - rng.uniform(0, 0.4) * (1 - left)) + (start - floor) * left
        )
        curves[names[0]] = loss * np.exp(rng.choice([0.005, 0.03, 0.1, 0.25]) * rng.normal(size=fine))
    objective = Objective(names[1])
    if rng.random() < 0.5:
        curves["val_acc"] = _score(rng, left) * rng.choice([1, 100])
        objective = Objective("val_acc", "maximize", str(rng.choice(["best", "last"])))
    space, params = _config(rng)
    most = max(map(len, curves.values()))
    made = {n: Curve.of(n, np.arange(len(v)) * (most // len(v)), v, 1e9 + np.arange(len(v))) for n, v in curves.items()}
    value = objective.value(made[objective.metric].values.tolist())
    return TrialRecord(
        params=params, space=space, objective=objective, state=TrialState.COMPLETED, number=0, curves=made, value=value
    )


def _descent(rng: np.random.Generator, reports: int) -> Floats:
    """From 1 towards 0: exponential or by a power law, perhaps after a slow start, perhaps first reported late."""
    first = float(rng.choice([0.0, 1.0]))
    time = (np.arange(reports) + first) / (reports - 1 + first)
    time = np.clip(time - rng.choice([0, 0, 0, rng.uniform(0, 0.3)]), 0, None)
    if rng.random() < 0.6:
        return np.exp(-time / rng.uniform(0.03, 0.3))
    return (1 + time / rng.uniform(0.003, 0.1)) ** -rng.uniform(0.6, 1.5)


def _noise(rng: np.random.Generator, size: int) -> Floats:
    """Of standard deviation 1, with memory or without."""
    noise, memory = rng.normal(size=size), float(rng.choice([0.0, 0.0, 0.5, 0.8]))
    for i in range(1, size):
        noise[i] = memory * noise[i - 1] + np.sqrt(1 - memory**2) * noise[i]
    return noise


def _score(rng: np.random.Generator, left: Floats) -> Floats:
    """An accuracy measured on 20 to 10,000 samples, from guessing towards a ceiling."""
    chance, samples = 1 - 1 / rng.choice([2, 3, 10, 100]), int(rng.choice([20, 50, 200, 1000, 10000]))
    error = chance * (rng.uniform(0.02, 0.75) * (1 - left) + left)
    spread = rng.uniform(0.2, 0.6) * np.sqrt(error * (1 - error) * samples)
    return 1 - np.clip(np.round(error * samples + spread * _noise(rng, len(left))), 0, samples) / samples


def _config(rng: np.random.Generator) -> tuple[SearchSpace, dict[str, Any]]:
    low, high = _RATES[rng.integers(len(_RATES))]
    space: dict[str, Any] = {"lr": {"type": "float", "low": low, "high": high, "log": True}}
    params: dict[str, Any] = {"lr": float(low * (high / low) ** rng.uniform(0.1, 0.97))}
    for name, low, high, kind in (
        ("dropout", 0.0, 0.5, "float"), ("weight_decay", 0.0, 0.1, "float"), ("hidden", 16, 256, "int"),
        ("epochs", 5, 100, "int"), ("num_layers", 1, 6, "int"),
    ):  # fmt: skip
        if rng.random() < 0.5:
            space[name] = {"type": kind, "low": low, "high": high}
            params[name] = int(rng.integers(low, high + 1)) if kind == "int" else float(rng.uniform(low, high))
    return SearchSpace.from_dict({"parameters": space}), params
