"""Expectation maximisation of a Gaussian mixture; NumPy. The log-likelihood is reported; it settles in a few rounds."""

import json
import os
import sys
from pathlib import Path

import numpy as np

config, flags = json.loads(Path(os.environ["TUNEWRIGHT_CONFIG"]).read_text()), set(sys.argv[1:])
rng = np.random.default_rng(config.get("seed", 4))
centres = rng.normal(size=(5, 2)) * 4
x = centres[rng.integers(5, size=900)] + rng.normal(size=(900, 2))
train, test = x[:600], x[600:]
k, floor = config["n_components"], config["reg_covar"]
mean, var, weight = train[rng.integers(600, size=k)], np.full((k, 2), 4.0), np.full(k, 1 / k)


def log_joint(points):
    gap = points[:, None] - mean
    return np.log(weight) - 0.5 * (gap**2 / var + np.log(2 * np.pi * var)).sum(2)


for step in range(config["max_iter"]):
    joint = log_joint(train)
    top = joint.max(1, keepdims=True)
    resp = np.exp(joint - top)
    total = resp.sum(1, keepdims=True)
    resp = resp / total
    size = resp.sum(0) + 1e-9
    mean, weight = resp.T @ train / size[:, None], size / len(train)
    var = np.stack([(resp[:, [i]] * (train - mean[i]) ** 2).sum(0) / size[i] for i in range(k)]) + floor
    held = log_joint(test)
    peak = held.max(1)
    out = {
        "train_loglik": float((top + np.log(total)).mean()),
        "test_loglik": float((peak + np.log(np.exp(held - peak[:, None]).sum(1))).mean()),
    }
    if "unnamed" in flags:
        print("round", step, "is over, the likelihood went up", flush=True)
    else:
        print(json.dumps({"step": step, **out}), flush=True)
