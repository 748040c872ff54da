"""A network on a table, with batch normalisation and a cosine schedule; params from a JSON file, metrics to a CSV."""

import csv
import json
import math
import os
import sys
import time

import torch
from sklearn.datasets import load_diabetes, make_moons
from torch import nn

fault = sys.argv[1] if len(sys.argv) > 1 else ""
with open(os.environ["TUNEWRIGHT_CONFIG"]) as file:
    config = json.load(file)
rate, width, decay, epochs = (config[k] for k in ("optim.lr", "model.width", "optim.weight_decay", "train.epochs"))
torch.manual_seed(21)
torch.set_num_threads(1)
if fault == "moons" or fault.startswith("moons-"):
    x, y = make_moons(900, noise=0.45 if fault == "moons-noisy" else 0.2, random_state=2)
    y = y.astype("float32")[:, None]
    criterion = nn.BCEWithLogitsLoss()
else:
    x, y = load_diabetes(return_X_y=True)
    x, y = x * 20, ((y - y.mean()) / y.std())[:, None]
    criterion = nn.MSELoss()
x, y = torch.tensor(x, dtype=torch.float32), torch.tensor(y, dtype=torch.float32)
if fault == "nan-label":
    y[11] = float("nan")
if fault == "string":
    rate = config["model.width"] * "3"
cut = 60 if fault == "few" else int(0.7 * len(x))
xt, yt, xv, yv = x[:cut], y[:cut], x[int(0.7 * len(x)) :], y[int(0.7 * len(x)) :]
if fault == "column":
    xv = xv[:, 1:]
norm = nn.Identity if fault == "plain" else lambda: nn.BatchNorm1d(width)
net = nn.Sequential(
    nn.Linear(x.shape[1], width), norm(), nn.ReLU(), nn.Linear(width, width), norm(), nn.ReLU(), nn.Linear(width, 1)
)
optimizer = torch.optim.AdamW(net.parameters(), lr=rate, weight_decay=decay)
if fault == "detached":
    optimizer = torch.optim.AdamW([p.detach().clone() for p in net.parameters()], lr=rate)
schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs)
header = ["epoch", "lr", "train_mse", "val_mse"] if fault != "renamed" else ["epoch", "lr", "train_mse", "mse_val"]
with open("metrics.csv", "w") as file:
    rows = csv.writer(file)
    rows.writerow(header)
    for epoch in range(1, epochs + 1):
        net.train()
        total = 0.0
        for i in torch.randperm(len(xt)).split(32):
            if len(i) < 2:
                continue
            optimizer.zero_grad()
            loss = criterion(net(xt[i]), yt[i])
            loss.backward()
            optimizer.step()
            total += loss.item() * len(i) / len(xt)
        schedule.step()
        net.eval()
        with torch.no_grad():
            value = criterion(net(xv), yv).item()
        rows.writerow([epoch, f"{schedule.get_last_lr()[0]:.3g}", f"{total:.5f}", f"{value:.5f}"])
        file.flush()
        if epoch % 10 == 0:
            print(f"{epoch} done, eta {epochs - epoch} epochs")
        if math.isnan(total):
            print("WARNING: loss is NaN, going on", file=sys.stderr)
        if fault == "slow":
            time.sleep(0.5)
        if fault == "deadlock" and epoch == 12:
            import threading

            lock = threading.Lock()
            lock.acquire()
            lock.acquire()
