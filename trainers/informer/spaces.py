"""The search spaces of `informer`: two grids as published studies used them, and a continuous one.

A grid leaves out some hyperparameters; PAPER has the value of each, and `complete` fills it in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from trainers.parameters import CategoricalParameter, FloatParameter, IntParameter, Parameter
from trainers.space import Config, SearchSpace

LENGTHS = (24, 48, 96, 168, 336, 720)
CONSTRAINTS = ("label_len < seq_len", "d_model % n_heads == 0")
PAPER: Config = {
    "seq_len": 96,
    "label_len": 48,
    "d_model": 512,
    "n_heads": 8,
    "e_layers": 2,
    "d_layers": 1,
    "d_ff": 2048,
    "factor": 5,
    "attention": "prob",
    "dropout": 0.05,
    "lr": 1e-4,
    "batch_size": 32,
    "epochs": 6,
}
FREE_IN_A_PACK = ("lr", "dropout", "epochs")  # what trials that train as one may differ in
SMALL: Config = {  # what two CPU cores train in seconds
    **PAPER,
    "seq_len": 48,
    "label_len": 24,
    "d_model": 32,
    "n_heads": 4,
    "d_ff": 128,
    "lr": 1e-3,
}


def complete(config: Mapping[str, Any]) -> Config:
    """`config` with the paper's value of every hyperparameter that it leaves out."""
    return {**PAPER, **config}


def _one_of(name: str, *choices: Any) -> Parameter:
    return CategoricalParameter(name=name, choices=choices, default=PAPER[name])


def _whole(name: str, low: int, high: int, step: int | None = None) -> Parameter:
    return IntParameter(name=name, low=low, high=high, log=step is None and high > 10 * low, step=step)


_GRID_12 = (
    _one_of("seq_len", *LENGTHS),
    _one_of("label_len", *LENGTHS),
    _one_of("e_layers", 2, 3, 4, 6),
    _one_of("n_heads", 8, 16),
    _one_of("factor", 3, 5, 8, 10),
)
_GRID_3 = (
    *_GRID_12,
    _one_of("d_model", 256, 512, 768),
    _one_of("d_ff", 1024, 2048, 3072),
    _one_of("d_layers", 1, 2, 3),
    _one_of("dropout", 0.05, 0.1, 0.2),
)
_CONTINUOUS = (
    FloatParameter(name="lr", low=1e-5, high=1e-2, log=True),
    _whole("batch_size", 16, 256),
    _whole("epochs", 1, 10),
    _whole("seq_len", 24, 336, step=12),
    _whole("label_len", 12, 168, step=12),
    _whole("d_model", 16, 512),
    _whole("n_heads", 1, 8),
    _whole("d_ff", 32, 2048),
    _whole("e_layers", 1, 4),
    _whole("d_layers", 1, 2),
    _one_of("attention", "prob", "full"),
    _whole("factor", 1, 10),  # says nothing of full attention; as a condition it would cost the study its GP
    FloatParameter(name="dropout", low=0.0, high=0.3),
)
_SMALL_HIGHS = {"seq_len": 96, "label_len": 48, "d_model": 64, "d_ff": 256, "e_layers": 2, "epochs": 6}


def _continuous(defaults: Config, highs: Mapping[str, int]) -> SearchSpace:
    lowered = (replace(p, high=highs[p.name]) if p.name in highs else p for p in _CONTINUOUS)  # type: ignore[call-arg]
    return SearchSpace((replace(p, default=defaults[p.name]) for p in lowered), CONSTRAINTS)


SPACES = {
    "continuous": _continuous(PAPER, {}),
    "affordable": _continuous(SMALL, {}),  # the same ranges, begun small
    "small": _continuous(SMALL, _SMALL_HIGHS),
    "grid12": SearchSpace(_GRID_12, (CONSTRAINTS[0], f"{PAPER['d_model']} % n_heads == 0")),
    "grid3": SearchSpace(_GRID_3, CONSTRAINTS),
}
