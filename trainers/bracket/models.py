"""The architectures, behind one interface: read a question, then score the tokens of an answer."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence

from trainers.bracket.data import TOKENS
from trainers.space import Config

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


class GRU(Architecture):
    """One recurrence over question and answer alike (Cho et al., 2014)."""

    def __init__(self, embedding: int, units: int, layers: int, dropout: float) -> None:
        super().__init__()
        self.embed = nn.Embedding(VOCABULARY, embedding)
        self.gru = nn.GRU(embedding, units, layers, dropout=dropout if layers > 1 else 0.0)
        self.head = nn.Linear(units, VOCABULARY)
        self.drop = nn.Dropout(dropout)
        for name, parameter in self.gru.named_parameters():
            if name.startswith("weight_hh"):  # orthogonal, gate by gate: states are kept over many steps
                for gate_DD in parameter.data.chunk(3):
                    nn.init.orthogonal_(gate_DD)
            elif name.startswith("bias"):
                nn.init.zeros_(parameter)

    def encode(self, question_BQ: Tensor, length_B: Tensor) -> Tensor:
        """The state h_LBD after each question's last token."""
        x_QBE = self.drop(self.embed(question_BQ.t()))
        if int(length_B.min()) < len(x_QBE):  # packing costs a fifth more time, so only where lengths differ
            x_QBE = pack_padded_sequence(x_QBE, length_B, enforce_sorted=False)
        h_LBD: Tensor = self.gru(x_QBE)[1]
        return h_LBD

    def decode(self, memory: Tensor, given_BA: Tensor) -> Tensor:
        y_ABD, _ = self.gru(self.drop(self.embed(given_BA.t())), memory)
        scores_ABV: Tensor = self.head(self.drop(y_ABD))
        return scores_ABV.transpose(0, 1)


ARCHITECTURES: dict[str, type[Architecture]] = {"gru": GRU}


def build(architecture: str, config: Config, device: str) -> Architecture:
    """An untrained model. Of `config` it takes what its class does not share with training itself."""
    shape = {name: value for name, value in config.items() if name not in ("epochs", "batch_size", "lr")}
    return ARCHITECTURES[architecture](**shape).to(torch.device(device))
