"""A network on the diabetes table with early stopping; R² and RMSE an epoch, in a line of key=value pairs."""

import argparse
import sys

import numpy as np
import torch
from sklearn.datasets import load_diabetes
from torch import nn

p = argparse.ArgumentParser()
p.add_argument("--lr", type=float, required=True)
p.add_argument("--units", type=int, default=32)
p.add_argument("--dropout", type=float, default=0.0)
p.add_argument("--weight-decay", type=float, default=0.0)
p.add_argument("--max-epochs", type=int, default=100)
p.add_argument("--patience", type=int, default=8)
p.add_argument("--rows", type=int, default=330)
p.add_argument("--held", type=int, default=110)
p.add_argument("--batch", type=int, default=32)
p.add_argument("--fault", default="")
p.add_argument("--seed", type=int, default=0)
a = p.parse_args()
torch.manual_seed(a.seed)
torch.set_num_threads(1)
x, y = load_diabetes(return_X_y=True)
order = np.random.default_rng(a.seed).permutation(len(x))
x, y = torch.tensor(x[order] * 20, dtype=torch.float32), torch.tensor(y[order], dtype=torch.float32)
y = (y - 152) / 77
if a.fault == "holes":
    x[::50, 2] = float("nan")
xt, yt, xv, yv = x[: a.rows], y[: a.rows], x[-a.held :], y[-a.held :]
net = nn.Sequential(
    nn.Linear(10, a.units),
    nn.ReLU(),
    nn.Dropout(a.dropout),
    nn.Linear(a.units, a.units),
    nn.ReLU(),
    nn.Linear(a.units, 1),
)
optimizer = torch.optim.Adam(net.parameters(), lr=a.lr, weight_decay=a.weight_decay)
best, since = float("inf"), 0
for epoch in range(a.max_epochs):
    net.train()
    for index in torch.randperm(len(xt)).split(a.batch):
        loss = (net(xt[index]).squeeze(1) - yt[index]).pow(2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    net.eval()
    with torch.no_grad():
        fit, mse = (net(xt).squeeze(1) - yt).pow(2).mean(), (net(xv).squeeze(1) - yv).pow(2).mean()
    print(
        f"epoch={epoch} train_rmse={fit**0.5 * 77:.3f} val_rmse={mse**0.5 * 77:.3f} val_r2={1 - mse / yv.var():.4f}",
        flush=True,
    )
    best, since = (mse, 0) if mse < best else (best, since + 1)
    if since >= a.patience:
        print(
            f"Early stopping at epoch {epoch}: no improvement in {a.patience} epochs, best weights restored",
            file=sys.stderr,
        )
        break
