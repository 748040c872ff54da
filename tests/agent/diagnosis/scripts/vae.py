"""A variational autoencoder on digits; the weight of its KL term is warmed up, so the training loss may rise."""

import json
import os
import sys
from pathlib import Path

import torch
from sklearn.datasets import load_digits
from torch import nn

config, fault = json.loads(Path(os.environ["TUNEWRIGHT_CONFIG"]).read_text()), set(sys.argv[1:])
rate, latent, hidden, epochs, beta = (config[k] for k in ("lr", "latent_dim", "hidden", "epochs", "beta"))
torch.manual_seed(config.get("seed", 5))
torch.set_num_threads(1)
x = torch.tensor(load_digits().data, dtype=torch.float32) / 16
if "nan" in fault:
    x[40, 3] = float("nan")
if "ints" in fault:
    x = (x * 16).long()
train, valid = x[:1400], x[1400:]
encoder = nn.Sequential(nn.Linear(64, hidden), nn.ReLU(), nn.Linear(hidden, 2 * latent))
decoder = nn.Sequential(nn.Linear(latent + ("wide" in fault), hidden), nn.ReLU(), nn.Linear(hidden, 64))
optimizer = torch.optim.Adam([*encoder.parameters(), *decoder.parameters()], lr=rate)


def terms(batch):
    mean, log_var = encoder(batch).chunk(2, 1)
    z = mean + torch.randn_like(mean) * (0.5 * log_var).exp()
    recon = nn.functional.binary_cross_entropy_with_logits(decoder(z), batch, reduction="none").sum(1).mean()
    return recon, 0.5 * (mean**2 + log_var.exp() - 1 - log_var).sum(1).mean()


for epoch in range(1, epochs + 1):
    weight = beta * min(1.0, epoch / (0.5 * epochs)) if "warm" in fault else beta
    total = 0.0
    for batch in train[torch.randperm(len(train))].split(100):
        recon, kl = terms(batch)
        loss = recon + weight * kl
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item() * len(batch) / len(train)
    with torch.no_grad():
        r, k = terms(valid)
    print(json.dumps({"step": epoch, "train_loss": total, "kl": k.item(), "val_elbo": -(r + k).item()}), flush=True)
