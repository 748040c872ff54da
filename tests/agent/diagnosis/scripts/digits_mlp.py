"""A torch MLP on scikit-learn's digits; one JSON line an epoch. `--fault` breaks it in a known way."""

import argparse
import json
import os
import signal
import time

parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, default=1e-3)
parser.add_argument("--epochs", type=int, default=20)
parser.add_argument("--hidden", type=int, default=64)
parser.add_argument("--dropout", type=float, default=0.0)
parser.add_argument("--weight-decay", type=float, default=0.0)
parser.add_argument("--batch-size", type=int, default=64)
parser.add_argument("--optimizer", default="adam", choices=["adam", "sgd"])
parser.add_argument("--samples", type=int, default=1400)
parser.add_argument("--label-noise", type=float, default=0.0)
parser.add_argument("--seed", type=int, default=0)
parser.add_argument("--metric-name", default="val_loss")
parser.add_argument("--fault", default="")
args = parser.parse_args()

if args.fault == "import":
    import torchvision_extra  # noqa: F401

import numpy as np  # noqa: E402
import torch  # noqa: E402
from sklearn.datasets import load_digits  # noqa: E402
from torch import nn  # noqa: E402

torch.manual_seed(args.seed)
torch.set_num_threads(1)
if args.fault == "missing":
    images = np.load("data/digits_train.npy")
x, y = load_digits(return_X_y=True)
order = np.random.default_rng(args.seed).permutation(len(x))
x, y = x[order] / 16.0, y[order]
noisy = np.random.default_rng(1).random(len(y)) < args.label_noise
y = np.where(noisy, np.random.default_rng(2).integers(0, 10, len(y)), y)
if args.fault == "nan":
    x[:200:7, 10] = np.nan
x = torch.tensor(x, dtype=torch.float64 if args.fault == "dtype" else torch.float32)
y = torch.tensor(y, dtype=torch.float32 if args.fault == "label-dtype" else torch.int64)
xt, yt, xv, yv = x[: args.samples], y[: args.samples], x[1400:], y[1400:]
inner = args.hidden + 1 if args.fault == "shape" else args.hidden
model = nn.Sequential(
    nn.Linear(64, args.hidden),
    nn.ReLU(),
    nn.Dropout(args.dropout),
    nn.Linear(inner, args.hidden),
    nn.ReLU(),
    nn.Dropout(args.dropout),
    nn.Linear(args.hidden, 10),
)
if args.fault == "dead":
    with torch.no_grad():
        for layer in (model[0], model[3]):
            layer.bias.fill_(-100.0)
        model[6].bias.requires_grad_(False)
kind = torch.optim.SGD if args.optimizer == "sgd" else torch.optim.Adam
optimizer = kind(model.parameters(), lr=args.lr, weight_decay=args.weight_decay)
hoard = []


def evaluate():
    model.eval()
    with torch.no_grad():
        out = model(xv)
        loss = nn.functional.cross_entropy(out, yv).item()
        return loss, (out.argmax(1) == yv).float().mean().item()


print(f"training on {len(xt)} samples, {sum(p.numel() for p in model.parameters())} weights")
for epoch in range(args.epochs):
    model.train()
    losses = []
    for i in torch.randperm(len(xt)).split(args.batch_size):
        loss = nn.functional.cross_entropy(model(xt[i]), yt[i])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    val_loss, val_acc = evaluate()
    line = {"epoch": epoch, "train_loss": float(np.mean(losses)), args.metric_name: val_loss, "val_acc": val_acc}
    if args.fault == "silent":
        print(f"epoch {epoch} finished")
        continue
    print(json.dumps(line), flush=True)
    if args.fault == "slow":
        time.sleep(0.45)
    if args.fault == "hang" and epoch == 4:
        time.sleep(3600)
    if args.fault == "kill" and epoch == 4:
        os.kill(os.getpid(), signal.SIGKILL)
    if args.fault == "hoard":
        hoard.append(np.ones(40_000_000 // 8))
        time.sleep(0.1)
if args.fault == "bug":
    print({"final": val_loss}["best"])
