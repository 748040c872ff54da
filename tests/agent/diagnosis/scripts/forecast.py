"""Forecasts a seasonal series with a small net, logged as the Informer repository does; early stopping in words."""

import argparse
import sys
import time

import torch
from torch import nn

parser = argparse.ArgumentParser()
parser.add_argument("--learning_rate", type=float, default=1e-3)
parser.add_argument("--train_epochs", type=int, default=10)
parser.add_argument("--seq_len", type=int, default=24)
parser.add_argument("--d_model", type=int, default=32)
parser.add_argument("--dropout", type=float, default=0.05)
parser.add_argument("--batch_size", type=int, default=32)
parser.add_argument("--patience", type=int, default=0)
parser.add_argument("--hours", type=int, default=1500)
parser.add_argument("--noise", type=float, default=0.3)
parser.add_argument("--lradj", action="store_true")
parser.add_argument("--fault", default="")
args = parser.parse_args()
torch.manual_seed(9)
torch.set_num_threads(1)
if args.fault == "module":
    from utils.timefeatures_extra import time_features  # noqa: F401
t = torch.arange(args.hours + 800.0)
series = torch.sin(t * 6.283 / 24) + 0.5 * torch.sin(t * 6.283 / 168) + args.noise * torch.randn(len(t))
if args.fault == "gaps":
    series[50::97] = float("nan")
if args.fault == "csv":
    with open("data/ETTh9.csv") as file:
        series = torch.tensor([float(row) for row in file])
ahead = 12
windows = series.unfold(0, args.seq_len + ahead, 1)
x, y = windows[:, : args.seq_len], windows[:, args.seq_len :]
train, valid = slice(0, args.hours - 100), slice(args.hours, args.hours + 700)
if args.fault == "horizon":
    y = y[:, :7]
body = nn.Sequential(
    nn.Linear(args.seq_len, args.d_model), nn.GELU(), nn.Dropout(args.dropout), nn.Linear(args.d_model, ahead)
)
if args.fault == "int":
    x = x.long()
if args.fault == "sunk":
    body = nn.Sequential(nn.Linear(args.seq_len, args.d_model), nn.ReLU(), nn.Linear(args.d_model, ahead))
    nn.init.constant_(body[0].bias, -1e5)
optimizer = torch.optim.Adam(body.parameters(), lr=args.learning_rate)
best, counter = float("inf"), 0
for epoch in range(1, args.train_epochs + 1):
    if args.lradj:
        for group in optimizer.param_groups:
            group["lr"] = args.learning_rate * 0.5 ** (epoch - 1)
    body.train()
    total, steps, begun = 0.0, 0, time.time()
    for rows in torch.randperm(len(x[train])).split(args.batch_size):
        loss = nn.functional.mse_loss(body(x[train][rows]), y[train][rows])
        if args.fault == "surge" and epoch == 8 and steps == 5:
            loss = loss * 1e12
            for group in optimizer.param_groups:
                group["eps"], group["lr"] = 1e-30, 5.0
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if args.fault == "surge":
            for group in optimizer.param_groups:
                group["lr"] = args.learning_rate * 1e-3 if group["lr"] == 5.0 else group["lr"]
        total, steps = total + loss.item(), steps + 1
        if args.fault == "crawl":
            time.sleep(0.05)
    body.eval()
    with torch.no_grad():
        value = nn.functional.mse_loss(body(x[valid]), y[valid]).item()
    print(f"Epoch: {epoch} cost time: {time.time() - begun:.3f}")
    label = "Vali Loss" if args.fault != "label" else "Validation_Loss"
    if args.fault != "quiet":
        print(f"Epoch: {epoch}, Steps: {steps} | Train Loss: {total / steps:.7f} {label}: {value:.7f}", flush=True)
    counter = 0 if value < best else counter + 1
    best = min(best, value)
    if counter:
        print(f"EarlyStopping counter: {counter} out of {args.patience}", file=sys.stderr)
    if args.patience and counter >= args.patience:
        print("Early stopping")
        break
    if args.fault == "wedge" and epoch == 3:
        time.sleep(600)
