"""Disease progression a year after the baseline (diabetes data), configured with Hydra.

python train.py optim=sgd optim.lr=0.05 model.hidden=128
"""

import sys
from pathlib import Path
from types import SimpleNamespace

import torch
from sklearn.datasets import load_diabetes
from torch import nn

try:
    import hydra
except ImportError:  # the same key=value overrides, read by hand
    from overrides import hydra

ACTIVATIONS = {"relu": nn.ReLU, "gelu": nn.GELU, "tanh": nn.Tanh}


def build_model(cfg, inputs):
    if cfg.kind == "linear":
        return nn.Linear(inputs, 1)
    layers = []
    for _ in range(cfg.depth):
        layers += [nn.Linear(inputs, cfg.hidden), ACTIVATIONS[cfg.activation](), nn.Dropout(cfg.dropout)]
        inputs = cfg.hidden
    return nn.Sequential(*layers, nn.Linear(inputs, 1))


def build_optimizer(cfg, parameters):
    if cfg.name == "sgd":
        return torch.optim.SGD(parameters, lr=float(cfg.lr), momentum=cfg.momentum, weight_decay=cfg.weight_decay)
    return torch.optim.AdamW(parameters, lr=float(cfg.lr), betas=tuple(cfg.betas), weight_decay=cfg.weight_decay)


def prepare(cfg):
    x, y = load_diabetes(return_X_y=True)
    generator = torch.Generator().manual_seed(0)
    order = torch.randperm(len(y), generator=generator)
    x, y = torch.tensor(x).float()[order] * 20, torch.tensor(y).float()[order]
    y = (y - y.mean()) / y.std()
    n = int(len(y) * cfg.val_fraction)
    noisy = x[n:] + cfg.noise * torch.randn(x[n:].shape, generator=generator)
    return SimpleNamespace(x=noisy, y=y[n:, None], x_val=x[:n], y_val=y[:n, None])


@hydra.main(version_base=None, config_path="conf", config_name="config")
def main(cfg):
    torch.manual_seed(cfg.seed)
    data = prepare(cfg.data)
    model = build_model(cfg.model, data.x.shape[1])
    optimizer = build_optimizer(cfg.optim, model.parameters())
    for epoch in range(cfg.training.epochs):
        model.train()
        for batch in torch.randperm(len(data.y)).split(cfg.training.batch_size):
            loss = nn.functional.mse_loss(model(data.x[batch]), data.y[batch])
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), cfg.training.grad_clip)
            optimizer.step()
        model.eval()
        with torch.no_grad():
            val = nn.functional.mse_loss(model(data.x_val), data.y_val)
        print(f"[train][INFO] - epoch={epoch} train/mse={loss.item():.5f} val/mse={val.item():.5f}")
    folder = Path(cfg.output_dir)
    print(f"finished {cfg.experiment}, results belong in {folder}", file=sys.stderr)


if __name__ == "__main__":
    main()
