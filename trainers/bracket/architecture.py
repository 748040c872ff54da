"""The one interface of all architectures: read a question, then score the tokens of an answer."""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn

from trainers.bracket.data import TOKENS

VOCABULARY = len(TOKENS)


class Architecture(nn.Module):
    """What training, evaluation and generation ask of a model.

    Questions are padded on the right and `length_B` counts their tokens, on the host. So position p of a question is
    its column, and the answer's i-th token stands at position length + i: all that an attention model needs for its
    positions and its mask.
    """

    def encode(self, question_BQ: Tensor, length_B: Tensor) -> Any:
        """Whatever `decode` needs to know of the questions."""
        raise NotImplementedError

    def decode(self, memory: Any, given_BA: Tensor) -> Tensor:
        """Scores_BAV: column i scores the answer's token i, having seen no more than given_BA[:, : i + 1].

        `given_BA` is the answer shifted by one: it begins with the separator OUTPUT.
        """
        raise NotImplementedError
