#!/usr/bin/env python3
# Predicts disease progression (scikit-learn's diabetes data) with a small network in plain numpy.
#
# There are no command line options. The settings below are what you get with
#     python3 train.py
# and a JSON file named by TUNEWRIGHT_CONFIG overrides them. One JSON object is printed an epoch.
import json
import os
import sys

import numpy as np
from sklearn.datasets import load_diabetes

SETTINGS = {
    "optimizer": "sgd",  # or "adam"
    "momentum": 0.9,  # sgd only
    "lr": 0.01,
    "l2": 1e-4,
    "hidden": 32,
    "epochs": 60,
}
if "TUNEWRIGHT_CONFIG" in os.environ:
    with open(os.environ["TUNEWRIGHT_CONFIG"]) as file:
        SETTINGS.update(json.load(file))

EPOCHS, BATCH = SETTINGS["epochs"], 32
rng = np.random.default_rng(int(os.environ.get("TUNEWRIGHT_SEED", 0)))

# -- data: 3 parts to train on, 1 to validate with; the same in every run ---------------------
x, y = load_diabetes(return_X_y=True)
order = np.random.default_rng(42).permutation(len(y))
train, val = order[len(y) // 4 :], order[: len(y) // 4]
x = (x - x[train].mean(0)) / x[train].std(0)
y_mean, y_std = y[train].mean(), y[train].std()
y = ((y - y_mean) / y_std)[:, None]

# -- model: one hidden layer of tanh units -----------------------------------------------------
hidden = SETTINGS["hidden"]
weights = [
    rng.normal(0, x.shape[1] ** -0.5, (x.shape[1], hidden)),
    np.zeros(hidden),
    rng.normal(0, hidden**-0.5, (hidden, 1)),
    np.zeros(1),
]


def forward(inputs):
    activity = np.tanh(inputs @ weights[0] + weights[1])
    return activity, activity @ weights[2] + weights[3]


def gradients(inputs, targets):
    activity, output = forward(inputs)
    error = 2 * (output - targets) / len(targets)
    inner = error @ weights[2].T * (1 - activity**2)
    grads = [inputs.T @ inner, inner.sum(0), activity.T @ error, error.sum(0)]
    return [g + SETTINGS["l2"] * w for g, w in zip(grads, weights, strict=True)]


def mse(part):
    return float(np.mean((forward(x[part])[1] - y[part]) ** 2))


# -- training ----------------------------------------------------------------------------------
first = [np.zeros_like(w) for w in weights]
second = [np.zeros_like(w) for w in weights]
step = 0
for epoch in range(1, EPOCHS + 1):
    shuffled = rng.permutation(train)
    for start in range(0, len(shuffled), BATCH):
        step += 1
        batch = shuffled[start : start + BATCH]
        for w, g, m, v in zip(weights, gradients(x[batch], y[batch]), first, second, strict=True):
            if SETTINGS["optimizer"] == "adam":
                m += 0.1 * (g - m)
                v += 0.001 * (g * g - v)
                w -= SETTINGS["lr"] * (m / (1 - 0.9**step)) / (np.sqrt(v / (1 - 0.999**step)) + 1e-8)
            else:
                m *= SETTINGS["momentum"]
                m += g
                w -= SETTINGS["lr"] * m
    print(json.dumps({"epoch": epoch, "train_mse": mse(train), "val_mse": mse(val)}), flush=True)

rmse = float(np.sqrt(mse(val)) * y_std)
print(f"done: the typical error on validation data is {rmse:.1f} points", file=sys.stderr)
