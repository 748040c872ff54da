"""The architectures by name."""

from __future__ import annotations

import torch

from trainers.bracket.architecture import Architecture
from trainers.bracket.attention import BERT, GPT, Transformer
from trainers.bracket.recurrent import GRU, LSTM
from trainers.space import Config

ARCHITECTURES: dict[str, type[Architecture]] = {
    "gru": GRU,
    "lstm": LSTM,
    "transformer": Transformer,
    "bert": BERT,
    "gpt": GPT,
}


def build(architecture: str, config: Config, device: str) -> Architecture:
    """An untrained model. Of `config` it takes what its class does not share with training itself."""
    shape = {name: value for name, value in config.items() if name not in ("epochs", "batch_size", "lr")}
    return ARCHITECTURES[architecture](**shape).to(torch.device(device))
