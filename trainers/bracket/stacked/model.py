"""The one interface of stacked architectures, and what it takes to score them as one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 (its usual name)
from torch import Tensor

from trainers.bracket.architecture import Architecture
from trainers.bracket.batches import Batch
from trainers.bracket.data import PAD
from trainers.bracket.evaluate import generate, matches, shifted
from trainers.bracket.stacked.batch import StackedBatch
from trainers.bracket.stacked.noise import Noise

# Trials evaluated at a time: each has all questions, much to hold for many, and for a CPU's caches.
_AT_ONCE, _AT_ONCE_ON_CPU = 16, 2
Named = Mapping[str, Tensor]  # parameters by their model's names, each with the leading axis K


class Stacked:
    """An architecture over parameters given from outside. As `Architecture`, with K before every shape.

    In training, `batch` and `noise` tell each trial's own size and dropout. Without them nothing is learnt or dropped,
    every row is a question, the same for all trials, and the longest come first.
    """

    def encode(
        self, named: Named, question_KBQ: Tensor, length_KB: Tensor, batch: StackedBatch | None, noise: Noise | None
    ) -> Any:
        raise NotImplementedError

    def decode(
        self, named: Named, memory: Any, given_KBA: Tensor, batch: StackedBatch | None, noise: Noise | None
    ) -> Tensor:
        raise NotImplementedError

    def losses(self, named: Named, batch: StackedBatch, noise: Noise) -> Tensor:
        """Each trial's mean cross-entropy over its answers' tokens."""
        memory = self.encode(named, batch.question_KBQ, batch.length_KB, batch, noise)
        return losses_of(self.decode(named, memory, batch.given_KBA, batch, noise), batch.answer_KBA)


def losses_of(scores_KBAV: Tensor, answer_KBA: Tensor) -> Tensor:
    flat = F.cross_entropy(scores_KBAV.flatten(0, 2), answer_KBA.flatten(), ignore_index=PAD, reduction="none")
    return flat.view(len(answer_KBA), -1).sum(1) / (answer_KBA != PAD).flatten(1).sum(1)


class _OneByOne(Architecture):
    """The rows of all trials as one batch, which is what generating an answer needs to know of them."""

    def __init__(self, stacked: Stacked, named: Named, trials: int) -> None:
        super().__init__()
        self._stacked, self._named, self._trials = stacked, named, trials

    def decode(self, memory: Any, given_BA: Tensor) -> Tensor:
        given_KBA = given_BA.view(self._trials, -1, given_BA.shape[1])
        return self._stacked.decode(self._named, memory, given_KBA, None, None).flatten(0, 1)


def evaluate(stacked: Stacked, named: Named, batch: Batch) -> list[dict[str, float]]:
    """Each trial's `exact`, `partial` and `loss` (nats a token) over the same questions."""
    trials = len(next(iter(named.values())))
    order_B = batch.length_B.argsort(descending=True)
    batch = Batch(*(rows[order_B.to(rows.device)] for rows in batch))
    most = _AT_ONCE_ON_CPU if batch.question_BQ.device.type == "cpu" else _AT_ONCE
    found: list[dict[str, float]] = []
    for first in range(0, trials, most):
        part = {name: tensor[first : first + most] for name, tensor in named.items()}
        found += _evaluated(stacked, part, batch)
    return found


@torch.no_grad()
def _evaluated(stacked: Stacked, named: Named, batch: Batch) -> list[dict[str, float]]:
    trials, rows = len(next(iter(named.values()))), len(batch.answer_BA)
    memory = stacked.encode(
        named, batch.question_BQ.expand(trials, -1, -1), batch.length_B.expand(trials, -1), None, None
    )
    answer_KBA = batch.answer_BA.expand(trials, -1, -1)
    said_NA = generate(_OneByOne(stacked, named, trials), memory, trials * rows, answer_KBA.device)
    exact_N, partial_N = matches(said_NA, answer_KBA.flatten(0, 1))
    given_KBA = shifted(batch.answer_BA).expand(trials, -1, -1)
    loss_K = losses_of(stacked.decode(named, memory, given_KBA, None, None), answer_KBA)
    exact_K, partial_K = (hit_N.view(trials, rows).sum(1, dtype=torch.float32) for hit_N in (exact_N, partial_N))
    return [
        {"exact": exact / rows, "partial": partial / rows, "loss": loss}
        for exact, partial, loss in torch.stack([exact_K, partial_K, loss_K], 1).tolist()
    ]
