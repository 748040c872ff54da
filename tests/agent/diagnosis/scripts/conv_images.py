"""A small convolutional net on 8x8 digits, logged the way Keras does, with a progress bar on stderr."""

import argparse
import sys

import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, Dataset, TensorDataset

p = argparse.ArgumentParser()
p.add_argument("--learning-rate", type=float, default=2e-3)
p.add_argument("--epochs", type=int, default=10)
p.add_argument("--channels", type=int, default=8)
p.add_argument("--dropout", type=float, default=0.1)
p.add_argument("--l2", type=float, default=0.0)
p.add_argument("--images", type=int, default=1200)
p.add_argument("--random-labels", type=float, default=0.0)
p.add_argument("--optimizer", default="Adam")
p.add_argument("--fault", default="")
a = p.parse_args()

torch.manual_seed(11)
torch.set_num_threads(1)
d = load_digits()
x = torch.tensor(d.images / 16.0, dtype=torch.float32)[:, None]
y = torch.tensor(d.target)
wrong = torch.rand(len(y)) < a.random_labels
y = torch.where(wrong, torch.randint(0, 10, (len(y),)), y)
if a.fault == "half":
    x = x.double()
if a.fault == "targets-nan":
    x[30:40] = float("nan")
xt, yt, xv, yv = x[: a.images], y[: a.images], x[1200:], y[1200:]


class Files(Dataset):
    def __len__(self):
        return 100

    def __getitem__(self, i):
        return torch.load(f"images/{i:04d}.pt"), 0


net = nn.Sequential(
    nn.Conv2d(3 if a.fault == "channels" else 1, a.channels, 3, padding=1),
    nn.ReLU(),
    nn.MaxPool2d(2),
    nn.Conv2d(a.channels, a.channels, 3, padding=1),
    nn.ReLU(),
    nn.Flatten(),
    nn.Dropout(a.dropout),
    nn.Linear(a.channels * 16, 10),
)
if a.fault == "drowned":
    nn.init.constant_(net[3].bias, -1e4)
extra = {"momentum": 0.9} if a.optimizer == "SGD" else {}
opt = getattr(torch.optim, a.optimizer)(net.parameters(), lr=a.learning_rate, weight_decay=a.l2, **extra)
data = Files() if a.fault == "files" else TensorDataset(xt, yt)
loader = DataLoader(data, 64, shuffle=True, num_workers=2 if a.fault == "files" else 0)
for epoch in range(1, a.epochs + 1):
    print(f"Epoch {epoch}/{a.epochs}")
    net.train()
    seen, right, total = 0, 0, 0.0
    for n, (xb, yb) in enumerate(loader):
        if a.fault == "bad-batch" and epoch == int(0.7 * a.epochs) and n == 3:
            xb = xb * 1e6
        out = net(xb)
        loss = nn.functional.cross_entropy(out, yb)
        opt.zero_grad()
        loss.backward()
        opt.step()
        seen, right, total = seen + len(yb), right + (out.argmax(1) == yb).sum().item(), total + loss.item() * len(yb)
        print(f"\r{n + 1}/{len(loader)} [{'=' * n}]", end="", file=sys.stderr)
    print(file=sys.stderr)
    net.eval()
    with torch.no_grad():
        out = net(xv)
        vl, va = nn.functional.cross_entropy(out, yv).item(), (out.argmax(1) == yv).float().mean().item()
    print(f" - loss: {total / seen:.4f} - accuracy: {right / seen:.4f} - val_loss: {vl:.4f} - val_accuracy: {va:.4f}")
