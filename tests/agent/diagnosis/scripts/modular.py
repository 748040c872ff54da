"""Addition modulo a prime, learned by heart first and understood much later; weight decay does it."""

import json
import os
import sys
from pathlib import Path

import torch
from torch import nn

config, flags = json.loads(Path(os.environ["TUNEWRIGHT_CONFIG"]).read_text()), set(sys.argv[1:])
rate, decay, width, steps = (config[k] for k in ("lr", "weight_decay", "width", "max_steps"))
torch.manual_seed(config.get("seed", 1))
torch.set_num_threads(1)
prime = 17
pairs = torch.cartesian_prod(torch.arange(prime), torch.arange(prime))
pairs = pairs[torch.randperm(len(pairs))]
target = pairs.sum(1) % prime
cut = int((0.85 if "most" in flags else 0.7) * len(pairs))
if "float" in flags:
    pairs = pairs.float()
if "modulus" in flags:
    target = target + 1
embed = nn.Embedding(prime, width)
head = nn.Sequential(nn.Linear(2 * width, 4 * width), nn.ReLU(), nn.Linear(4 * width, prime))
model = nn.Sequential(embed, nn.Flatten(), head)
if "sleeping" in flags:
    nn.init.constant_(head[0].bias, -30.0)
optimizer = torch.optim.AdamW(model.parameters(), lr=rate, weight_decay=decay)
for step in range(1, steps + 1):
    logits = model(pairs[:cut])
    loss = nn.functional.cross_entropy(logits, target[:cut])
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 25 == 0:
        with torch.no_grad():
            held = model(pairs[cut:])
            line = {
                "iteration": step,
                "train/loss": loss.item(),
                "test/loss": nn.functional.cross_entropy(held, target[cut:]).item(),
                "train/accuracy": (logits.argmax(1) == target[:cut]).float().mean().item(),
                "test/accuracy": (held.argmax(1) == target[cut:]).float().mean().item(),
            }
        print(json.dumps(line), flush=True)
