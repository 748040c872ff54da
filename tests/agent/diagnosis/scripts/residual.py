"""A small residual net on scikit-learn's digits or wine; `key=value` logs a step, validation twice an epoch."""

import argparse
import logging
import time

import torch
from sklearn import datasets
from torch import nn

logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s", level=logging.INFO)
log = logging.getLogger("train")
parser = argparse.ArgumentParser()
parser.add_argument("--base-learning-rate", type=float, default=0.05)
parser.add_argument("--passes", type=int, default=10)
parser.add_argument("--filters", type=int, default=8)
parser.add_argument("--p-drop", type=float, default=0.0)
parser.add_argument("--l2", type=float, default=1e-4)
parser.add_argument("--keep", type=int, default=1400)
parser.add_argument("--shuffled", type=float, default=0.0)
parser.add_argument("--score", default="top1")
parser.add_argument("--fault", default="")
args = parser.parse_args()
torch.manual_seed(41)
torch.set_num_threads(1)
if args.fault == "image-folder":
    from pathlib import Path

    files = sorted(p for p in Path("images/train").iterdir())
x, y = datasets.load_digits(return_X_y=True)
x, y = torch.tensor(x / 16, dtype=torch.float32).view(-1, 1, 8, 8), torch.tensor(y)
mixed = torch.rand(len(y)) < args.shuffled
y[mixed] = torch.randint(0, 10, (int(mixed.sum()),))
if args.fault == "nan-pixels":
    x[100:110, 0, 3, 3] = float("nan")
if args.fault == "one-hot":
    y = nn.functional.one_hot(y, 12)
if args.fault == "uint8":
    x = (x * 255).to(torch.uint8)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(1, args.filters, 3, 2, 1)
        self.block = nn.Sequential(
            nn.Conv2d(args.filters, args.filters, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(args.filters, args.filters, 3, padding=1),
        )
        self.drop = nn.Dropout(args.p_drop)
        self.head = nn.Linear(args.filters * (16 if args.fault != "head" else 64), 10)

    def forward(self, images):
        h = torch.relu(self.stem(images))
        return self.head(self.drop(torch.relu(h + self.block(h)).flatten(1)))


net = Net()
if args.fault == "stem-dead":
    nn.init.constant_(net.stem.bias, -1e3)
    nn.init.constant_(net.block[2].bias, -1e3)
optimizer = torch.optim.SGD(net.parameters(), lr=args.base_learning_rate, momentum=0.9, weight_decay=args.l2)
train = torch.arange(args.keep)
step, half = 0, max(args.keep // 64 // 2, 1)
for _ in range(args.passes):
    for rows in train[torch.randperm(len(train))].split(64):
        net.train()
        loss = nn.functional.cross_entropy(net(x[rows]), y[rows])
        if args.fault == "glitch" and step == int(0.65 * args.passes * len(train) / 64):
            loss = loss * 1e4
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        step += 1
        log.info("step=%d train_loss=%.4f", step, loss.item())
        if step % half == 0:
            net.eval()
            with torch.no_grad():
                out = net(x[1400:])
                value = nn.functional.cross_entropy(out, y[1400:]).item()
                score = (out.argmax(1) == y[1400:]).float().mean().item()
            log.info("step=%d valid_loss=%.4f %s=%.4f", step, value, args.score, score)
        if args.fault == "sluggish":
            time.sleep(0.12)
        if args.fault == "freeze" and step == 30:
            while True:
                time.sleep(1)
