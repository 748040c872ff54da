"""Segments discs from noise with a small convolutional net; prints a table of Dice and IoU, in percent."""

import argparse
import time

import torch
from torch import nn

p = argparse.ArgumentParser()
p.add_argument("--lr", type=float, required=True)
p.add_argument("--width", type=int, default=8)
p.add_argument("--epochs", type=int, default=12)
p.add_argument("--images", type=int, default=160)
p.add_argument("--noise", type=float, default=0.8)
p.add_argument("--optimizer", default="adam", choices=["adam", "sgd"])
p.add_argument("--fault", default="")
p.add_argument("--seed", type=int, default=3)
a = p.parse_args()
torch.manual_seed(a.seed)
torch.set_num_threads(1)
if a.fault == "masks":
    masks = torch.load("data/masks.pt")


def scenes(count):
    yy, xx = torch.meshgrid(torch.arange(16.0), torch.arange(16.0), indexing="ij")
    centre, radius = torch.rand(count, 2, 1, 1) * 10 + 3, torch.rand(count, 1, 1) * 3 + 2
    mask = ((yy - centre[:, 0]) ** 2 + (xx - centre[:, 1]) ** 2 < radius**2).float()[:, None]
    return mask + a.noise * torch.randn_like(mask), mask


x, y = scenes(a.images)
xv, yv = scenes(60)
if a.fault == "double":
    x = x.double()
if a.fault == "flat":
    y = y.flatten(1)
w = a.width
net = nn.Sequential(
    nn.Conv2d(1, w, 3, padding=1), nn.ReLU(), nn.Conv2d(w, w, 3, padding=1), nn.ReLU(), nn.Conv2d(w, 1, 3, padding=1)
)
if a.fault == "dead":
    for layer in (net[0], net[2]):
        nn.init.constant_(layer.bias, -20.0)
optimizer = (
    torch.optim.Adam(net.parameters(), a.lr)
    if a.optimizer == "adam"
    else torch.optim.SGD(net.parameters(), a.lr, momentum=0.9)
)
for epoch in range(1, a.epochs + 1):
    total = 0.0
    for index in torch.randperm(len(x)).split(16):
        loss = nn.functional.binary_cross_entropy_with_logits(net(x[index]), y[index])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item() * len(index) / len(x)
        if a.fault == "slow":
            time.sleep(0.12)
    with torch.no_grad():
        out = net(xv)
        guess = (out > 0).float()
        both, area = (guess * yv).sum(), guess.sum() + yv.sum()
        val = nn.functional.binary_cross_entropy_with_logits(out, yv)
    if a.fault != "quiet":
        print(
            f"{epoch:3d}/{a.epochs}  loss {total:.4f}  val_loss {val:.4f}  val_dice {200 * both / area:.2f}%  val_iou {100 * both / (area - both):.2f}%",
            flush=True,
        )
    else:
        print(f"{epoch:3d}/{a.epochs}  loss {total:.4f}  done", flush=True)
