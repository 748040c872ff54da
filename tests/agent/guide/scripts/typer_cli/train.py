"""A tiny transformer that learns to reverse sequences of digits; a typer command."""

from enum import Enum
from pathlib import Path
from typing import Annotated

import torch
import typer
from torch import nn

VOCABULARY, START = 11, 10


class Schedule(str, Enum):
    constant = "constant"
    cosine = "cosine"
    one_cycle = "one-cycle"


class Reverser(nn.Module):
    def __init__(self, d_model, n_heads, n_layers, dropout, length):
        super().__init__()
        self.embed = nn.Embedding(VOCABULARY, d_model)
        self.position = nn.Parameter(0.02 * torch.randn(2 * length, d_model))
        layer = nn.TransformerEncoderLayer(d_model, n_heads, 4 * d_model, dropout, batch_first=True)
        self.layers = nn.TransformerEncoder(layer, n_layers, enable_nested_tensor=False)
        self.head = nn.Linear(d_model, VOCABULARY)

    def forward(self, tokens):
        mask = nn.Transformer.generate_square_subsequent_mask(tokens.shape[1])
        return self.head(self.layers(self.embed(tokens) + self.position[: tokens.shape[1]], mask, is_causal=True))


def examples(n, length, generator):
    digits = torch.randint(0, 10, (n, length), generator=generator)
    return torch.cat([digits, torch.full((n, 1), START), digits.flip(1)], 1)


def schedule_of(kind, optimizer, steps, lr):
    if kind is Schedule.cosine:
        return torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    if kind is Schedule.one_cycle:
        return torch.optim.lr_scheduler.OneCycleLR(optimizer, lr, steps)
    return torch.optim.lr_scheduler.ConstantLR(optimizer, 1.0)


def main(
    lr: Annotated[float, typer.Option(help="Peak learning rate")] = 2e-3,
    d_model: Annotated[int, typer.Option("--d-model", "-d", min=8, max=512)] = 32,
    n_heads: int = 4,
    n_layers: int = 2,
    dropout: float = typer.Option(0.0, min=0.0, max=0.9),
    weight_decay: float = 0.01,
    beta2: Annotated[float, typer.Option("--beta2", help="second beta of AdamW")] = 0.98,
    schedule: Schedule = Schedule.cosine,
    pre_clip: float | None = None,
    batch_size: int = 64,
    steps: int = 250,
    length: int = 6,
    save_to: Path | None = None,
    progress: bool = True,
):
    """Trains on fresh examples; prints the share of sequences that are reversed without a mistake."""
    torch.manual_seed(0)
    generator = torch.Generator().manual_seed(0)
    validation = examples(200, length, torch.Generator().manual_seed(1))
    model = Reverser(d_model, n_heads, n_layers, dropout, length)
    optimizer = torch.optim.AdamW(model.parameters(), lr=lr, betas=(0.9, beta2), weight_decay=weight_decay)
    scheduler = schedule_of(schedule, optimizer, steps, lr)
    for step in range(1, steps + 1):
        model.train()
        batch = examples(batch_size, length, generator)
        logits = model(batch[:, :-1])[:, length:]
        loss = nn.functional.cross_entropy(logits.flatten(0, 1), batch[:, length + 1 :].flatten())
        optimizer.zero_grad()
        loss.backward()
        if pre_clip is not None:
            nn.utils.clip_grad_norm_(model.parameters(), pre_clip)
        optimizer.step()
        scheduler.step()
        if progress and step % 25 == 0:
            model.eval()
            with torch.no_grad():
                logits = model(validation[:, :-1])[:, length:]
            right = logits.argmax(2) == validation[:, length + 1 :]
            val = nn.functional.cross_entropy(logits.flatten(0, 1), validation[:, length + 1 :].flatten())
            typer.echo(
                f"step {step}/{steps}: loss {loss.item():.4f}, val loss {val.item():.4f}, "
                f"token accuracy {right.float().mean().item():.3f}, exact match {right.all(1).float().mean().item():.3f}"
            )
    if save_to is not None:
        torch.save(model.state_dict(), save_to)


if __name__ == "__main__":
    typer.run(main)
