"""Layers whose every trial has weights of its own: a leading axis K before inputs and parameters alike."""

from __future__ import annotations

from collections.abc import Mapping

import torch
import torch.nn.functional as F  # noqa: N812 (its usual name)
from torch import Tensor


def linear(named: Mapping[str, Tensor], name: str, x_KBTD: Tensor) -> Tensor:
    weight_KED, bias_KE = named[f"{name}.weight"], named[f"{name}.bias"]
    flat_KNE = torch.baddbmm(bias_KE[:, None], x_KBTD.flatten(1, 2), weight_KED.transpose(1, 2))
    return flat_KNE.view(*x_KBTD.shape[:3], -1)


def normed(named: Mapping[str, Tensor], name: str, x_KBTD: Tensor) -> Tensor:
    """Layer normalisation (Ba et al., 2016)."""
    weight_KD, bias_KD = named[f"{name}.weight"], named[f"{name}.bias"]
    return torch.addcmul(bias_KD[:, None, None], F.layer_norm(x_KBTD, x_KBTD.shape[-1:]), weight_KD[:, None, None])


def looked_up(table_KVE: Tensor, index_KNT: Tensor) -> Tensor:
    """Each trial's own rows of its own table; shape (K, N, T, E)."""
    K, V, _ = table_KVE.shape
    shift_K = torch.arange(0, K * V, V, device=index_KNT.device)
    return F.embedding(index_KNT + shift_K[:, None, None], table_KVE.flatten(0, 1))
