"""Digit embeddings by triplet loss; recall at 1 among held-out digits."""

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
x, y = (torch.tensor(part) for part in load_digits(return_X_y=True))
x = (x / 16).float()
if "gallery" in flags:
    gallery = torch.load(Path("galleries") / "digits.pt")
if "half" in flags:
    x = x.half()
net = nn.Sequential(
    nn.Linear(63 if "cropped" in flags else 64, config["width"]), nn.ReLU(), nn.Linear(config["width"], config["dim"])
)
if "detached" in flags:
    shadow = nn.Sequential(nn.Linear(64, config["width"]), nn.ReLU(), nn.Linear(config["width"], config["dim"]))
optimizer = torch.optim.SGD((shadow if "detached" in flags else net).parameters(), lr=config["base_lr"], momentum=0.9)
criterion = nn.TripletMarginLoss(margin=config["margin"])
train = torch.arange(1300)
for step in range(1, config["steps"] + 1):
    anchor = train[torch.randint(1300, (64,))]
    positive = torch.stack(
        [train[:1300][y[:1300] == label][torch.randint(int((y[:1300] == label).sum()), (1,))][0] for label in y[anchor]]
    )
    negative = train[torch.randint(1300, (64,))]
    loss = criterion(net(x[anchor]), net(x[positive]), net(x[negative]))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 4 == 0:
        print(json.dumps({"step": step, "triplet_loss": round(loss.item(), 5)}), flush=True)
    if step % 20 == 0:
        with torch.no_grad():
            near = torch.cdist(net(x[1300:]), net(x[:1300])).argmin(1)
        print(
            json.dumps({"step": step, "valid_recall": (y[:1300][near] == y[1300:]).float().mean().item()}), flush=True
        )
