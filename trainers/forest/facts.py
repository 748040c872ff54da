"""What a trial of `forest` trains and on what, in words, for those who advise from afar."""

from __future__ import annotations

from typing import Any

from trainers.forest.tasks import CLASSIFICATION, REGRESSION, find

_MODELS = {
    "mlp": "a multilayer perceptron with one hidden layer, trained by SGD (scikit-learn)",
    "svm": "a support vector machine with an RBF kernel (scikit-learn)",
    "random_forest": "a random forest (scikit-learn)",
    "decision_tree": "a decision tree (scikit-learn)",
    "adaboost": "AdaBoost over decision trees (scikit-learn)",
    "rf_simple": "a random forest (scikit-learn)",
}
# Rows, and classes where there are any.
SIZES = {
    "digits": (1_797, 10),
    "breast_cancer": (569, 2),
    "wine": (178, 3),
    "iris": (150, 3),
    "diabetes": (442, 0),
}


def facts(name: str) -> dict[str, Any]:
    """`{"model": …, "data": [a line each]}`; the data set is described, not named."""
    task = find(name)
    rows, classes = SIZES[task.data]
    features = (CLASSIFICATION | REGRESSION)[task.data]
    kind = f"classification into {classes} classes" if task.classifies else "regression"
    data = [
        f"tabular, {kind}",
        f"{rows:,} rows in all, of which a fifth is held out and the rest is cross-validated in five folds",
        f"{features} features, all numeric",
    ]
    return {"model": _MODELS[task.model], "data": data}
