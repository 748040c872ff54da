"""A diffusion model of a ring in the plane. Its loss is mostly noise that cannot be predicted."""

import json
import os
import signal
import sys
from pathlib import Path

import torch
from torch import nn

config, flags = json.loads(Path(os.environ["TUNEWRIGHT_CONFIG"]).read_text()), set(sys.argv[1:])
torch.manual_seed(config.get("seed", 0))
torch.set_num_threads(1)
angle = torch.rand(1200) * 6.283
data = torch.stack([angle.cos(), angle.sin()], 1) + 0.05 * torch.randn(1200, 2)
alpha = torch.cumprod(1 - torch.linspace(1e-3, 0.12, 40), 0)
width = config["hidden_units"]
net = nn.Sequential(nn.Linear(3, width), nn.SiLU(), nn.Linear(width, width), nn.SiLU(), nn.Linear(width, 2))
optimizer = torch.optim.AdamW(net.parameters(), lr=config["learning_rate"])
schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, config["iterations"])
average = [p.detach().clone() for p in net.parameters()]


def loss_of(points):
    t = torch.randint(40, (len(points),))
    noise = torch.randn_like(points)
    mixed = alpha[t].sqrt()[:, None] * points + (1 - alpha[t]).sqrt()[:, None] * noise
    return (net(torch.cat([mixed, t[:, None] / 40], 1)) - noise).pow(2).mean()


for i in range(config["iterations"]):
    loss = loss_of(data[torch.randint(1000, (64,))])
    if "typo" in flags and i > 100:
        loss = loss.detatch()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    schedule.step()
    if "shot" in flags and i == 150:
        os.kill(os.getpid(), signal.SIGKILL)
    if i % 10 == 9:
        print(f"{i + 1} mse: {loss.item():.5f}", flush=True)
    if i % 50 == 49:
        with torch.no_grad():
            print(f"{i + 1} heldout_mse: {loss_of(data[1000:].repeat(5, 1)).item():.5f}", flush=True)
