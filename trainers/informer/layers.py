"""Embedding, distilling and feed-forward layers, each a matrix product over rows (batch, time)."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
import torch.nn.functional as F  # noqa: N812 (its usual name)
from torch import Tensor, nn

from trainers.informer.attention import Attention
from trainers.informer.dropout import Dropout
from trainers.informer.pooling import max_pool

ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {"gelu": F.gelu, "relu": F.relu}


def neighbours(x_BLC: Tensor) -> Tensor:
    """Each row between its neighbours, ends joined: (B, L, 3C). A circular convolution of width 3 is a Linear of it."""
    return torch.cat([x_BLC.roll(1, 1), x_BLC, x_BLC.roll(-1, 1)], -1)


def sinusoids(length: int, d_model: int) -> Tensor:
    """Fixed position embeddings (Vaswani et al., 2017)."""
    place_L1 = torch.arange(length, dtype=torch.float32)[:, None]
    rate_D = torch.exp(torch.arange(0, d_model, 2, dtype=torch.float32) * (-math.log(10_000.0) / d_model))
    table_LD = torch.zeros(length, d_model)
    table_LD[:, 0::2] = torch.sin(place_L1 * rate_D)
    table_LD[:, 1::2] = torch.cos(place_L1 * rate_D[: d_model // 2])
    return table_LD


class Embedding(nn.Module):
    """Values by a circular convolution of width 3, time features by a linear map, and the position: one product."""

    def __init__(self, channels: int, features: int, longest: int, d_model: int, dropout: float) -> None:
        super().__init__()
        self.mix = nn.Linear(3 * channels + features, d_model)
        nn.init.kaiming_normal_(self.mix.weight[:, : 3 * channels], nonlinearity="leaky_relu")
        self.register_buffer("position_LD", sinusoids(longest, d_model), persistent=False)
        self.position_LD: Tensor
        self.drop = Dropout(dropout)

    def forward(self, x_BLC: Tensor, time_BLF: Tensor) -> Tensor:
        mixed_BLD = self.mix(torch.cat([neighbours(x_BLC), time_BLF], -1))
        embedded_BLD: Tensor = self.drop(mixed_BLD + self.position_LD[: x_BLC.shape[1]].to(mixed_BLD.dtype))
        return embedded_BLD


class Distil(nn.Module):
    """Halves the length: circular convolution of width 3, ELU, max pooling of width 3 and stride 2.

    ELU rises everywhere, so it may follow the pooling, on half the rows.
    """

    def __init__(self, d_model: int) -> None:
        super().__init__()
        self.mix = nn.Linear(3 * d_model, d_model)

    def forward(self, x_BLD: Tensor) -> Tensor:
        y_BLD = self.mix(neighbours(x_BLD))
        return F.elu(max_pool(y_BLD))


class Feed(nn.Module):
    """The feed-forward layer."""

    def __init__(self, d_model: int, d_ff: int, activation: str, dropout: float) -> None:
        super().__init__()
        self.widen, self.narrow = nn.Linear(d_model, d_ff), nn.Linear(d_ff, d_model)
        self.activation = ACTIVATIONS[activation]
        self.drop = Dropout(dropout)

    def forward(self, x_BLD: Tensor) -> Tensor:
        y_BLD: Tensor = self.drop(self.narrow(self.drop(self.activation(self.widen(x_BLD)))))
        return y_BLD


class Layer(nn.Module):
    """Attention to itself, to a memory where it `crosses`, and a feed-forward layer; each is added, then normalised."""

    def __init__(
        self, d_model: int, heads: int, d_ff: int, factor: int, activation: str, dropout: float, *, crosses: bool
    ) -> None:
        super().__init__()
        self.own = Attention(d_model, heads, factor, dropout)
        self.cross = Attention(d_model, heads, 0, dropout) if crosses else None
        self.feed = Feed(d_model, d_ff, activation, dropout)
        self.norms = nn.ModuleList(nn.LayerNorm(d_model) for _ in range(3 if crosses else 2))
        self.drop = Dropout(dropout)

    def forward(self, x_BLD: Tensor, memory_BSD: Tensor | None = None, *, last: int | None = None) -> Tensor:
        """The `last` positions, all without it; what crosses is a decoder's, where no position sees a later one."""
        kept_BLD = x_BLD if last is None else x_BLD[:, -last:]
        y_BLD = self.norms[0](kept_BLD + self.drop(self.own(x_BLD, x_BLD, causal=self.cross is not None, last=last)))
        if self.cross is not None:
            y_BLD = self.norms[1](y_BLD + self.drop(self.cross(y_BLD, memory_BSD)))
        out_BLD: Tensor = self.norms[-1](y_BLD + self.feed(y_BLD))
        return out_BLD
