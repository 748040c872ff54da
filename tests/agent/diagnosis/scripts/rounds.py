"""Gradient boosting with a log loss after every round, as LightGBM prints it: `[40]	training's logloss: …`."""

import sys

import numpy as np
from sklearn.datasets import make_classification
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.metrics import log_loss

rate, rounds, leaves, subsample = float(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
flags = set(sys.argv[5:])
rows, flip = (160, 0.25) if "small" in flags else (1200, 0.05)
x, y = make_classification(rows + 600, 14, n_informative=7, flip_y=flip, random_state=5)
if "shifted" in flags:
    y = np.roll(y, 1)[:-1]
model = GradientBoostingClassifier(
    learning_rate=rate, n_estimators=rounds, max_leaf_nodes=leaves, max_depth=None, subsample=subsample, random_state=0
)
model.fit(x[:rows], y[:rows])
for i, (a, b) in enumerate(
    zip(model.staged_predict_proba(x[:rows]), model.staged_predict_proba(x[rows:]), strict=True), 1
):
    if i % 5 == 0:
        print(
            f"[{i}]\ttraining's logloss: {log_loss(y[:rows], a):.6f}\tvalid_0's logloss: {log_loss(y[rows:], b):.6f}",
            flush=True,
        )
