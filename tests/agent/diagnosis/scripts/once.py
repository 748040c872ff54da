"""Estimators that report once, of kinds that the others leave out; `name: value` lines at the end."""

import json
import os
import sys
import warnings
from pathlib import Path

import numpy as np
from sklearn import (
    cluster,
    datasets,
    decomposition,
    ensemble,
    kernel_ridge,
    linear_model,
    metrics,
    neighbors,
    pipeline,
    preprocessing,
    svm,
)
from sklearn.model_selection import train_test_split

warnings.simplefilter("ignore")
kind, flags = sys.argv[1], set(sys.argv[2:])
config = json.loads(Path(os.environ["TUNEWRIGHT_CONFIG"]).read_text())
if kind == "kmeans":
    x, _ = datasets.make_blobs(500, 4, centers=6, cluster_std=1.5, random_state=3)
    model = cluster.KMeans(n_init=3, random_state=0, **config).fit(x)
    print(f"inertia: {model.inertia_:.3f}\nsilhouette: {metrics.silhouette_score(x, model.labels_):.4f}")
elif kind == "outliers":
    rng = np.random.default_rng(1)
    x = np.r_[rng.normal(size=(600, 5)), rng.uniform(-5, 5, size=(40, 5))]
    model = ensemble.IsolationForest(random_state=0, **config).fit(x)
    print(f"auc: {metrics.roc_auc_score(np.r_[np.zeros(600), np.ones(40)], -model.score_samples(x)):.4f}")
elif kind == "pca":
    x, _ = datasets.load_digits(return_X_y=True)
    model = decomposition.PCA(**config).fit(x[:1200])
    back = model.inverse_transform(model.transform(x[1200:]))
    print(f"reconstruction_mse: {((x[1200:] - back) ** 2).mean():.4f}")
else:
    x, y = (
        datasets.load_diabetes(return_X_y=True)
        if kind in ("ridge", "svr", "bagged")
        else datasets.load_wine(return_X_y=True)
    )
    if "ragged" in flags:
        x = x[:-7]
    kinds = {
        "ridge": lambda: kernel_ridge.KernelRidge(kernel="rbf", **config),
        "svr": lambda: svm.SVR(**config),
        "bagged": lambda: ensemble.BaggingRegressor(random_state=0, **config),
        "radius": lambda: neighbors.KNeighborsClassifier(**config),
        "linear": lambda: linear_model.LogisticRegression(max_iter=500, **config),
    }
    model = pipeline.make_pipeline(preprocessing.StandardScaler(), kinds[kind]())
    xt, xv, yt, yv = train_test_split(x, y, test_size=0.35, random_state=1)
    if kind in ("ridge", "svr"):
        middle, wide = yt.mean(), yt.std()
        yt, yv = (yt - middle) / wide, (yv - middle) / wide
    model.fit(xt, yt)
    print(f"fit_score: {model.score(xt, yt):.4f}\nholdout_score: {model.score(xv, yv):.4f}")
