"""An autoencoder for digits; a line a batch with its gradient norm, a line an epoch with validation."""

import argparse

import torch
from sklearn.datasets import load_digits
from torch import nn

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--base_lr", type=float, default=1e-3)
parser.add_argument("--num_epochs", type=int, default=8)
parser.add_argument("--bottleneck_dim", type=int, default=12)
parser.add_argument("--train_batch_size", type=int, default=64)
parser.add_argument("--solver", choices=("adam", "sgd", "rmsprop"), default="adam")
parser.add_argument("--fault", default="")
args = parser.parse_args()
torch.manual_seed(31)
torch.set_num_threads(1)
x = torch.tensor(load_digits().data / 16.0, dtype=torch.float32)
train, valid = x[:1300], x[1300:]
out = 60 if args.fault == "output" else 64
encoder = nn.Sequential(nn.Linear(64, 48), nn.ReLU(), nn.Linear(48, args.bottleneck_dim), nn.ReLU())
decoder = nn.Sequential(nn.Linear(args.bottleneck_dim, 48), nn.ReLU(), nn.Linear(48, out), nn.Sigmoid())
model = nn.Sequential(encoder, decoder)
if args.fault == "dead":
    nn.init.constant_(encoder[2].bias, -50.0)
    nn.init.constant_(decoder[3 - 1].bias, -60.0)
    nn.init.zeros_(decoder[2].weight)
kinds = {"adam": torch.optim.Adam, "sgd": torch.optim.SGD, "rmsprop": torch.optim.RMSprop}
optimizer = kinds[args.solver](model.parameters(), lr=args.base_lr)
huge = []
step = 0
for epoch in range(args.num_epochs):
    for batch in torch.utils.data.DataLoader(train, args.train_batch_size, shuffle=True):
        if args.fault == "bytes":
            batch = (batch * 16).to(torch.uint8)
        loss = nn.functional.mse_loss(model(batch), batch)
        if args.fault == "log":
            loss = loss + (loss - 0.052).clamp(min=0.0).log() * 1e-3 if epoch > 3 else loss
        optimizer.zero_grad()
        loss.backward()
        norm = nn.utils.clip_grad_norm_(model.parameters(), 1e9)
        optimizer.step()
        step += 1
        if args.fault == "grow":
            huge.append(torch.ones(12_000_000))
        print(f"step={step} train_loss_step={loss.item():.6f} grad_norm={norm.item():.3e}", flush=True)
    with torch.no_grad():
        print(f"epoch={epoch} step={step} val_loss_epoch={nn.functional.mse_loss(model(valid), valid).item():.6f}")
