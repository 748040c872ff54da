"""Max pooling over time of width 3 and stride 2, rows (batch, time) as they lie: torch's own wants channels first."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor


class _MaxPool(torch.autograd.Function):
    """Where values tie, the gradient goes to the middle one, then to the left."""

    generate_vmap_rule = True

    @staticmethod
    def forward(y_BLD: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        middle_BMD, side_BND = y_BLD[:, 0::2], y_BLD[:, 1::2]
        count, sides = middle_BMD.shape[1], side_BND.shape[1]
        left_BMD = side_BND[:, : count - 1]
        goes_left = left_BMD > middle_BMD[:, 1:]
        most_BMD = torch.cat([middle_BMD[:, :1], torch.maximum(left_BMD, middle_BMD[:, 1:])], 1)
        goes_right = side_BND > most_BMD[:, :sides]
        pooled_BMD = torch.cat([torch.maximum(side_BND, most_BMD[:, :sides]), most_BMD[:, sides:]], 1)
        return pooled_BMD, goes_left, goes_right

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor], output: tuple[Tensor, Tensor, Tensor]) -> None:
        _, goes_left, goes_right = output
        ctx.mark_non_differentiable(goes_left, goes_right)
        ctx.save_for_backward(goes_left, goes_right)

    @staticmethod
    def backward(ctx: Any, grad_BMD: Tensor, *_: Tensor) -> Tensor:
        goes_left, goes_right = ctx.saved_tensors
        count, sides = grad_BMD.shape[1], goes_right.shape[1]
        right_BND = grad_BMD[:, :sides] * goes_right
        rest_BMD = torch.cat([grad_BMD[:, :sides] - right_BND, grad_BMD[:, sides:]], 1)
        left_BMD = rest_BMD[:, 1:] * goes_left
        middle_BMD = torch.cat([rest_BMD[:, :1], rest_BMD[:, 1:] - left_BMD], 1)
        side_BND = torch.cat([right_BND[:, : count - 1] + left_BMD, right_BND[:, count - 1 :]], 1)
        if count == sides:
            return torch.stack([middle_BMD, side_BND], 2).flatten(1, 2)
        paired_BLD = torch.stack([middle_BMD[:, :sides], side_BND], 2).flatten(1, 2)
        return torch.cat([paired_BLD, middle_BMD[:, sides:]], 1)


def max_pool(y_BLD: Tensor) -> Tensor:
    """(B, ⌈L/2⌉, D): each second row's largest value and its neighbours'."""
    pooled_BMD: Tensor = _MaxPool.apply(y_BLD)[0]  # type: ignore[no-untyped-call]
    return pooled_BMD
