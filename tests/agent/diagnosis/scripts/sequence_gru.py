"""A GRU that counts in token sequences; prints `train/loss`, `valid/loss`, `valid/acc` between brackets.

`--fault` breaks it in a known way, `--patience` ends it early.
"""

import argparse
import sys
import time

import torch
from torch import nn

p = argparse.ArgumentParser()
p.add_argument("--lr", type=float, default=3e-3)
p.add_argument("--max-epochs", type=int, default=25)
p.add_argument("--units", type=int, default=24)
p.add_argument("--drop", type=float, default=0.0)
p.add_argument("--sequences", type=int, default=600)
p.add_argument("--flip", type=float, default=0.0)
p.add_argument("--patience", type=int, default=0)
p.add_argument("--optim", default="Adam")
p.add_argument("--cycle", type=int, default=0)
STYLE = "[epoch {e:3d}] train/loss {tl:.4f} | valid/loss {vl:.4f} valid/acc {va:.3f} ({s:.1f}s)"
p.add_argument("--style", default=STYLE)
p.add_argument("--fault", default="")
a = p.parse_args()

torch.manual_seed(7)
torch.set_num_threads(1)
x = torch.randint(0, 6, (a.sequences + 300, 12))
y = ((x == 2).sum(1) > (x == 4).sum(1)).long()
y = torch.where(torch.rand(len(y)) < a.flip, 1 - y, y)
if a.fault == "vocabulary":
    x[5, 3] = 77
if a.fault == "classes":
    y[9] = 2
xt, yt, xv, yv = x[: a.sequences], y[: a.sequences], x[a.sequences :], y[a.sequences :]


class Counter(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(6, a.units)
        self.gru = nn.GRU(a.units if a.fault != "input-size" else a.units + 4, a.units, batch_first=True)
        self.drop = nn.Dropout(a.drop)
        self.out = nn.Linear(a.units, 2)

    def forward(self, ids):
        hidden, _ = self.gru(self.embed(ids))
        return self.out(self.drop(hidden[:, -1]))


net = Counter()
if a.fault == "checkpoint":
    net.load_state_dict({k: v[..., :3] for k, v in net.state_dict().items()})
if a.fault == "symmetric":
    for w in net.parameters():
        nn.init.zeros_(w)
opt = getattr(torch.optim, a.optim)(net.parameters(), lr=a.lr)
best, waited, began = float("inf"), 0, time.time()
for e in range(1, a.max_epochs + 1):
    if a.cycle:
        for g in opt.param_groups:
            g["lr"] = a.lr * (1.0 - (e - 1) % a.cycle / a.cycle)
    net.train()
    total = 0.0
    for i in torch.randperm(len(xt)).split(50):
        loss = nn.functional.cross_entropy(net(xt[i]), yt[i])
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item() * len(i)
    net.eval()
    with torch.no_grad():
        out = net(xv)
        vl, va = nn.functional.cross_entropy(out, yv).item(), (out.argmax(1) == yv).float().mean().item()
    print(a.style.format(e=e, tl=total / len(xt), vl=vl, va=va, s=time.time() - began), flush=True)
    if a.fault == "wait" and e == 2:
        time.sleep(1000)
    if a.fault == "crawl":
        time.sleep(0.6)
    waited = 0 if vl < best else waited + 1
    best = min(best, vl)
    if a.patience and waited >= a.patience:
        print(f"no improvement for {waited} epochs, stopping early", file=sys.stderr)
        break
