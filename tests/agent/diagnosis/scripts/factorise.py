"""Matrix factorisation by stochastic gradient descent; NumPy; prints Python dicts."""

import os
import signal
import sys

import numpy as np

rate, rank, penalty, rounds = float(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4])
fault = sys.argv[5] if len(sys.argv) > 5 else ""
if fault == "config":
    import yaml_settings_loader  # noqa: F401
rng = np.random.default_rng(8)
users, items = rng.normal(size=(60, 3)), rng.normal(size=(40, 3))
share, spread = (0.25, 1.0) if fault == "sparse" else (0.6, 0.4)
truth = users @ items.T + spread * rng.normal(size=(60, 40))
known = rng.random((60, 40)) < share
held = ~known & (rng.random((60, 40)) < 0.5)
if fault == "gap":
    truth[3, 3] = np.nan
    known[3, 3] = True
p, q = 0.1 * rng.normal(size=(60, rank)), 0.1 * rng.normal(size=(40, rank))
if fault == "ratings":
    ratings = np.genfromtxt("ratings/u.data", delimiter="\t")
if fault == "transposed":
    q = q.T
cells = np.argwhere(known)
for it in range(rounds):
    for i, j in rng.permutation(cells)[:400]:
        error = truth[i, j] - p[i] @ q[j]
        p[i], q[j] = p[i] + rate * (error * q[j] - penalty * p[i]), q[j] + rate * (error * p[i] - penalty * q[j])
    if fault == "jolt" and it == int(0.6 * rounds):
        p += 30 * rng.normal(size=p.shape)
        rate = 0.0
    fit = p @ q.T
    line = {
        "iter": it,
        "rmse_train": float(np.sqrt(np.mean((truth - fit)[known] ** 2))),
        "rmse_valid": float(np.sqrt(np.mean((truth - fit)[held] ** 2))),
    }
    print(line if fault != "mute" else f"round {it} of {rounds}", flush=True)
    if fault == "abort" and it == 9:
        os.kill(os.getpid(), signal.SIGABRT)
    if fault == "lookup" and it == 9:
        line["rmse_test"] += 1
