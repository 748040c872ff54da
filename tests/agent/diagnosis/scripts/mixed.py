"""Digits with mixup and label smoothing: training looks worse than validation all along; one-cycle schedule."""

import json
import os
import sys
from pathlib import Path

import torch
from sklearn.datasets import load_digits
from torch import nn

config, flags = json.loads(Path(os.environ["TUNEWRIGHT_CONFIG"]).read_text()), set(sys.argv[1:])
torch.manual_seed(config["seed"])
torch.set_num_threads(1)
x, y = load_digits(return_X_y=True)
x, y = torch.tensor(x / 16, dtype=torch.float32), torch.tensor(y)
order = torch.randperm(len(x))
x, y = x[order], y[order]
cut = int(config["train_size"])
if "weights" in flags:
    torch.set_default_dtype(torch.float64)
net = nn.Sequential(
    nn.Linear(64, config["units"]), nn.GELU(), nn.Dropout(config["dropout"]), nn.Linear(config["units"], 10)
)
optimizer = torch.optim.SGD(
    net.parameters(), lr=config["max_lr"] / 10, momentum=0.9, weight_decay=config["weight_decay"]
)
per_epoch = -(-cut // 64)
cycle = torch.optim.lr_scheduler.OneCycleLR(optimizer, config["max_lr"], total_steps=per_epoch * config["n_epochs"] + 1)
for epoch in range(1, config["n_epochs"] + 1):
    net.train()
    losses, hits = [], []
    for index in torch.randperm(cut).split(64):
        lam = float(torch.distributions.Beta(0.4, 0.4).sample()) if "plain" not in flags else 1.0
        other = index[torch.randperm(len(index))]
        out = net(lam * x[index] + (1 - lam) * x[other])
        loss = lam * nn.functional.cross_entropy(out, y[index], label_smoothing=0.1) + (
            1 - lam
        ) * nn.functional.cross_entropy(out, y[other], label_smoothing=0.1)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        cycle.step()
        losses.append(loss.item())
        hits.append((out.argmax(1) == y[index]).float().mean().item())
    net.eval()
    with torch.no_grad():
        out = net(x[1300:])
    scores = {
        "train_loss": sum(losses) / len(losses),
        "train_top1": 100 * sum(hits) / len(hits),
        "valid_loss": nn.functional.cross_entropy(out, y[1300:]).item(),
        "valid_top1": 100 * (out.argmax(1) == y[1300:]).float().mean().item(),
    }
    print(json.dumps({"epoch": epoch} | scores), flush=True)
