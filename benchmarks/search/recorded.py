"""Tables to develop on, recorded: scikit-learn models on data sets that no judged task uses, each grid run whole.

    python -m benchmarks.search.recorded     records what benchmarks/recorded/search_models.json lacks

The loss is the error rate (1 − R² for regression, at most 2) of the second half of the rows after a fit on the first,
mean of two splits. One thread; about three CPU-minutes in all.
"""

from __future__ import annotations

import itertools
import json
import warnings
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.search.grid import Grid, task
from benchmarks.search.task import Task
from trainers.parameters import Parameter
from trainers.space import Config, FloatParameter, IntParameter, SearchSpace

FILE = Path(__file__).parents[1] / "recorded" / "search_models.json"
ROWS = 240

AXES: dict[str, dict[str, tuple[Any, ...]]] = {
    "mlp": {
        "alpha": (1e-5, 1e-2, 1.0),
        "learning_rate_init": (1e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1, 1.0),
        "batch_size": (16, 48, 120),
        "hidden": (4, 16, 64, 128),
    },
    "boosting": {
        "learning_rate": (1e-3, 1e-2, 3e-2, 1e-1, 3e-1, 1.0),
        "max_depth": (1, 2, 4, 8),
        "subsample": (0.2, 0.4, 0.6, 0.8, 1.0),
        "min_samples_leaf": (1, 10, 40),
    },
    "forest": {
        "max_depth": (1, 2, 4, 8, 15),
        "max_features": (0.1, 0.3, 0.5, 0.7, 0.9),
        "min_samples_leaf": (1, 4, 16, 64),
        "min_impurity_decrease": (0.0, 0.05, 0.1),
    },
}
DEFAULTS: dict[str, Config] = {
    "mlp": {"alpha": 1e-5, "learning_rate_init": 1e-3, "batch_size": 120, "hidden": 128},
    "boosting": {"learning_rate": 0.1, "max_depth": 4, "subsample": 1.0, "min_samples_leaf": 1},
    "forest": {"max_depth": 15, "max_features": 0.5, "min_samples_leaf": 1, "min_impurity_decrease": 0.0},
}
_LOG = ("alpha", "learning_rate_init", "batch_size", "hidden", "learning_rate", "min_samples_leaf")
DATA = ("moons", "wide", "friedman1", "friedman3")
NAMES = tuple(f"{model}-{data}" for model in AXES for data in DATA)


def _space(axes: dict[str, tuple[Any, ...]]) -> SearchSpace:
    return SearchSpace([_parameter(name, values) for name, values in axes.items()])


def _parameter(name: str, values: tuple[Any, ...]) -> Parameter:
    low, high, log = min(values), max(values), name in _LOG
    if all(isinstance(v, int) for v in values):
        return IntParameter(name=name, low=low, high=high, log=log)
    return FloatParameter(name=name, low=low, high=high, log=log)


@cache
def models(name: str) -> Task:
    axes = AXES[name.split("-")[0]]
    losses = json.loads(FILE.read_text(encoding="utf-8"))[name]
    return task(f"dev-models/{name}", Grid(_space(axes), axes, np.array(losses)), DEFAULTS[name.split("-")[0]])


def _data(name: str) -> tuple[np.ndarray, np.ndarray]:
    from sklearn import datasets as d
    from sklearn.preprocessing import scale

    made: dict[str, Callable[[], tuple[np.ndarray, np.ndarray]]] = {
        "moons": lambda: d.make_moons(ROWS, noise=0.3, random_state=1),
        "wide": lambda: d.make_classification(ROWS, 40, n_informative=6, n_redundant=8, flip_y=0.05, random_state=2),
        "friedman1": lambda: d.make_friedman1(ROWS, noise=1.0, random_state=4),
        "friedman3": lambda: d.make_friedman3(ROWS, noise=0.1, random_state=5),
    }
    x, y = made[name]()
    return scale(x), scale(y) if name.startswith("friedman") else y


def _model(family: str, config: Config, *, regression: bool) -> Any:
    from sklearn import ensemble, neural_network

    if family == "mlp":
        kind = neural_network.MLPRegressor if regression else neural_network.MLPClassifier
        rest = {k: v for k, v in config.items() if k != "hidden"}
        return kind(hidden_layer_sizes=(config["hidden"],), max_iter=15, random_state=0, **rest)
    if family == "boosting":
        kind = ensemble.GradientBoostingRegressor if regression else ensemble.GradientBoostingClassifier
        return kind(n_estimators=12, random_state=0, **config)
    kind = ensemble.RandomForestRegressor if regression else ensemble.RandomForestClassifier
    return kind(n_estimators=10, random_state=0, **config)


def _loss(family: str, config: Config, x: np.ndarray, y: np.ndarray, *, regression: bool) -> float:
    half, scores = len(y) // 2, []
    for first, second in ((slice(None, half), slice(half, None)), (slice(half, None), slice(None, half))):
        try:
            score = _model(family, config, regression=regression).fit(x[first], y[first]).score(x[second], y[second])
        except ValueError:  # the weights of an MLP overflowed
            score = -1.0
        scores.append(1.0 - float(score))
    return round(min(float(np.mean(scores)), 2.0), 4)


def main() -> None:
    warnings.simplefilter("ignore")  # 15 epochs do not converge
    known: dict[str, list[float]] = json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {}
    for name in NAMES:
        if name in known:
            continue
        family, data = name.split("-")
        x, y = _data(data)
        axes = AXES[family]
        configs = [dict(zip(axes, point, strict=True)) for point in itertools.product(*axes.values())]
        regression = data.startswith("friedman")
        known[name] = [_loss(family, config, x, y, regression=regression) for config in configs]
        FILE.write_text(json.dumps(known, separators=(",", ":")).replace('],"', '],\n"') + "\n", encoding="utf-8")
        print(name, len(configs), min(known[name]), max(known[name]), flush=True)


if __name__ == "__main__":
    main()
