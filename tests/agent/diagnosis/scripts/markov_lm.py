"""An LSTM language model of a random Markov chain, whose entropy no model gets below; warm-up, then cosine decay."""

import argparse
import math

import torch
from torch import nn

p = argparse.ArgumentParser()
p.add_argument("--peak-lr", type=float, required=True)
p.add_argument("--hidden-size", type=int, default=48)
p.add_argument("--total-steps", type=int, default=240)
p.add_argument("--warmup-steps", type=int, default=30)
p.add_argument("--drop-rate", type=float, default=0.0)
p.add_argument("--corpus", type=int, default=12000)
p.add_argument("--sharpness", type=float, default=1.0)
p.add_argument("--optim", default="AdamW")
p.add_argument("--fault", default="")
p.add_argument("--seed", type=int, default=13)
a = p.parse_args()
torch.manual_seed(a.seed)
torch.set_num_threads(1)
size = 24
move = torch.softmax(torch.randn(size, size) * a.sharpness * 1.5, 1)


def walk(length):
    state, out = 0, []
    for u in torch.rand(length).tolist():
        state = int(torch.searchsorted(rows[state], torch.tensor(u)).clamp(max=size - 1))
        out.append(state)
    return torch.tensor(out)


rows = move.cumsum(1)
train, valid = walk(a.corpus), walk(2000)
embed, lstm, head = nn.Embedding(size, 16), nn.LSTM(16, a.hidden_size, batch_first=True), nn.Linear(a.hidden_size, size)
drop = nn.Dropout(a.drop_rate)
params = [*embed.parameters(), *lstm.parameters(), *head.parameters()]
if a.fault == "frozen":
    for q in params[:-2]:
        q.requires_grad_(False)
    params = [nn.Parameter(torch.zeros(3))]
optimizer = getattr(torch.optim, a.optim)(params, lr=a.peak_lr)
scale = lambda s: min((s + 1) / max(a.warmup_steps, 1), 0.5 * (1 + math.cos(math.pi * s / a.total_steps)))  # noqa: E731
schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, scale)
hoard = []


def nll(tokens):
    out = head(drop(lstm(embed(tokens[:, :-1]))[0]))
    return nn.functional.cross_entropy(out.flatten(0, 1), tokens[:, 1:].flatten())


for step in range(1, a.total_steps + 1):
    at = torch.randint(len(train) - 33, (16,))
    loss = nll(torch.stack([train[i : i + 33] for i in at]))
    optimizer.zero_grad()
    loss.backward() if a.fault != "frozen" else None
    optimizer.step()
    schedule.step()
    if a.fault == "hoard":
        hoard.append(torch.ones(4_000_000))
    if step % 5 == 0:
        print(f"step={step} train_loss={loss.item():.4f} lr={schedule.get_last_lr()[0]:.2e}", flush=True)
    if step % 40 == 0:
        lstm.eval(), drop.eval()
        with torch.no_grad():
            v = nll(valid[: 33 * 60].view(60, 33)).item()
        drop.train()
        print(f"step={step} val_loss={v:.4f} val_ppl={math.exp(v):.3f}", flush=True)
