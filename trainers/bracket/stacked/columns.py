"""Where, in a padded batch of several trials, each trial's own questions and answers stand: dropout falls there."""

from __future__ import annotations

from enum import Enum

import torch
from torch import Tensor

from trainers.bracket.stacked.batch import Size, StackedBatch
from trainers.bracket.stacked.noise import Noise, Place


class Columns(Enum):
    """What a row holds: a question, an answer, or an answer behind its question."""

    QUESTION = "question"
    ANSWER = "answer"
    BOTH = "both"


class Drops:
    """The dropout of attention models in one step; without noise or batch, none. `places` is how many tokens an
    answer has where that is not its own length."""

    def __init__(self, noise: Noise | None, batch: StackedBatch | None, places: int | None = None) -> None:
        self._noise = None if noise is None or batch is None or noise.silent else noise
        self._sizes = [] if batch is None else batch.sizes
        self._padded = 0 if batch is None else batch.question_KBQ.shape[2]
        self._places = places

    @property
    def silent(self) -> bool:
        return self._noise is None

    def states(self, x_KBTD: Tensor, columns: Columns) -> Tensor:
        if self._noise is None:
            return x_KBTD
        places: list[Place] = [(slice(size.rows), self._of(size, columns)) for size in self._sizes]
        return self._noise.drop(x_KBTD, places)

    def weights(self, weight_KBHTS: Tensor, to: Columns, seen: Columns) -> Tensor:
        """Attention weights, which torch drops from too."""
        if self._noise is None:
            return weight_KBHTS
        places: list[Place] = [
            (slice(size.rows), slice(None), self._of(size, to)[:, None], self._of(size, seen)) for size in self._sizes
        ]
        return self._noise.drop(weight_KBHTS, places)

    def _of(self, size: Size, columns: Columns) -> Tensor:
        """The columns of one trial's own tokens: answers stand behind the longest question of all."""
        question, answer = torch.arange(size.question), torch.arange(self._places or size.answer)
        if columns is Columns.BOTH:
            return torch.cat([question, self._padded + answer])
        return question if columns is Columns.QUESTION else answer
