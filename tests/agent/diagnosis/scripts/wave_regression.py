"""A torch net that regresses a noisy wave; plain prints every few steps. `--fault` breaks it in a known way."""

import argparse

import torch
from torch import nn

parser = argparse.ArgumentParser()
parser.add_argument("--learning_rate", type=float, default=1e-2)
parser.add_argument("--steps", type=int, default=600)
parser.add_argument("--width", type=int, default=32)
parser.add_argument("--layers", type=int, default=2)
parser.add_argument("--noise", type=float, default=0.1)
parser.add_argument("--points", type=int, default=400)
parser.add_argument("--momentum", type=float, default=0.0)
parser.add_argument("--seed", type=int, default=0)
parser.add_argument("--every", type=int, default=10)
parser.add_argument("--fault", default="")
args = parser.parse_args()

torch.manual_seed(args.seed)
torch.set_num_threads(1)
x = torch.rand(args.points + 200, 1) * 6 - 3
y = torch.sin(2 * x) + args.noise * torch.randn_like(x)
xt, yt, xv, yv = x[: args.points], y[: args.points], x[args.points :], y[args.points :]
layers = [nn.Linear(1, args.width), nn.Tanh()]
for _ in range(args.layers - 1):
    layers += [nn.Linear(args.width, args.width), nn.Tanh()]
model = nn.Sequential(*layers, nn.Linear(args.width, 1))
parameters = [nn.Parameter(torch.zeros(1))] if args.fault == "frozen" else list(model.parameters())
kind = torch.optim.SGD if args.momentum else torch.optim.Adam
extra = {"momentum": args.momentum} if args.momentum else {}
optimizer = kind(parameters, lr=args.learning_rate, **extra)
if args.fault == "reshape":
    yt = yt.view(20, -1)[:, :7].reshape(7, -1)

for step in range(1, args.steps + 1):
    batch = torch.randint(len(xt), (64,))
    loss = (model(xt[batch]) - yt[batch]).pow(2).mean()
    if args.fault == "spike" and step == int(0.6 * args.steps):
        loss = loss * 1e6
    if args.fault == "nan-late" and step == int(0.5 * args.steps):
        loss = (loss - loss).log()
    optimizer.zero_grad()
    loss.backward() if args.fault != "frozen" else None
    norm = nn.utils.clip_grad_norm_(model.parameters(), float("inf")) if args.fault != "frozen" else torch.zeros(())
    optimizer.step()
    if step % args.every == 0:
        with torch.no_grad():
            val = (model(xv) - yv).pow(2).mean()
        print(f"step {step} loss={loss.item():.5f} grad_norm={norm.item():.4f} val_mse={val.item():.5f}", flush=True)
