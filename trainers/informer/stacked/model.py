"""An Informer over weights given from outside, with the leading axis K."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
import torch.nn.functional as F  # noqa: N812 (its usual name)
from torch import Tensor, nn
from torch.func import functional_call

from trainers.informer.attention import Attention
from trainers.informer.dropout import Dropout
from trainers.informer.evaluate import batch_size
from trainers.informer.network import Informer, Shape
from trainers.informer.precision import autocast
from trainers.informer.resident import Resident, Windows
from trainers.informer.stacked.noise import Noise

Named = Mapping[str, Tensor]  # weights by their model's names, each with the leading axis K


class StackedLinear(nn.Module):
    """A linear layer a trial. Its parameters only give the names: what counts is put in their place."""

    def __init__(self, layer: nn.Linear) -> None:
        super().__init__()
        self.weight, self.bias = layer.weight, layer.bias

    def forward(self, x: Tensor) -> Tensor:
        x_KNI = x.reshape(len(self.weight), -1, x.shape[-1])
        y_KNO = torch.baddbmm(self.bias[:, None], x_KNI, self.weight.transpose(1, 2))
        return y_KNO.view(*x.shape[:-1], -1)


class StackedNorm(nn.Module):
    """A layer normalisation a trial."""

    def __init__(self, layer: nn.LayerNorm) -> None:
        super().__init__()
        self.weight, self.bias = layer.weight, layer.bias

    def forward(self, x: Tensor) -> Tensor:
        flat_KND = F.layer_norm(x, x.shape[-1:]).view(len(self.weight), -1, x.shape[-1])
        return (flat_KND * self.weight[:, None] + self.bias[:, None]).to(x.dtype).view_as(x)


class StackedDropout(nn.Module):
    def __init__(self, noise: Noise) -> None:
        super().__init__()
        self.noise = noise

    def forward(self, x: Tensor) -> Tensor:
        return self.noise.drop(x) if self.training else x


class Stack:
    """Informers of one shape, whatever their number."""

    def __init__(self, shape: Shape, data: Resident, bf16: bool) -> None:
        self.shape, self.data, self.bf16, self.noise = shape, data, bf16, Noise()
        self.model = Informer(shape).to(data.device)
        for module in list(self.model.modules()):
            if isinstance(module, Attention):
                module.sample = self.noise.sample
            for name, child in module.named_children():
                setattr(module, name, self._stacked(child))

    def _stacked(self, layer: nn.Module) -> nn.Module:
        if isinstance(layer, nn.Linear):
            return StackedLinear(layer)
        if isinstance(layer, nn.LayerNorm):
            return StackedNorm(layer)
        return StackedDropout(self.noise) if isinstance(layer, Dropout) else layer

    def losses(self, named: Named, start_KB: Tensor, rows: Sequence[int]) -> Tensor:
        """Each trial's mean squared error over the `rows` of its batch."""
        windows = self.data.windows(start_KB.flatten())
        error_KB = (self._answers(named, windows) - windows.truth_BPT).square().mean((1, 2)).view(start_KB.shape)
        if min(rows) == start_KB.shape[1]:
            return error_KB.mean(1)
        own = [[1 / count] * count + [0.0] * (start_KB.shape[1] - count) for count in rows]
        return (error_KB * torch.tensor(own).to(error_KB.device, non_blocking=True)).sum(1)

    def _answers(self, named: Named, windows: Windows) -> Tensor:
        with autocast(self.data.device, self.bf16):
            answer_NPT: Tensor = functional_call(self.model, dict(named), (windows.x_BLC, windows.time_BTF))
        return answer_NPT.float()

    @torch.inference_mode()
    def evaluate(self, named: Named, start_N: Tensor) -> list[dict[str, float]]:
        """Each trial's `mse` and `mae` over the same windows."""
        trials = len(next(iter(named.values())))
        self.model.eval()
        sums = []
        for start_B in torch.split(start_N, max(1, batch_size(self.shape, self.data.device) // trials)):
            windows = self.data.windows(start_B)
            many = Windows(*(part.repeat(trials, 1, 1) for part in windows))
            error_K = (self._answers(named, many) - many.truth_BPT).view(trials, -1)
            sums.append(torch.stack([error_K.square().sum(1), error_K.abs().sum(1)], 1))
        self.model.train()
        numbers = len(start_N) * self.shape.pred_len * self.shape.targets
        found = torch.stack(sums).cpu().double().sum(0).tolist()
        return [{"mse": squares / numbers, "mae": sizes / numbers} for squares, sizes in found]
