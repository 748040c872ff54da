"""A network that tells two spirals apart; scalars go to TensorBoard event files, a bar to stderr."""

import argparse
import math
import os
import signal
import sys

import torch
from torch import nn
from torch.utils.tensorboard import SummaryWriter

parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, required=True)
parser.add_argument("--depth", type=int, default=2)
parser.add_argument("--units", type=int, default=32)
parser.add_argument("--iterations", type=int, default=400)
parser.add_argument("--points", type=int, default=400)
parser.add_argument("--jitter", type=float, default=0.05)
parser.add_argument("--fault", default="")
parser.add_argument("--optimizer", default="Adam")
args = parser.parse_args()
torch.manual_seed(2)
torch.set_num_threads(1)


def spirals(count):
    turn = torch.rand(count) * 2.5 * math.pi + 0.5
    arm = torch.randint(0, 2, (count,))
    angle = turn + arm * math.pi
    points = torch.stack([turn * angle.cos(), turn * angle.sin()], 1) / 8 + args.jitter * torch.randn(count, 2)
    return points, arm


(xt, yt), (xv, yv) = spirals(args.points), spirals(400)
act = nn.Tanh if args.fault != "saturated" else nn.Sigmoid
layers = [nn.Linear(2, args.units), act()]
for _ in range(args.depth - 1):
    layers += [nn.Linear(args.units, args.units), act()]
net = nn.Sequential(*layers, nn.Linear(args.units, 2))
if args.fault == "saturated":
    with torch.no_grad():
        for weights in net.parameters():
            weights.mul_(1e4) if weights is not net[-1].weight else weights.zero_()
        net[-1].bias.zero_()
    net[-1].weight.requires_grad_(False)
    net[-1].bias.requires_grad_(False)
if args.fault == "missing-weights":
    net.load_state_dict(torch.load("pretrained/spirals.pt"))
optimizer = getattr(torch.optim, args.optimizer)([p for p in net.parameters() if p.requires_grad], lr=args.lr)
with SummaryWriter("events") as board:
    for n in range(args.iterations):
        loss = nn.functional.cross_entropy(net(xt), yt)
        if args.fault == "kick" and n == int(0.65 * args.iterations):
            loss = loss * 1e7
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if n % 10 == 0:
            with torch.no_grad():
                out = net(xv)
            board.add_scalar("Loss/train", loss.item(), n)
            board.add_scalar("Loss/valid", nn.functional.cross_entropy(out, yv).item(), n)
            if args.fault != "no-score":
                board.add_scalar("Accuracy/valid", (out.argmax(1) == yv).float().mean().item(), n)
            done = n * 20 // args.iterations
            print(f"\r{'#' * done}{'.' * (20 - done)} {n}/{args.iterations}", end="", file=sys.stderr)
        if args.fault == "interrupt" and n == 120:
            os.kill(os.getpid(), signal.SIGINT)
        if args.fault == "recursion" and n == 50:
            (lambda f: f(f))(lambda f: f(f))
