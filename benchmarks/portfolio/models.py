"""The scikit-learn models that our own runs train: those of `forest`, as it trains them, and a few more."""

from __future__ import annotations

from typing import Any

from sklearn.ensemble import GradientBoostingClassifier, GradientBoostingRegressor
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor

from benchmarks.portfolio.data import CLASSIFICATION
from trainers.forest.crossval import estimator
from trainers.forest.tasks import SPACES, Task
from trainers.space import Config


def model(family: str, data: str, config: Config, seed: int) -> Any:
    """Unfitted, for the kind of target that `data` has."""
    classifies = data in CLASSIFICATION
    if family in SPACES:
        return estimator(Task(family, "iris" if classifies else "diabetes"), config, seed)  # as for such a target
    match family, classifies:
        case "gradient_boosting", True:
            return GradientBoostingClassifier(**config, random_state=seed)
        case "gradient_boosting", False:
            return GradientBoostingRegressor(**config, random_state=seed)
        case "knn", True:
            return KNeighborsClassifier(**config)
        case "knn", False:
            return KNeighborsRegressor(**config)
    return LogisticRegression(**config, max_iter=200)
