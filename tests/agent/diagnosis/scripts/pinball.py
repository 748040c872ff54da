"""Quantile regression with the pinball loss, by sub-gradients; NumPy; a CSV file is the record."""

import csv
import json
import os
import sys
import time
from pathlib import Path

import numpy as np

config, flags = json.loads(Path(os.environ["TUNEWRIGHT_CONFIG"]).read_text()), set(sys.argv[1:])
rng = np.random.default_rng(config["seed"])
x = np.c_[rng.normal(size=(900, 7)), np.ones(900)]
y = 40 + 12 * x[:, 0] - 5 * x[:, 1] + (4 + 3 * np.abs(x[:, 2])) * rng.standard_t(4, size=900)
if "absent" in flags:
    y[rng.integers(900, size=4)] = np.nan
if "narrow" in flags:
    x = x[:, :6]
w, tau = np.zeros(8), config["quantile"]


def pinball(rows):
    gap = y[rows] - x[rows] @ w
    return float(np.maximum(tau * gap, (tau - 1) * gap).mean())


with open("progress.csv", "w", newline="") as file:
    out = csv.writer(file)
    out.writerow(["round", "fit_pinball", "dev_pinball" if "renamed" not in flags else "dev_pinbal", "dev_coverage"])
    for round_ in range(config["rounds"]):
        for batch in np.split(rng.permutation(600), 20):
            below = (y[batch] < x[batch] @ w).astype(float)
            w += config["learning_rate"] / np.sqrt(1 + round_) * x[batch].T @ (tau - below) / len(batch)
        out.writerow([round_, pinball(slice(0, 600)), pinball(slice(600, 900)), float((y[600:] <= x[600:] @ w).mean())])
        file.flush()
        if "slow" in flags:
            time.sleep(0.5)
