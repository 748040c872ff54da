"""Logistic regression by hand; NumPy only. Writes reports to the file named in TUNEWRIGHT_REPORTS."""

import argparse
import json
import os
import sys
import time
import traceback

import numpy as np

p = argparse.ArgumentParser()
p.add_argument("--eta", type=float, required=True)
p.add_argument("--n_iter", type=int, default=200)
p.add_argument("--reg", type=float, default=0.0)
p.add_argument("--spread", type=float, default=1.5)
p.add_argument("--raw", action="store_true")
p.add_argument("--name", default="test_error")
p.add_argument("--fault", default="")
a = p.parse_args()

rng = np.random.default_rng(3)
w_true = rng.normal(size=20)
x = rng.normal(size=(700, 20)) * (40.0 if a.raw else 1.0)
y = (x @ w_true / (40.0 if a.raw else 1.0) + a.spread * rng.normal(size=700) > 0).astype(float)
if a.fault == "hole":
    x[17, 4] = np.nan
w = np.zeros(21 if a.fault == "columns" else 20)
if a.fault == "allocate":
    kernel = np.zeros((2_000_000, 2_000_000))
if a.fault == "caught":
    try:
        np.load("cache/features.npy")
    except OSError:
        print("warning: no cache, computing features anew; error was:", file=sys.stderr)
        traceback.print_exc()
out = open(os.environ["TUNEWRIGHT_REPORTS"], "a")  # noqa: SIM115
xt, yt, xv, yv = x[:500], y[:500], x[500:], y[500:]
for it in range(a.n_iter):
    i = rng.integers(0, 500, 50)
    z = xt[i] @ w
    prob = 1 / (1 + np.exp(-z))
    w -= a.eta * (xt[i].T @ (prob - yt[i]) / 50 + a.reg * w)
    if it % 4 == 0:
        zt, zv = xt @ w, xv @ w
        loss = np.mean(np.logaddexp(0, zt) - yt * zt) + 0.5 * a.reg * w @ w
        test_loss = np.mean(np.logaddexp(0, zv) - yv * zv)
        report = {"step": it, "loss": loss, a.name: np.mean((zv > 0) != yv), "test_loss": test_loss}
        print(json.dumps(report).replace("NaN", '"nan"'), file=out, flush=True)
    if a.fault == "drag":
        time.sleep(0.02 if it < 60 else 0.35)
