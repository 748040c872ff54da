"""A network that solves u'' = -u by its residual; the loss spans decades and has spikes."""

import json
import os
import sys
from pathlib import Path

import torch
from torch import nn

config, flags = json.loads(Path(os.environ["TUNEWRIGHT_CONFIG"]).read_text()), set(sys.argv[1:])
torch.manual_seed(config["seed"])
torch.set_num_threads(1)
n = config["neurons"]
net = nn.Sequential(nn.Linear(1, n), nn.Tanh(), nn.Linear(n, n), nn.Tanh(), nn.Linear(n, 1))
if "saturated" in flags:
    for layer in (net[0], net[2]):
        nn.init.constant_(layer.bias, 40.0)
optimizer = torch.optim.Adam(net.parameters(), lr=config["learning_rate"])
decay = torch.optim.lr_scheduler.ExponentialLR(optimizer, config["decay_rate"] ** (1 / 100))
grid = torch.linspace(0, 6.283, 60)[:, None]
for it in range(1, config["max_iterations"] + 1):
    t = (torch.rand(64, 1) * 6.283).requires_grad_()
    u = net(t)
    du = torch.autograd.grad(u.sum(), t, create_graph=True)[0]
    ddu = torch.autograd.grad(du.sum(), t, create_graph=True)[0]
    zero = torch.zeros(1, 1, requires_grad=True)
    u0 = net(zero)
    residual, start = (
        (ddu + u).pow(2).mean(),
        (u0 - 0).pow(2).mean() + (torch.autograd.grad(u0.sum(), zero, create_graph=True)[0] - 1).pow(2).mean(),
    )
    loss = residual + start
    if "divide" in flags and it == 200:
        loss = loss + 1e-3 * (loss - loss).sqrt().log()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    decay.step()
    if it % 20 == 0:
        with torch.no_grad():
            error = (net(grid) - grid.sin()).norm() / grid.sin().norm()
        print(
            f"Iter {it}: total loss {loss.item():.3e}, boundary {start.item():.3e}, test l2 error {error.item():.3e}",
            flush=True,
        )
