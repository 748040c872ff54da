"""A recurrent network learns to add the marked numbers of a sequence (the adding problem)."""

import argparse
import json
import sys

import torch
from torch import nn


class Adder(nn.Module):
    def __init__(self, cell, hidden_size):
        super().__init__()
        kind = {"gru": nn.GRU, "lstm": nn.LSTM, "rnn": nn.RNN}[cell]
        self.rnn = kind(2, hidden_size, batch_first=True)
        self.head = nn.Linear(hidden_size, 1)

    def forward(self, x):
        return self.head(self.rnn(x)[0][:, -1])


def batch(size, length, generator):
    numbers = torch.rand(size, length, generator=generator)
    marks = torch.zeros(size, length)
    first = torch.randint(0, length // 2, (size,), generator=generator)
    second = torch.randint(length // 2, length, (size,), generator=generator)
    marks[torch.arange(size), first] = 1
    marks[torch.arange(size), second] = 1
    return torch.stack([numbers, marks], 2), (numbers * marks).sum(1, keepdim=True)


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--lr", type=float, required=True)
    ap.add_argument("--hidden-size", type=int, required=True)
    ap.add_argument("--batch-size", type=int, default=32)
    ap.add_argument("--steps", type=int, default=300)
    ap.add_argument("--seq-len", type=int, default=12)
    ap.add_argument("--cell", choices=["rnn", "gru", "lstm"], default="gru")
    ap.add_argument("--clip", type=float, default=1.0, help="gradient clipping norm")
    ap.add_argument("--eval-every", type=int, default=50)
    ap.add_argument("--out", default="runs")
    args = ap.parse_args()

    torch.manual_seed(0)
    generator = torch.Generator().manual_seed(0)
    x_val, y_val = batch(256, args.seq_len, torch.Generator().manual_seed(1))
    model = Adder(args.cell, args.hidden_size)
    optimizer = torch.optim.Adam(model.parameters(), lr=args.lr)
    print(f"writing to {args.out}", file=sys.stderr)
    for step in range(1, args.steps + 1):
        x, y = batch(args.batch_size, args.seq_len, generator)
        loss = nn.functional.mse_loss(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), args.clip)
        optimizer.step()
        if step % args.eval_every == 0 or step == args.steps:
            with torch.no_grad():
                val = nn.functional.mse_loss(model(x_val), y_val).item()
            print(json.dumps({"step": step, "train_mse": loss.item(), "val_mse": val}), flush=True)


if __name__ == "__main__":
    main()
