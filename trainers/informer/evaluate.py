"""The error over all windows of a split, in standardised units. The same every time: nothing is sampled."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from trainers.informer.network import Informer, Shape
from trainers.informer.precision import autocast
from trainers.informer.resident import Resident, Windows

_SCORES = {"cpu": 1 << 23, "mps": 1 << 26, "cuda": 1 << 28}  # attention scores of one layer held at a time
_MOST = {"cpu": 64, "mps": 256, "cuda": 1024}  # windows in a batch


@torch.inference_mode()
def predict(model: Informer, windows: Windows, bf16: bool) -> Tensor:
    """Forecasts (B, pred_len, targets)."""
    with autocast(windows.x_BLC.device.type, bf16):
        answer_BPT: Tensor = model(windows.x_BLC, windows.time_BTF)
    return answer_BPT.float()


@torch.inference_mode()
def evaluate(model: Informer, data: Resident, start_N: Tensor, bf16: bool, pieces: int = 1) -> dict[str, float]:
    """`mse` and `mae` over the windows that begin at `start_N`, in batches `pieces` times smaller than usual where
    memory is short. Leaves the model as it was."""
    was_training = model.training
    model.eval()
    sums = []
    for start_B in torch.split(start_N, max(1, batch_size(model.shape, data.device) // pieces)):
        windows = data.windows(start_B)
        error_BPT = predict(model, windows, bf16) - windows.truth_BPT
        sums.append(torch.stack([error_BPT.square().sum(), error_BPT.abs().sum()]))
    model.train(was_training)
    squares, sizes = torch.stack(sums).cpu().double().sum(0).tolist()  # the only time the device is waited for
    numbers = len(start_N) * model.shape.pred_len * model.shape.targets
    return {"mse": squares / numbers, "mae": sizes / numbers}


def rank(scores: dict[str, float]) -> float:
    """Smaller is better; an error that is no number is the worst."""
    return scores["mse"] if math.isfinite(scores["mse"]) else math.inf


def batch_size(shape: Shape, device: str) -> int:
    """How many windows at a time: as many as the scores of attention leave room for."""
    longest = max(shape.seq_len, shape.label_len + shape.pred_len)
    return max(1, min(_MOST[device], _SCORES[device] // (shape.n_heads * longest * longest)))
