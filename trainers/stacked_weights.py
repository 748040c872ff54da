"""The parameters of K models of one shape in one block, and Adam over all of them at once."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

_EPSILON = 1e-8  # Adam's, as torch has it
_SAFE = 1e-6  # added to a norm before dividing by it, as torch.nn.utils.clip_grad_norm_ does


class Weights:
    """`value_KN` holds a trial's parameters in a row, one behind the other as its model names them.

    A step works on a copy whose rows are in the step's own order. `clip` is the largest norm of a trial's gradient.
    """

    def __init__(
        self, models: Sequence[nn.Module], betas: tuple[float, float] = (0.9, 0.999), clip: float | None = None
    ) -> None:
        self.betas, self.clip = betas, clip
        self.shapes = {name: tensor.shape for name, tensor in models[0].named_parameters()}
        self.value_KN = torch.stack([_flat(dict(model.named_parameters())) for model in models])
        self.first_KN, self.second_KN = torch.zeros_like(self.value_KN), torch.zeros_like(self.value_KN)
        self.taken = [0] * len(models)  # optimiser steps of each trial
        self._make_room()

    def _make_room(self) -> None:
        self._worked_KN = torch.empty_like(self.value_KN)
        self._leaves = {name: view.requires_grad_() for name, view in self._views(self._worked_KN).items()}

    def _views(self, block_KN: Tensor) -> dict[str, Tensor]:
        parts = torch.split(block_KN, [shape.numel() for shape in self.shapes.values()], 1)
        named = zip(self.shapes.items(), parts, strict=True)
        return {name: part.view(len(part), *shape).detach() for (name, shape), part in named}

    def __len__(self) -> int:
        return len(self.value_KN)

    def of(self, rows: Sequence[int]) -> dict[str, Tensor]:
        """Those trials' parameters by name, each with the leading axis K. For looking only."""
        whole = list(rows) == list(range(len(self)))
        return self._views(self.value_KN if whole else self.value_KN[list(rows)])

    # -- a step ------------------------------------------------------------------

    def arranged(self, order_K: Tensor) -> Mapping[str, Tensor]:
        """The parameters in the step's order; `step` then wants the same order."""
        with torch.no_grad():
            torch.index_select(self.value_KN, 0, order_K, out=self._worked_KN)
        return self._leaves

    def step(self, order_K: Tensor, loss: Tensor, lr_K: Sequence[float]) -> Tensor:
        """One step of Adam for each trial, down the sum of their losses; a gradient is clipped by its own norm.

        Returns the norms before clipping.
        """
        grads = torch.autograd.grad(loss, list(self._leaves.values()))
        with torch.no_grad():
            in_order_KN = torch.cat([grad.flatten(1) for grad in grads], 1)
            return self._adam(torch.empty_like(in_order_KN).index_copy_(0, order_K, in_order_KN), lr_K)

    def _adam(self, grad_KN: Tensor, lr_K: Sequence[float]) -> Tensor:
        norm_K: Tensor = torch.linalg.vector_norm(grad_KN, dim=1)
        if self.clip is not None:
            grad_KN *= (self.clip / (norm_K + _SAFE)).clamp(max=1.0)[:, None]
        self.first_KN.lerp_(grad_KN, 1 - self.betas[0])
        self.second_KN.mul_(self.betas[1]).addcmul_(grad_KN, grad_KN, value=1 - self.betas[1])
        self.taken = [taken + 1 for taken in self.taken]
        rate_K1, root_K1 = self._corrected(lr_K)
        self.value_KN.addcdiv_(self.first_KN * rate_K1, (self.second_KN.sqrt() * root_K1).add_(_EPSILON), value=-1)
        return norm_K

    def _corrected(self, lr_K: Sequence[float]) -> Tensor:
        """What first and square-rooted second moments are multiplied by: rates and corrections for their start at
        zero (Kingma & Ba, 2015), each of shape (K, 1)."""
        rates = [lr / (1 - self.betas[0] ** taken) for lr, taken in zip(lr_K, self.taken, strict=True)]
        roots = [1 / math.sqrt(1 - self.betas[1] ** taken) for taken in self.taken]
        return torch.tensor([rates, roots]).to(self.value_KN.device, non_blocking=True)[..., None]

    # -- trials that come and go -------------------------------------------------

    def keep(self, rows: Sequence[int]) -> None:
        """Drops every other row."""
        index = list(rows)
        self.value_KN, self.first_KN, self.second_KN = (
            block[index] for block in (self.value_KN, self.first_KN, self.second_KN)
        )
        self.taken = [self.taken[row] for row in rows]
        self._make_room()

    def state_dict(self, row: int) -> dict[str, Tensor]:
        """One trial's parameters, as its own model would give them; a copy."""
        return {name: tensor[0].clone() for name, tensor in self._views(self.value_KN[row : row + 1]).items()}

    def optimizer_state(self, row: int) -> dict[int, dict[str, Tensor]]:
        """The `state` of torch's own Adam over one trial's model; a copy."""
        taken = torch.tensor(float(self.taken[row]), device=self.value_KN.device)
        first, second = (self._views(block[row : row + 1]) for block in (self.first_KN, self.second_KN))
        return {
            place: {"step": taken.clone(), "exp_avg": first[name][0].clone(), "exp_avg_sq": second[name][0].clone()}
            for place, name in enumerate(self.shapes)
        }

    @torch.no_grad()
    def load(self, row: int, model: Mapping[str, Tensor], optimizer: Mapping[str, Any]) -> None:
        """Takes up a checkpoint of a trial that trained by itself, or of one of a stack."""
        state = {name: optimizer["state"][place] for place, name in enumerate(self.shapes)}
        self.value_KN[row] = _flat({name: model[name] for name in self.shapes})
        self.first_KN[row] = _flat({name: moments["exp_avg"] for name, moments in state.items()})
        self.second_KN[row] = _flat({name: moments["exp_avg_sq"] for name, moments in state.items()})
        self.taken[row] = round(float(next(iter(state.values()))["step"]))


def _flat(tensors: Mapping[str, Tensor]) -> Tensor:
    return torch.cat([tensor.detach().flatten() for tensor in tensors.values()])
