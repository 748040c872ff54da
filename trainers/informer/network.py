"""Informer (Zhou et al., AAAI 2021, arXiv:2012.07436): a distilling encoder and a decoder that answers all at once."""

from __future__ import annotations

from dataclasses import dataclass

import torch.nn.functional as F  # noqa: N812 (its usual name)
from torch import Tensor, nn

from trainers.informer.layers import Distil, Embedding, Layer


@dataclass(frozen=True, kw_only=True)
class Shape:
    """All that determines a network. `factor` 0 is full attention. Lengths are rows of the series."""

    channels: int  # of the series
    targets: int
    features: int  # of the time
    seq_len: int
    label_len: int
    pred_len: int
    d_model: int = 512
    n_heads: int = 8
    e_layers: int = 2
    d_layers: int = 1
    d_ff: int = 2048
    factor: int = 5
    dropout: float = 0.05
    activation: str = "gelu"


class Informer(nn.Module):
    """Reads `seq_len` rows and predicts the targets of the next `pred_len`."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = s = shape
        longest = max(s.seq_len, s.label_len + s.pred_len)

        def layer(*, crosses: bool) -> Layer:
            return Layer(s.d_model, s.n_heads, s.d_ff, s.factor, s.activation, s.dropout, crosses=crosses)

        self.embed = Embedding(s.channels, s.features, longest, s.d_model, s.dropout)
        self.embed_answer = Embedding(s.channels, s.features, longest, s.d_model, s.dropout)
        self.encoder = nn.ModuleList(layer(crosses=False) for _ in range(s.e_layers))
        self.distils = nn.ModuleList(Distil(s.d_model) for _ in range(s.e_layers - 1))
        self.decoder = nn.ModuleList(layer(crosses=True) for _ in range(s.d_layers))
        self.norms = nn.ModuleList(nn.LayerNorm(s.d_model) for _ in range(2))  # the encoder's, the decoder's
        self.head = nn.Linear(s.d_model, s.targets)

    def forward(self, x_BLC: Tensor, time_BTF: Tensor) -> Tensor:
        """Predictions (B, pred_len, targets) from `seq_len` rows; `time_BTF` covers these and the rows to predict."""
        s = self.shape
        y_BLD = self.embed(x_BLC, time_BTF[:, : s.seq_len])
        for number, layer in enumerate(self.encoder):
            y_BLD = layer(y_BLD)
            if number < len(self.distils):
                y_BLD = self.distils[number](y_BLD)
        memory_BSD = self.norms[0](y_BLD)
        # The last rows seen are the decoder's start tokens; what it is to fill in is zero.
        start_BLC = F.pad(x_BLC[:, s.seq_len - s.label_len :], (0, 0, 0, s.pred_len))
        y_BLD = self.embed_answer(start_BLC, time_BTF[:, s.seq_len - s.label_len :])
        for layer in self.decoder[:-1]:
            y_BLD = layer(y_BLD, memory_BSD)
        y_BPD = self.decoder[-1](y_BLD, memory_BSD, last=s.pred_len)  # nobody looks at the others
        answer_BPT: Tensor = self.head(self.norms[1](y_BPD))
        return answer_BPT
