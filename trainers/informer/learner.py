"""One model and its optimiser. A step reads nothing back from the device; what is reported waits there."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from trainers.informer.graph import StepGraph
from trainers.informer.network import Informer
from trainers.informer.precision import autocast
from trainers.informer.resident import Resident


class Learner:
    """Trains `model` on windows of `data`, in micro-batches where `pieces` is more than one."""

    def __init__(self, model: Informer, data: Resident, lr: float, *, bf16: bool, pieces: int = 1) -> None:
        self.model, self.data, self.bf16, self.pieces = model, data, bf16, pieces
        graphs = data.device == "cuda"  # then the rate must be where a recorded step can read it
        self.rate: float | None = None  # not yet known to the optimiser
        rate: Any = torch.tensor(lr, device=data.device) if graphs else lr
        self.optimizer = torch.optim.Adam(model.parameters(), lr=rate, fused=True, capturable=graphs)
        self.loss_sum, self.steps = torch.zeros((), device=data.device), 0
        self.graph = StepGraph(self._once) if graphs else None

    def set_rate(self, lr: float) -> None:
        if lr == self.rate:
            return
        self.rate = lr
        for group in self.optimizer.param_groups:
            if isinstance(group["lr"], Tensor):
                group["lr"].fill_(lr)
            else:
                group["lr"] = lr

    def step(self, start_B: Tensor, *, measured: bool = False) -> Tensor | None:
        """One optimiser step on the windows that begin at `start_B`; the gradient's norm where `measured`."""
        grads = self.graph(start_B) if self.graph is not None else self._once(start_B)
        self.steps += 1
        return nn.utils.get_total_norm(grads) if measured else None

    def _once(self, start_B: Tensor) -> list[Tensor]:
        self.optimizer.zero_grad(set_to_none=True)
        for part_B in start_B.tensor_split(min(self.pieces, len(start_B))):
            self._backward(part_B, len(part_B) / len(start_B))
        self.optimizer.step()
        return [p.grad for p in self.model.parameters() if p.grad is not None]

    def _backward(self, start_B: Tensor, share: float) -> None:
        """Adds the gradients of one micro-batch, which is a `share` of its batch."""
        windows = self.data.windows(start_B)
        with autocast(self.data.device, self.bf16):
            answer_BPT = self.model(windows.x_BLC, windows.time_BTF)
        loss = share * nn.functional.mse_loss(answer_BPT.float(), windows.truth_BPT)
        loss.backward()  # type: ignore[no-untyped-call]
        self.loss_sum += loss.detach()

    def take_loss(self) -> Tensor:
        """The mean loss of the steps since it was last asked for, still on the device."""
        loss = self.loss_sum / self.steps
        self.loss_sum.zero_()
        self.steps = 0
        return loss
