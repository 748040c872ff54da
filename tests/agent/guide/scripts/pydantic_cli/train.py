"""Low-rank matrix factorisation of made ratings, configured with pydantic-settings."""

from typing import Literal

import torch
from pydantic import BaseModel, Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class OptimizerSettings(BaseModel):
    name: Literal["sgd", "adam"] = "adam"
    lr: float = Field(0.02, gt=0, le=1.0, description="learning rate")
    weight_decay: float = Field(default=1e-5, ge=0)


class Settings(BaseSettings):
    model_config = SettingsConfigDict(cli_parse_args=True, cli_kebab_case=True)

    optimizer: OptimizerSettings = OptimizerSettings()
    rank: int = Field(8, ge=1, le=64, description="latent factors")
    init_scale: float = 0.1
    epochs: int = 40
    batch_size: int = 256
    dataset_path: str = "ratings.csv"
    use_bias: bool = True


def ratings(generator):
    users, items = torch.randn(120, 5, generator=generator), torch.randn(80, 5, generator=generator)
    table = users @ items.T + 0.5 * torch.randn(120, 80, generator=generator)
    order = torch.randperm(table.numel(), generator=generator)
    known = torch.stack([order // 80, order % 80], 1)
    return known[:4000], known[4000:5500], table


def main():
    settings = Settings()
    torch.manual_seed(0)
    train, val, table = ratings(torch.Generator().manual_seed(3))
    users = (settings.init_scale * torch.randn(120, settings.rank)).requires_grad_()
    items = (settings.init_scale * torch.randn(80, settings.rank)).requires_grad_()
    bias = torch.zeros(120 + 80, requires_grad=settings.use_bias)
    weights = [users, items] + ([bias] if settings.use_bias else [])
    kind = torch.optim.Adam if settings.optimizer.name == "adam" else torch.optim.SGD
    optimizer = kind(weights, lr=settings.optimizer.lr, weight_decay=settings.optimizer.weight_decay)

    def error(pairs):
        u, i = pairs[:, 0], pairs[:, 1]
        predicted = (users[u] * items[i]).sum(1) + bias[u] + bias[120 + i]
        return torch.nn.functional.mse_loss(predicted, table[u, i])

    for epoch in range(settings.epochs):
        for batch in torch.randperm(len(train)).split(settings.batch_size):
            loss = error(train[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        with torch.no_grad():
            rmse = error(val).sqrt().item()
        print(f"Epoch {epoch + 1:03d}: train MSE = {loss.item():.4f}; validation RMSE = {rmse:.4f}")


if __name__ == "__main__":
    main()
