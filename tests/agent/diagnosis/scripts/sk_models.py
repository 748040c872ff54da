"""Assorted scikit-learn models; prints one summary line, or one a fold."""

import sys
import warnings

import numpy as np
from sklearn import (
    datasets,
    ensemble,
    linear_model,
    model_selection,
    neighbors,
    neural_network,
    pipeline,
    preprocessing,
    svm,
)

options = dict(pair.split("=", 1) for pair in sys.argv[1:])
kind, fault = options.get("model", "hist"), options.get("fault", "")
value = float(options.get("value", "0.1"))
if fault == "noise":
    x, y = datasets.make_classification(600, 20, n_informative=4, flip_y=0.35, random_state=4)
elif kind in ("svr", "enet"):
    x, y = datasets.make_regression(300, 15, noise=20.0, random_state=4)
else:
    x, y = datasets.make_classification(600, 20, n_informative=6, random_state=4)
if fault == "inf":
    x[4, 4] = np.inf
if fault == "text":
    y = np.where(y == 1, "yes", 3).astype(object)
    y[::2] = 3.5
if fault == "flat":
    x = x[:, 0]
if fault == "loud":
    for n in range(30):
        warnings.warn(f"error {n}: feature scaling failed to converge, retrying", stacklevel=1)
model = {
    "hist": lambda: ensemble.HistGradientBoostingClassifier(learning_rate=value, max_iter=60),
    "logistic": lambda: linear_model.LogisticRegression(C=value),
    "svc": lambda: svm.SVC(C=1.0, gamma=value),
    "trees": lambda: ensemble.ExtraTreesClassifier(80, max_depth=int(value), random_state=0),
    "near": lambda: neighbors.KNeighborsClassifier(int(value)),
    "svr": lambda: svm.SVR(C=value),
    "enet": lambda: linear_model.ElasticNet(alpha=value),
    "mlp": lambda: neural_network.MLPClassifier((24,), learning_rate_init=value, max_iter=150),
}[kind]()
steps = pipeline.make_pipeline(preprocessing.StandardScaler(), model)
scoring = {"svr": "r2", "enet": "r2"}.get(kind, options.get("score", "balanced_accuracy"))
found = model_selection.cross_validate(steps, x, y, cv=5, scoring=scoring, return_train_score=True, error_score="raise")
name = scoring.replace("balanced_", "").replace("neg_", "")
if options.get("folds"):
    for n, score in enumerate(found["test_score"]):
        print(f"fold {n + 1}: {name}={score:.4f}")
else:
    print(f"train {name}={found['train_score'].mean():.4f} valid {name}={found['test_score'].mean():.4f}")
