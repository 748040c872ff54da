"""A small transformer that reverses strings: whole strings are right only after a long time at zero."""

import argparse

import torch
from torch import nn

p = argparse.ArgumentParser()
p.add_argument("--lr", type=float, required=True)
p.add_argument("--d-model", type=int, default=32)
p.add_argument("--layers", type=int, default=1)
p.add_argument("--heads", type=int, default=4)
p.add_argument("--warmup", type=int, default=40)
p.add_argument("--train-steps", type=int, default=500)
p.add_argument("--length", type=int, default=6)
p.add_argument("--label-smoothing", type=float, default=0.0)
p.add_argument("--seed", type=int, default=0)
a = p.parse_args()
torch.manual_seed(a.seed)
torch.set_num_threads(1)
symbols = 8
embed, place = nn.Embedding(symbols, a.d_model), nn.Parameter(torch.randn(a.length, a.d_model) * 0.3)
layer = nn.TransformerEncoderLayer(a.d_model, a.heads, 2 * a.d_model, dropout=0.0, batch_first=True)
body, head = nn.TransformerEncoder(layer, a.layers, enable_nested_tensor=False), nn.Linear(a.d_model, symbols)
params = [*embed.parameters(), place, *body.parameters(), *head.parameters()]
optimizer = torch.optim.AdamW(params, lr=a.lr, weight_decay=0.01)
held = torch.randint(symbols, (200, a.length))
for step in range(1, a.train_steps + 1):
    for group in optimizer.param_groups:
        group["lr"] = a.lr * min(1.0, step / a.warmup)
    x = torch.randint(symbols, (32, a.length))
    out = head(body(embed(x) + place))
    loss = nn.functional.cross_entropy(out.flatten(0, 1), x.flip(1).flatten(), label_smoothing=a.label_smoothing)
    optimizer.zero_grad()
    loss.backward()
    norm = nn.utils.clip_grad_norm_(params, 1.0)
    optimizer.step()
    if step % 10 == 0:
        with torch.no_grad():
            right = head(body(embed(held) + place)).argmax(2) == held.flip(1)
        print(
            f"{step} | ce {loss.item():.4f} | gnorm {norm.item():.3f} | token_acc {right.float().mean():.4f} | exact_match {right.all(1).float().mean():.4f}",
            flush=True,
        )
