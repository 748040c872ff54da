"""Dropout (Srivastava et al., 2014) that costs little on a CPU, where torch draws one float for every element."""

from __future__ import annotations

import torch
import torch.nn.functional as F  # noqa: N812 (its usual name)
from torch import Tensor, nn

_LEVELS = 1 << 16  # a draw of 64 bits decides over four elements, 16 bits each


class Dropout(nn.Module):
    """`nn.Dropout`, with the rate to the nearest 2⁻¹⁶ on a CPU."""

    def __init__(self, rate: float) -> None:
        super().__init__()
        self.rate = rate

    def forward(self, x: Tensor) -> Tensor:
        if not self.training or self.rate == 0.0:
            return x
        if x.device.type != "cpu":
            return F.dropout(x, self.rate)
        return x * mask(x, self.rate)


def mask(x: Tensor, rate: float, generator: torch.Generator | None = None) -> Tensor:
    """What to multiply `x` by: 0 for what is dropped, and what is above 1 for the rest."""
    if x.device.type != "cpu":
        return torch.empty_like(x).bernoulli_(1 - rate, generator=generator).div_(1 - rate)
    dropped = round(rate * _LEVELS)
    draw = torch.empty((x.numel() + 3) // 4, dtype=torch.int64).random_(-(1 << 63), None, generator=generator)
    kept = draw.view(torch.int16)[: x.numel()].view(x.shape) >= dropped - _LEVELS // 2
    return kept.to(x.dtype).mul_(_LEVELS / (_LEVELS - dropped))
