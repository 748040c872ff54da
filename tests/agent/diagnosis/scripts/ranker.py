"""Learns to rank with a pairwise hinge loss, one pair a step; NumPy. JSON lines; NDCG now and then."""

import json
import os
import sys
from pathlib import Path

import numpy as np

config, fault = json.loads(Path(os.environ["TUNEWRIGHT_CONFIG"]).read_text()), set(sys.argv[1:])
rng = np.random.default_rng(config.get("seed", 2))
queries, docs, dims = 60, 12, 10
x = rng.normal(size=(queries, docs, dims))
gain = x @ rng.normal(size=dims) + config.get("noise", 1.5) * rng.normal(size=(queries, docs))
grade = np.digitize(gain, np.quantile(gain, [0.5, 0.8, 0.95]))
if "judgements" in fault:
    grade = np.loadtxt("judgements/train.tsv")
if "text" in fault:
    x = x.astype(str)
w = np.zeros(dims)


def ndcg(block):
    found = []
    for q in block:
        order = np.argsort(-(x[q] @ w))
        discount = 1 / np.log2(np.arange(2, docs + 2))
        best = ((2.0 ** np.sort(grade[q])[::-1] - 1) * discount).sum()
        found.append(((2.0 ** grade[q][order] - 1) * discount).sum() / best)
    return float(np.mean(found))


running = []
for step in range(1, config["n_steps"] + 1):
    q, i, j = rng.integers(40), *rng.integers(docs, size=2)
    if grade[q, i] < grade[q, j]:
        i, j = j, i
    margin = (x[q, i] - x[q, j]) @ w
    hinge = max(0.0, 1 - margin) if grade[q, i] > grade[q, j] else 0.0
    running.append(hinge)
    if hinge:
        w = w + config["eta"] * ((x[q, i] - x[q, j]) - config["reg"] * w)
    if step % 10 == 0:
        print(json.dumps({"step": step, "hinge": float(np.mean(running[-10:]))}), flush=True)
    if step % 50 == 0:
        key = "ndcg" if "short-name" in fault else "val_ndcg@12"
        print(json.dumps({"step": step, key: ndcg(range(40, 60))}), flush=True)
