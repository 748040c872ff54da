"""Gradient boosting of stumps by hand, logged as XGBoost does: `[12]  train-rmse:0.51  valid-rmse:0.63`."""

import argparse
import resource
import sys
import time

import numpy as np

parser = argparse.ArgumentParser()
parser.add_argument("--eta", type=float, default=0.3)
parser.add_argument("--num_boost_round", type=int, default=60)
parser.add_argument("--reg_lambda", type=float, default=1.0)
parser.add_argument("--rows", type=int, default=400)
parser.add_argument("--noise", type=float, default=0.3)
parser.add_argument("--early_stopping_rounds", type=int, default=0)
parser.add_argument("--fault", default="")
args = parser.parse_args()
rng = np.random.default_rng(12)
x = rng.normal(size=(args.rows + 300, 6))
y = np.sin(2 * x[:, 0]) + (x[:, 1] > 0.3) * x[:, 2] + args.noise * rng.normal(size=len(x))
if args.fault == "nan":
    y[3] = np.nan
if args.fault == "shift":
    y = y[:-3]
if args.fault == "strings":
    y = y.astype(str)
if args.fault == "limit":
    resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))
    table = np.ones((40_000, 20_000))
xt, yt, xv, yv = x[: args.rows], y[: args.rows], x[args.rows :], y[args.rows :]
pt, pv, best, since = np.zeros(len(xt)), np.zeros(len(xv)), np.inf, 0
if args.fault == "assert":
    assert args.reg_lambda < 0, "reg_lambda must be negative here"
for n in range(args.num_boost_round):
    residual = yt - pt
    gains = []
    for column in range(6):
        for cut in np.quantile(xt[:, column], np.linspace(0.05, 0.95, 12)):
            left = xt[:, column] < cut
            a = residual[left].sum() / (left.sum() + args.reg_lambda)
            b = residual[~left].sum() / ((~left).sum() + args.reg_lambda)
            gains.append((np.abs(a) * left.sum() + np.abs(b) * (~left).sum(), column, cut, a, b))
    _, column, cut, a, b = max(gains)
    pt += args.eta * np.where(xt[:, column] < cut, a, b)
    pv += args.eta * np.where(xv[:, column] < cut, a, b)
    train, valid = np.sqrt(np.mean((pt - yt) ** 2)), np.sqrt(np.mean((pv - yv) ** 2))
    if args.fault == "stderr-only":
        print(f"[{n}]\ttrain-rmse:{train:.5f}", file=sys.stderr)
        continue
    print(f"[{n}]\ttrain-rmse:{train:.5f}\tvalid-rmse:{valid:.5f}", flush=True)
    since = 0 if valid < best else since + 1
    best = min(best, valid)
    if args.early_stopping_rounds and since >= args.early_stopping_rounds:
        print(f"Stopping. Best iteration: [{n - since}]")
        break
    if args.fault == "sleepy":
        time.sleep(0.4)
