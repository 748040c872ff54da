"""Samples as tensors on the device, dealt out in batches of like length."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from trainers.bracket.data import PAD, Samples


class Batch(NamedTuple):
    """`length_B` stays on the host, where packing wants it; the rest is on the device."""

    question_BQ: Tensor
    length_B: Tensor
    answer_BA: Tensor


class Corpus:
    """A set of samples, resident on the device."""

    def __init__(self, samples: Samples, device: str) -> None:
        self.question_NQ = torch.from_numpy(samples.question_NQ).long().to(device)
        self.answer_NA = torch.from_numpy(samples.answer_NA).long().to(device)
        self.length_N = torch.from_numpy(samples.length_N)
        self.answer_length_N = torch.from_numpy((samples.answer_NA != PAD).sum(1))

    def __len__(self) -> int:
        return len(self.length_N)

    def all(self) -> Batch:
        return Batch(self.question_NQ, self.length_N, self.answer_NA)

    def batch(self, row_B: Tensor) -> Batch:
        """The rows named by `row_B` (on the host), without columns that are all padding."""
        length_B, columns = self.length_N[row_B], int(self.answer_length_N[row_B].max())
        row_B = row_B.to(self.question_NQ.device)
        return Batch(self.question_NQ[row_B, : int(length_B.max())], length_B, self.answer_NA[row_B, :columns])

    def share(self, part_B: Tensor, row_B: Tensor) -> float:
        """How many of the answers' tokens in the rows `row_B` (on the host) those in `part_B` have; 1 for all rows."""
        return float(self.answer_length_N[part_B].sum() / self.answer_length_N[row_B].sum())

    def epoch(self, batch_size: int, seed: int) -> list[Tensor]:
        """Row numbers, batch by batch: every row once, batches in random order.

        Rows of one batch have the same lengths but where two lengths meet, so that hardly a step is spent on padding.
        """
        generator = torch.Generator().manual_seed(seed)
        order_N = torch.randperm(len(self), generator=generator)
        lengths_N = (self.length_N * 8 + self.answer_length_N)[order_N]
        batches = torch.split(order_N[lengths_N.argsort(stable=True)], batch_size)
        return [batches[i] for i in torch.randperm(len(batches), generator=generator).tolist()]
