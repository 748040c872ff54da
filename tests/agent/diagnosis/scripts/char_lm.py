"""A character model with attention on a small text; a line every few steps, validation now and then."""

import argparse
import ctypes
import math
import os
import sys

import torch
from torch import nn

p = argparse.ArgumentParser()
p.add_argument("--lr", type=float, default=3e-3)
p.add_argument("--max_steps", type=int, default=150)
p.add_argument("--d_model", type=int, default=32)
p.add_argument("--n_heads", type=int, default=4)
p.add_argument("--context", type=int, default=24)
p.add_argument("--batch_size", type=int, default=16)
p.add_argument("--text", type=int, default=6000)
p.add_argument("--optimizer", default="AdamW")
p.add_argument("--fault", default="")
a = p.parse_args()

torch.manual_seed(5)
torch.set_num_threads(1)
words = ["tune", "the", "model", "and", "watch", "its", "loss", "fall", "slowly", "again", "until", "night"]
picks = torch.randint(0, len(words), (a.text // 4 + 1500,)).tolist()
text = " ".join(words[i] for i in picks)
chars = sorted(set(text))
ids = torch.tensor([chars.index(c) for c in text])
train, valid = ids[: a.text], ids[-4000:]


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(len(chars), a.d_model)
        self.place = nn.Embedding(a.context, a.d_model)
        self.attend = nn.MultiheadAttention(a.d_model, a.n_heads, batch_first=True)
        self.norm = nn.LayerNorm(a.d_model)
        self.feed = nn.Sequential(nn.Linear(a.d_model, 4 * a.d_model), nn.GELU(), nn.Linear(4 * a.d_model, a.d_model))
        self.head = nn.Linear(a.d_model, len(chars))

    def forward(self, x):
        h = self.embed(x) + self.place(torch.arange(x.shape[1]))
        mask = torch.triu(torch.ones(x.shape[1], x.shape[1], dtype=torch.bool), 1)
        h = h + self.attend(h, h, h, attn_mask=mask, need_weights=False)[0]
        return self.head(h + self.feed(self.norm(h)))


def batch(source):
    i = torch.randint(0, len(source) - a.context - 1, (a.batch_size,))
    windows = torch.stack([source[j : j + a.context + 1] for j in i])
    return windows[:, :-1], windows[:, 1:]


net = Model()
opt = getattr(torch.optim, a.optimizer)(net.parameters(), lr=a.lr)
if a.fault == "dtype":
    ids = ids.float()
    train = train.float()
for step in range(1, a.max_steps + 1):
    x, y = batch(train)
    loss = nn.functional.cross_entropy(net(x).flatten(0, 1), y.flatten())
    if a.fault == "burst" and step == 105:
        loss = loss * 1e9
    opt.zero_grad()
    loss.backward()
    opt.step()
    if a.fault == "segfault" and step == 40:
        sys.stdout.flush()
        ctypes.string_at(0)
    if a.fault == "terminated" and step == 40:
        os.kill(os.getpid(), 15)
    if a.fault == "allocate" and step == 20:
        torch.empty(1 << 46, dtype=torch.uint8)
    if a.fault == "disk" and step == 20:
        raise OSError(28, "No space left on device", "checkpoint/step20.pt")
    if step % 3 == 0:
        line = f"step {step:5d} | loss {loss.item():.4f} | ppl {math.exp(min(loss.item(), 30)):.2f} | lr {a.lr:.2e}"
        if step % 15 == 0 and a.fault != "no-validation":
            with torch.no_grad():
                x, y = batch(valid)
                line += f" | val {nn.functional.cross_entropy(net(x).flatten(0, 1), y.flatten()).item():.4f}"
        print(line, flush=True)
