"""Recurrent architectures: one recurrence over question and answer alike."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence

from trainers.bracket.architecture import VOCABULARY, Architecture


class Recurrent(Architecture):
    """A recurrent cell in layers; `memory` is its state after each question's last token."""

    cell: type[nn.GRU | nn.LSTM]
    gates: int

    def __init__(self, embedding: int, units: int, layers: int, dropout: float) -> None:
        super().__init__()
        self.embed = nn.Embedding(VOCABULARY, embedding)
        self.rnn = self.cell(embedding, units, layers, dropout=dropout if layers > 1 else 0.0)
        self.head = nn.Linear(units, VOCABULARY)
        self.drop = nn.Dropout(dropout)
        for name, parameter in self.rnn.named_parameters():
            if name.startswith("weight_hh"):  # orthogonal, gate by gate: states are kept over many steps
                for gate_DD in parameter.data.chunk(self.gates):
                    nn.init.orthogonal_(gate_DD)
            elif name.startswith("bias"):
                nn.init.zeros_(parameter)

    def encode(self, question_BQ: Tensor, length_B: Tensor) -> Tensor | tuple[Tensor, Tensor]:
        """The state after each question's last token: h_LBD, and c_LBD where the cell has one."""
        x_QBE = self.drop(self.embed(question_BQ.t()))
        if int(length_B.min()) < len(x_QBE):  # packing costs a fifth more time, so only where lengths differ
            x_QBE = pack_padded_sequence(x_QBE, length_B, enforce_sorted=False)
        state: Tensor | tuple[Tensor, Tensor] = self.rnn(x_QBE)[1]
        return state

    def decode(self, memory: Tensor | tuple[Tensor, Tensor], given_BA: Tensor) -> Tensor:
        y_ABD, _ = self.rnn(self.drop(self.embed(given_BA.t())), memory)
        scores_ABV: Tensor = self.head(self.drop(y_ABD))
        return scores_ABV.transpose(0, 1)


class GRU(Recurrent):
    """Cho et al., 2014."""

    cell, gates = nn.GRU, 3


class LSTM(Recurrent):
    """Hochreiter & Schmidhuber, 1997; the forget gate starts open (Jozefowicz et al., 2015)."""

    cell, gates = nn.LSTM, 4

    def __init__(self, embedding: int, units: int, layers: int, dropout: float) -> None:
        super().__init__(embedding, units, layers, dropout)
        with torch.no_grad():
            for name, parameter in self.rnn.named_parameters():
                if name.startswith("bias_ih"):
                    parameter.chunk(self.gates)[1].fill_(1.0)
