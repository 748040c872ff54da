"""Word vectors by skip-gram with negative sampling; NumPy; a tab-separated line now and then."""

import json
import os
import sys

import numpy as np

with open(os.environ["TUNEWRIGHT_CONFIG"]) as file:
    config = json.load(file)
fault = dict(part.split("=") for part in sys.argv[1:]).get("fault", "")
if fault == "import":
    from scipy.special import expit_stable  # noqa: F401
rng = np.random.default_rng(6)
size, dims, rate, rounds = 80, int(config["dim"]), float(config["lr"]), int(config["n_steps"])
topics = rng.integers(0, 6, size)
own = np.array([np.flatnonzero(topics == t) for t in range(6)], dtype=object)


def pairs(count):
    word = rng.integers(0, size, count)
    friend = np.array([rng.choice(own[topics[w]]) for w in word])
    return word, friend, rng.integers(0, size, count)


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


u, v = 0.3 * rng.normal(size=(size, dims)), 0.3 * rng.normal(size=(size, dims))
if fault == "vocabulary":
    v = v[:70]
if fault == "text":
    rate = config["name"] * 1.0
if fault == "hoard":
    rows = []
    while True:
        rows.append(np.ones(5_000_000))
held = pairs(1500)
for step in range(1, rounds + 1):
    a, b, n = pairs(100)
    gp, gn = sigmoid((u[a] * v[b]).sum(1)) - 1, sigmoid((u[a] * v[n]).sum(1))
    du, dv, dn = gp[:, None] * v[b] + gn[:, None] * v[n], gp[:, None] * u[a], gn[:, None] * u[a]
    np.add.at(u, a, -rate * du)
    np.add.at(v, b, -rate * dv)
    np.add.at(v, n, -rate * dn)
    if fault == "zero" and step == int(0.6 * rounds):
        v = v / np.zeros(1)
    if step % 10 == 0:
        a, b, n = held
        near, far = (u[a] * v[b]).sum(1), (u[a] * v[n]).sum(1)
        nll = np.mean(np.logaddexp(0, -near)) + np.mean(np.logaddexp(0, far))
        auc = np.mean(near[:, None] > far[None, :])
        names = ("step", "heldout_nll", "auc") if fault != "columns" else ("step", "held_out_nll", "auc")
        if fault != "hush":
            print("\t".join(f"{k}: {x:.5g}" for k, x in zip(names, (step, nll, auc), strict=True)), flush=True)
