"""In which precision a trial computes. Weights, sums over time, the loss and the optimiser stay in float32."""

from __future__ import annotations

from contextlib import AbstractContextManager

import torch


def has_bf16(device: str) -> bool:
    """Whether the device multiplies matrices of bfloat16 itself, rather than by way of float32."""
    if device == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    if device == "cpu":
        return torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()
    return False


def uses_bf16(precision: str, device: str) -> bool:
    """`auto` is bfloat16 where the hardware has it. A fact of the machine, not a measurement: a trial is the same each
    time it is run there."""
    return precision == "bf16" or (precision == "auto" and has_bf16(device))


def autocast(device: str, bf16: bool) -> AbstractContextManager[None]:
    """Matrix products in bfloat16, if so."""
    # Every weight is used once a step, so that keeping its cast gains nothing, and a recorded step must not.
    return torch.autocast(device, torch.bfloat16, enabled=bf16, cache_enabled=False)
