"""Dropout of several trials at once, each with the very random numbers its own run would draw."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

Place = Any  # an index into one trial's part of a tensor


class Noise:
    """A generator and a probability a trial, in the order of a step's rows.

    On a CPU the numbers are those torch's own dropout draws, shape by shape. On a GPU torch draws them in another
    way, so that there a trial's dropout is as random as in its own run, and another.
    """

    def __init__(self, generators: Sequence[torch.Generator], dropout_K: Sequence[float]) -> None:
        self._generators, self._dropout_K = generators, dropout_K
        self.silent = not any(dropout_K)

    def drop(self, x_K: Tensor, places: Sequence[Place]) -> Tensor:
        """`x_K` with some elements zero and the others scaled up. Only those at a trial's place are drawn for: the
        rest is padding its own run does not have."""
        if self.silent:
            return x_K
        scale_K = torch.ones_like(x_K)
        for scale, place, generator, dropout in zip(scale_K, places, self._generators, self._dropout_K, strict=True):
            if dropout:
                drawn = torch.empty(scale[place].shape, device=x_K.device)
                scale[place] = drawn.bernoulli_(1 - dropout, generator=generator).div_(1 - dropout)
        return x_K * scale_K
