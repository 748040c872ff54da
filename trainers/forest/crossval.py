"""Runs one forest trial: five folds, then the held-out fifth."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn import datasets
from sklearn.compose import TransformedTargetRegressor
from sklearn.ensemble import AdaBoostClassifier, AdaBoostRegressor, RandomForestClassifier, RandomForestRegressor
from sklearn.metrics import accuracy_score, mean_squared_error
from sklearn.model_selection import KFold, StratifiedKFold, train_test_split
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, SVR
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from trainers.contract import RunContext
from trainers.forest.tasks import Task
from trainers.space import Config

Array = NDArray[Any]

FOLDS = 5
_SPLIT_SEED = 0  # every trial of a task sees the same split, so that only configs differ

_LOADERS = {
    "breast_cancer": datasets.load_breast_cancer,
    "digits": datasets.load_digits,
    "wine": datasets.load_wine,
    "iris": datasets.load_iris,
    "diabetes": datasets.load_diabetes,
}
_SGD = {"solver": "sgd", "early_stopping": True, "learning_rate": "invscaling"}  # Bayesmark's; power_t needs invscaling


def estimator(task: Task, config: Config, seed: int, threads: int = 1) -> Any:
    """The unfitted model. SVM and MLP see standardised inputs, the MLP regressor a standardised target too."""
    random = {"random_state": seed}
    match task.model, task.classifies:
        case "random_forest" | "rf_simple", classifies:
            forest = RandomForestClassifier if classifies else RandomForestRegressor
            return forest(**config, **random, n_jobs=threads)
        case "decision_tree", classifies:
            return (DecisionTreeClassifier if classifies else DecisionTreeRegressor)(**config, **random)
        case "adaboost", classifies:
            return (AdaBoostClassifier if classifies else AdaBoostRegressor)(**config, **random)
        case "svm", classifies:
            return make_pipeline(StandardScaler(), SVC(**config, **random) if classifies else SVR(**config))
        case "mlp", True:
            return make_pipeline(StandardScaler(), MLPClassifier(**config, **_SGD, **random))
    net = MLPRegressor(**config, **_SGD, **random, activation="tanh")
    return TransformedTargetRegressor(make_pipeline(StandardScaler(), net), transformer=StandardScaler())


def run(task: Task, config: Config, ctx: RunContext) -> None:
    """Reports the mean score over the folds so far after each fold, and the held-out score once, at the end."""
    x, x_test, y, y_test = _split(task)
    scores: list[float] = []
    ctx.plan(FOLDS)
    for fold, (fit, held) in enumerate(_folds(task, x, y), start=1):
        if ctx.should_stop():
            return
        model = estimator(task, config, ctx.seed, ctx.threads).fit(x[fit], y[fit])
        scores.append(_score(task, y[held], model.predict(x[held])))
        ctx.report(fold, **{f"cv_{task.metric}": float(np.mean(scores))})
    if not ctx.should_stop():
        model = estimator(task, config, ctx.seed, ctx.threads).fit(x, y)
        ctx.report(FOLDS, **{f"test_{task.metric}": _score(task, y_test, model.predict(x_test))})


def _split(task: Task) -> tuple[Array, Array, Array, Array]:
    """Four fifths and a fifth: inputs, held-out inputs, targets, held-out targets."""
    x, y = _LOADERS[task.data](return_X_y=True)
    stratify = y if task.classifies else None
    x, x_test, y, y_test = train_test_split(x, y, test_size=0.2, random_state=_SPLIT_SEED, stratify=stratify)
    return x, x_test, y, y_test


def _folds(task: Task, x: Array, y: Array) -> Iterator[tuple[Array, Array]]:
    # Not shuffled: the split above has shuffled already.
    folds = StratifiedKFold(FOLDS) if task.classifies else KFold(FOLDS)
    yield from folds.split(x, y)


def _score(task: Task, truth: Array, predicted: Array) -> float:
    return float((accuracy_score if task.classifies else mean_squared_error)(truth, predicted))
