"""Poisson regression of counts by L-BFGS or gradient descent; the loss leaves out a constant and is negative."""

import argparse

import torch

p = argparse.ArgumentParser()
p.add_argument("--lr", type=float, required=True)
p.add_argument("--l2", type=float, default=0.0)
p.add_argument("--iters", type=int, default=40)
p.add_argument("--solver", default="lbfgs", choices=["lbfgs", "gd"])
p.add_argument("--rows", type=int, default=500)
p.add_argument("--metric", default="valid_nll")
p.add_argument("--fault", default="")
a = p.parse_args()
torch.manual_seed(10)
torch.set_num_threads(1)
x = torch.randn(a.rows + 300, 8)
truth = torch.randn(8) * 0.35
y = torch.poisson((x @ truth + 1.5).exp())
if a.fault == "missing-counts":
    y[7] = torch.nan
if a.fault == "columns":
    x = x[:, :7]
    truth = torch.zeros(8)
w, b = torch.zeros(8, requires_grad=True), torch.zeros((), requires_grad=True)
xt, yt, xv, yv = x[: a.rows], y[: a.rows], x[a.rows :], y[a.rows :]


def nll(features, counts):
    eta = features @ w + b
    return (eta.exp() - counts * eta).mean()


solver = torch.optim.LBFGS([w, b], lr=a.lr, max_iter=1) if a.solver == "lbfgs" else torch.optim.SGD([w, b], lr=a.lr)


def closure():
    solver.zero_grad()
    loss = nll(xt, yt) + a.l2 * (w @ w)
    loss.backward()
    return loss


for i in range(a.iters):
    loss = solver.step(closure)
    with torch.no_grad():
        print(f"iter={i} train_nll={loss.item():.6f} {a.metric}={nll(xv, yv).item():.6f}", flush=True)
