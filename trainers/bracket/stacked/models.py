"""The stacked architectures by name."""

from __future__ import annotations

from collections.abc import Callable

from trainers.bracket.stacked.attention import StackedBERT, StackedGPT, StackedTransformer
from trainers.bracket.stacked.model import Stacked
from trainers.bracket.stacked.recurrent import StackedGRU, StackedLSTM
from trainers.space import Config

STACKED: dict[str, Callable[[Config], Stacked]] = {
    "gru": lambda config: StackedGRU(),
    "lstm": lambda config: StackedLSTM(),
    "transformer": StackedTransformer,
    "bert": StackedBERT,
    "gpt": StackedGPT,
}
