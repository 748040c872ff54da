"""The series on the device, and windows of it gathered there."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from trainers.informer.windows import Part, Splits


class Windows(NamedTuple):
    """Inputs, the time features of inputs and forecast, and the truth of the forecast."""

    x_BLC: Tensor
    time_BTF: Tensor
    truth_BPT: Tensor


class Resident:
    """All rows of a trial's series, moved to the device once."""

    def __init__(self, splits: Splits, device: str) -> None:
        self.device = device
        self.input_TC = torch.from_numpy(splits.inputs_TC).to(device)
        self.time_TF = torch.from_numpy(splits.time_TF).to(device)
        self.target_TC = self.input_TC[:, list(splits.targets)]
        self.seq_len = splits.seq_len
        self.place_T = torch.arange(splits.seq_len + splits.pred_len, device=device)

    def windows(self, start_B: Tensor) -> Windows:
        """Those that begin at the rows `start_B`, which is on the device."""
        row_BT = start_B[:, None] + self.place_T
        past_BL, future_BP = row_BT[:, : self.seq_len], row_BT[:, self.seq_len :]
        return Windows(self.input_TC[past_BL], self.time_TF[row_BT], self.target_TC[future_BP])

    def starts(self, part: Part) -> Tensor:
        """The first row of each of a split's windows."""
        return torch.arange(part.first, part.first + len(part), device=self.device)

    def shuffled(self, part: Part, seed: int) -> Tensor:
        """The same in an order that depends on the seed alone."""
        order_N = torch.randperm(len(part), generator=torch.Generator().manual_seed(seed))
        return (part.first + order_N).to(self.device)
