"""The tasks of `forest`: a scikit-learn model on a data set that ships with scikit-learn.

Parameters carry scikit-learn's own names, so that a config is the estimator's keyword arguments. The ranges are
Bayesmark's (github.com/uber/bayesmark, `sklearn_funcs.py`); the defaults are scikit-learn's, moved to the nearest
value of the range.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from trainers.contract import Objective
from trainers.errors import TunewrightError, nearest
from trainers.space import FloatParameter, IntParameter, Parameter, SearchSpace

CLASSIFICATION = {"digits": 64, "breast_cancer": 30, "wine": 13, "iris": 4}  # name and number of features
REGRESSION = {"diabetes": 10}


def _float(name: str, low: float, high: float, default: float, *, log: bool = False) -> Parameter:
    return FloatParameter(name=name, low=low, high=high, default=default, log=log)


def _int(name: str, low: int, high: int, default: int) -> Parameter:
    return IntParameter(name=name, low=low, high=high, default=default)


_TREE = (
    _int("max_depth", 1, 15, 15),
    _float("max_features", 0.01, 0.99, 0.99),
    _float("min_impurity_decrease", 0.0, 0.5, 0.0),
    _float("min_samples_leaf", 0.01, 0.49, 0.01),
    _float("min_samples_split", 0.01, 0.99, 0.01),
    _float("min_weight_fraction_leaf", 0.01, 0.49, 0.01),
)

SPACES: dict[str, tuple[Parameter, ...]] = {
    "mlp": (
        _int("hidden_layer_sizes", 50, 200, 100),
        _float("alpha", 1e-5, 10.0, 1e-4, log=True),
        _int("batch_size", 10, 250, 200),
        _float("learning_rate_init", 1e-5, 0.1, 1e-3, log=True),
        _float("power_t", 0.1, 0.9, 0.1),  # scikit-learn's own rate does not decay: the nearest to that
        _float("momentum", 0.001, 0.999, 0.9),
    ),
    "svm": (
        _float("C", 1.0, 1e3, 1.0, log=True),
        _float("gamma", 1e-4, 1e-3, 1e-3, log=True),
        _float("tol", 1e-5, 1e-1, 1e-3, log=True),
    ),
    "random_forest": (_int("n_estimators", 50, 500, 100), *_TREE),
    "decision_tree": _TREE,
    "adaboost": (
        _int("n_estimators", 10, 100, 50),
        _float("learning_rate", 1e-4, 10.0, 1.0, log=True),
    ),
    "rf_simple": (
        _int("n_estimators", 50, 500, 100),
        _int("max_depth", 5, 50, 50),
        _int("min_samples_split", 2, 10, 2),
    ),
}


@dataclass(frozen=True)
class Task:
    """One model on one data set. `metric` is accuracy or mse."""

    model: str
    data: str

    @property
    def name(self) -> str:
        return f"{self.model}-{self.data}"

    @property
    def classifies(self) -> bool:
        return self.data in CLASSIFICATION

    @property
    def metric(self) -> str:
        return "accuracy" if self.classifies else "mse"

    @property
    def space(self) -> SearchSpace:
        return SearchSpace(self._with_default(parameter) for parameter in SPACES[self.model])

    def _with_default(self, parameter: Parameter) -> Parameter:
        """A forest that classifies looks at the square root of the features in each split unless told otherwise."""
        if self.model == "random_forest" and self.classifies and parameter.name == "max_features":
            return replace(parameter, default=round(CLASSIFICATION[self.data] ** -0.5, 3))
        return parameter

    @property
    def objective(self) -> Objective:
        """The last report counts: only the mean over all folds is the score."""
        return Objective(f"cv_{self.metric}", "maximize" if self.classifies else "minimize", at="last")


_EVERYWHERE = [Task(model, data) for model in SPACES if model != "rf_simple" for data in (*CLASSIFICATION, *REGRESSION)]
TASKS = {task.name: task for task in (*_EVERYWHERE, Task("rf_simple", "iris"))}


def find(name: str) -> Task:
    """The task called `name`. Raises TunewrightError for an unknown one."""
    if name not in TASKS:
        raise TunewrightError(f"forest has no task '{name}'", where="task", remedy=nearest(name, TASKS))
    return TASKS[name]
