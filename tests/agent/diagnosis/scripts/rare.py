"""Finds rare events (one in twenty) with a focal loss; average precision on few positives is noisy."""

import logging
import os
import sys

import torch
from sklearn.metrics import average_precision_score
from torch import nn

logging.basicConfig(stream=sys.stdout, format="%(levelname)s:%(name)s:%(message)s", level=logging.INFO)
log = logging.getLogger("rare")
rate, gamma, drop, epochs, seed = (
    float(os.environ["LR"]),
    float(os.environ["FOCUS"]),
    float(os.environ["DROPOUT"]),
    int(os.environ["EPOCHS"]),
    int(os.environ["SEED"]),
)
flags = set(sys.argv[1:])
torch.manual_seed(seed)
torch.set_num_threads(1)
x = torch.randn(3000, 12)
score = x[:, 0] * 1.5 + x[:, 1] * x[:, 2] - 0.8 * x[:, 3] + 0.7 * torch.randn(3000)
y = (score > score.quantile(0.95)).float()
if "hollow" in flags:
    x[100:110, 5] = torch.nan
cut = 60 if "few" in flags else 2200
net = nn.Sequential(
    nn.Linear(12, 64), nn.ReLU(), nn.Dropout(drop), nn.Linear(64, 32), nn.ReLU(), nn.Dropout(drop), nn.Linear(32, 1)
)
if "off" in flags:
    nn.init.constant_(net[0].bias, -60.0)
    nn.init.constant_(net[3].bias, -1.0)
optimizer = torch.optim.RMSprop(net.parameters(), lr=rate)


def focal(out, target):
    p = torch.sigmoid(out)
    right = torch.where(target > 0, p, 1 - p)
    return (-((1 - right) ** gamma) * right.clamp(min=1e-7).log()).mean()


for epoch in range(epochs):
    net.train()
    total = 0.0
    for index in torch.randperm(cut).split(64):
        loss = focal(net(x[index]).squeeze(1), y[index])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item() * len(index) / cut
    net.eval()
    with torch.no_grad():
        out = net(x[2200:]).squeeze(1)
    ap = (
        average_precision_score(y[2200:], out.nan_to_num())
        if "hollow" in flags
        else average_precision_score(y[2200:], out)
    )
    log.info("epoch=%d focal_train=%.6f focal_valid=%.6f valid_ap=%.4f", epoch, total, focal(out, y[2200:]), ap)
