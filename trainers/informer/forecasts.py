"""A few forecasts of the validation rows beside what came, in the series' own units."""

from __future__ import annotations

import numpy as np
import torch

from trainers.informer.evaluate import predict
from trainers.informer.network import Informer
from trainers.informer.resident import Resident
from trainers.informer.windows import Floats, Splits
from trainers.samples import SeriesSample

COUNT = 8
NOTE = "validation windows, evenly spread, forecast by the best checkpoint"


def forecasts(model: Informer, data: Splits, resident: Resident, bf16: bool) -> list[SeriesSample]:
    """COUNT windows of the validation rows, of one column each; the columns take turns."""
    place_N = np.unique(np.linspace(0, len(data.val) - 1, COUNT).round().astype(np.int64))
    start_N = data.val.starts_N[place_N]
    was_training = model.training
    model.eval()
    windows = resident.windows(torch.from_numpy(start_N).to(resident.device))
    answer_NPT = predict(model, windows, bf16).cpu().numpy()
    model.train(was_training)
    return [_sample(data, int(start), turn % len(data.targets), answer_NPT[turn]) for turn, start in enumerate(start_N)]


def _sample(data: Splits, start: int, target: int, answer_PT: Floats) -> SeriesSample:
    column, first = data.targets[target], start + data.seq_len
    mean, std = data.mean_C[column], data.std_C[column]
    past_L, future_P = data.inputs_TC[start:first, column], data.inputs_TC[first : first + data.pred_len, column]
    error = float(np.square(answer_PT[:, target] - future_P).mean())
    return SeriesSample(
        context=(past_L * std + mean).tolist(),
        predicted=(answer_PT[:, target] * std + mean).tolist(),
        truth=(future_P * std + mean).tolist(),
        title=data.columns[column],
        start=str(data.dates_T[first]).replace("T", " "),
        time_step=_step(data.dates_T[1] - data.dates_T[0]),
        note=f"MSE {error:.3f}, standardised",
    )


def _step(step: np.timedelta64) -> str:
    """As 1h, 15min, 1d."""
    seconds = int(step / np.timedelta64(1, "s"))
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds % size == 0 and seconds:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"
