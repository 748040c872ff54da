"""Sums sequences that grow longer by stages: the training loss jumps at each stage, validation is of full length."""

import argparse

import torch
from torch import nn

p = argparse.ArgumentParser()
p.add_argument("--learning-rate", type=float, required=True)
p.add_argument("--hidden", type=int, default=24)
p.add_argument("--updates", type=int, default=400)
p.add_argument("--stages", type=int, default=4)
p.add_argument("--clip", type=float, default=1.0)
p.add_argument("--seed", type=int, default=0)
p.add_argument("--fault", default="")
a = p.parse_args()
torch.manual_seed(a.seed)
torch.set_num_threads(1)
rnn, head = nn.GRU(1, a.hidden, batch_first=True), nn.Linear(a.hidden, 1)
params = [*rnn.parameters(), *head.parameters()]
optimizer = torch.optim.Adam(params, lr=a.learning_rate)


def batch(count, length):
    x = torch.rand(count, length, 1) - 0.3
    return x, x.sum(1) + 0.05 * torch.randn(count, 1)


xv, yv = batch(300, 12)
for update in range(1, a.updates + 1):
    stage = min(a.stages, 1 + a.stages * update // (a.updates + 1))
    x, y = batch(32, 3 * stage)
    out = head(rnn(x)[0][:, -1])
    if a.fault == "squeezed":
        y = y.view(16, 2)
    loss = nn.functional.smooth_l1_loss(out, y)
    if a.fault == "boom" and update == 200:
        loss = loss * 1e8
    optimizer.zero_grad()
    loss.backward()
    norm = nn.utils.clip_grad_norm_(params, a.clip if a.fault != "boom" else 1e20)
    optimizer.step()
    if update % 10 == 0:
        with torch.no_grad():
            mae = (head(rnn(xv)[0][:, -1]) - yv).abs().mean()
        print(
            f"<{update}> stage {stage} train-huber: {loss.item():.5f} grad: {norm.item():.4f} val-mae: {mae.item():.5f}",
            flush=True,
        )
