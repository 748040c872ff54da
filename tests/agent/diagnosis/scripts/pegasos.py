"""A linear support vector machine by stochastic sub-gradients; NumPy. The error rate is what counts."""

import argparse

import numpy as np

p = argparse.ArgumentParser()
p.add_argument("--lr", type=float, required=True)
p.add_argument("--lambda-reg", type=float, default=1e-3)
p.add_argument("--n-iter", type=int, default=6000)
p.add_argument("--held", type=int, default=200)
p.add_argument("--noise", type=float, default=1.0)
p.add_argument("--seed", type=int, default=0)
p.add_argument("--schedule", default="sqrt", choices=["sqrt", "none"])
p.add_argument("--fault", default="")
a = p.parse_args()
rng = np.random.default_rng(a.seed)
x = rng.normal(size=(800 + a.held, 25))
y = np.where(x @ rng.normal(size=25) + a.noise * rng.normal(size=len(x)) > 0, 1.0, -1.0)
if a.fault == "weights-file":
    w = np.load("init/weights.npy")
w = np.zeros(24 if a.fault == "one-less" else 25)
if a.fault == "label-text":
    y = y.astype(str)
for t in range(1, a.n_iter + 1):
    i = rng.integers(800)
    rate = a.lr / np.sqrt(t / 100 + 1) if a.schedule == "sqrt" else a.lr
    w -= rate * (a.lambda_reg * w - (y[i] * x[i] if y[i] * (x[i] @ w) < 1 else 0))
    if t % 200 == 0:
        margin = y * (x @ w)
        hinge, error = np.maximum(0, 1 - margin[:800]).mean(), (margin[800:] <= 0).mean()
        name = "val_err" if a.fault != "renamed" else "valErr"
        print(f"t={t:<6d} train_hinge={hinge:.4f} {name}={error:.4f} |w|={np.linalg.norm(w):.3f}", flush=True)
