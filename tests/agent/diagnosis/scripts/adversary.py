"""A generative adversarial pair in one dimension; the distance to the data is what counts."""

import json
import os
import sys
from pathlib import Path

import torch
from torch import nn

config, flags = json.loads(Path(os.environ["TUNEWRIGHT_CONFIG"]).read_text()), set(sys.argv[1:])
torch.manual_seed(config["seed"])
torch.set_num_threads(1)
width = config["width"]
g = nn.Sequential(nn.Linear(4, width), nn.ReLU(), nn.Linear(width, 1))
d = nn.Sequential(
    nn.Linear(1, width), nn.LeakyReLU(0.2), nn.Linear(width, width), nn.LeakyReLU(0.2), nn.Linear(width, 1)
)
go = torch.optim.Adam(g.parameters(), lr=config["g_lr"], betas=(0.5, 0.99))
do = torch.optim.Adam(d.parameters(), lr=config["d_lr"], betas=(0.5, 0.99))
loss_of = nn.functional.binary_cross_entropy_with_logits


def real(count):
    return torch.where(torch.rand(count, 1) < 0.5, torch.tensor(-2.0), torch.tensor(2.0)) + 0.4 * torch.randn(count, 1)


for step in range(1, config["steps"] + 1):
    fake = g(torch.randn(64, 4))
    d_loss = loss_of(d(real(64)), torch.ones(64, 1)) + loss_of(d(fake.detach()), torch.zeros(64, 1))
    do.zero_grad()
    d_loss.backward()
    do.step()
    g_loss = loss_of(d(g(torch.randn(64, 4))), torch.ones(64, 1))
    go.zero_grad()
    g_loss.backward()
    go.step()
    if step % 20 == 0:
        with torch.no_grad():
            gap = (g(torch.randn(2000, 4)).sort(0).values - real(2000).sort(0).values).abs().mean()
        print(
            json.dumps({"step": step, "d_loss": d_loss.item(), "g_loss": g_loss.item(), "wasserstein": gap.item()}),
            flush=True,
        )
