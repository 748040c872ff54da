"""scikit-learn models of several kinds; one dictionary of scores at the end."""

import json
import os
import sys
import warnings
from pathlib import Path

import numpy as np
from sklearn import datasets, ensemble, gaussian_process, linear_model, neighbors, neural_network, svm, tree
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

warnings.simplefilter("ignore")
kind, data, flags = sys.argv[1], sys.argv[2], set(sys.argv[3:])
config = json.loads(Path(os.environ["TUNEWRIGHT_CONFIG"]).read_text())
regression = data in ("friedman", "diabetes", "sparse")
if data == "friedman":
    x, y = datasets.make_friedman1(400, noise=2.0, random_state=1)
elif data == "sparse":
    x, y = datasets.make_regression(120, 60, n_informative=5, noise=30.0, random_state=1)
elif data == "hard":
    x, y = datasets.make_classification(700, 15, n_informative=5, flip_y=0.3, class_sep=0.8, random_state=3)
elif data == "many":
    x, y = datasets.make_classification(
        900, 20, n_informative=8, n_classes=6, n_clusters_per_class=1, class_sep=0.7, random_state=3
    )
else:
    x, y = getattr(datasets, f"load_{data}")(return_X_y=True)
if "csv" in flags:
    x = np.genfromtxt("tables/features.csv", delimiter=",")
if "gap" in flags:
    x[5, 1] = np.nan
if "words" in flags:
    x = x.astype(object)
    x[0, 0] = "n/a"
if "short" in flags:
    y = y[:-3]
models = {
    "forest": lambda: (
        ensemble.RandomForestRegressor(random_state=0, **config)
        if regression
        else ensemble.RandomForestClassifier(random_state=0, **config)
    ),
    "extra": lambda: ensemble.ExtraTreesClassifier(random_state=0, **config),
    "tree": lambda: tree.DecisionTreeClassifier(random_state=0, **config),
    "logistic": lambda: linear_model.LogisticRegression(max_iter=2000, **config),
    "lasso": lambda: linear_model.Lasso(**config),
    "svc": lambda: svm.SVC(**config),
    "near": lambda: neighbors.KNeighborsClassifier(**config),
    "gp": lambda: gaussian_process.GaussianProcessRegressor(normalize_y=True, **config),
    "boost": lambda: ensemble.GradientBoostingClassifier(random_state=0, **config),
    "mlp": lambda: neural_network.MLPClassifier(random_state=0, **config),
}
xt, xv, yt, yv = train_test_split(x, y, test_size=0.3, random_state=0)
model = make_pipeline(StandardScaler(), models[kind]()).fit(xt, yt)
name = "r2" if regression else "accuracy"
scores = {f"train_{name}": model.score(xt, yt), f"test_{name}": model.score(xv, yv)}
if "valid-only" in flags:
    del scores[f"train_{name}"]
print({k: round(float(v), 4) for k, v in scores.items()} if "python" in flags else json.dumps(scores))
