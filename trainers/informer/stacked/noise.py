"""The random numbers of several trials at once, each the very ones its own run would draw."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from trainers.informer.dropout import mask


class Noise:
    """What the layers of a stack draw from. `rows` of a trial's part of the batch are its own, the rest is padding.

    On a GPU torch's own dropout draws in another way: there a trial's is as random as in its own run, and another.
    """

    def __init__(self) -> None:
        self.generators: Sequence[torch.Generator] = ()
        self.rates: Sequence[float] = ()
        self.rows: Sequence[int] = ()

    def set(self, generators: Sequence[torch.Generator], rates: Sequence[float], rows: Sequence[int]) -> None:
        """For the next step: a trial's generator, its rate of dropout and the size of its batch."""
        self.generators, self.rates, self.rows = generators, rates, rows

    def drop(self, x: Tensor) -> Tensor:
        """`x`, whose first axis is (trial, row), with some elements zero and the others scaled up."""
        if not any(self.rates):
            return x
        scale = torch.ones_like(x)
        parts = zip(scale.chunk(len(self.rates)), self.rates, self.rows, self.generators, strict=True)
        for part, rate, rows, generator in parts:
            if rate:
                part[:rows] = mask(part[:rows], rate, generator)
        return x * scale

    def sample(self, count: int, sampled: int, keys: int, device: torch.device) -> Tensor:
        """Each trial's sampled keys, for each row of its batch: as `attention.sample`, with (trial, row) and a head of
        one before."""
        drawn = [torch.randint(keys, (count, sampled), generator=g, device=device) for g in self.generators]
        return torch.stack(drawn).repeat_interleave(max(self.rows), 0)[:, None]
