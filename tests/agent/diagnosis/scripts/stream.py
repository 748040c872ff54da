"""Online logistic regression on a stream whose truth drifts; the running log loss rises at each drift."""

import json
import os
import sys
from pathlib import Path

import numpy as np

config, flags = json.loads(Path(os.environ["TUNEWRIGHT_CONFIG"]).read_text()), set(sys.argv[1:])
rng = np.random.default_rng(config["seed"])
truth, w = rng.normal(size=12) * 1.5, np.zeros(12)
if "feed" in flags:
    feed = open("feeds/clicks.jsonl")  # noqa: SIM115
losses, hits = [], []
for t in range(config["events"]):
    if t and t % 1500 == 0 and "steady" not in flags:
        truth = truth + rng.normal(size=12) * 0.4
    x = rng.normal(size=12)
    y = rng.random() < 1 / (1 + np.exp(-truth @ x))
    p = 1 / (1 + np.exp(-np.clip(w @ x, -30, 30)))
    losses.append(-np.log(max(p if y else 1 - p, 1e-12)))
    hits.append((p > 0.5) == y)
    w += config["alpha_lr"] * (y - p) * x
    if t % 100 == 99:
        line = {
            "events_seen": t + 1,
            "window_logloss": float(np.mean(losses[-300:])),
            "window_hit_rate": float(np.mean(hits[-300:])),
        }
        if "silent" in flags:
            line = {"events_seen": t + 1, "window_hit_rate": line["window_hit_rate"]}
        print(json.dumps(line), flush=True)
