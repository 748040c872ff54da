"""Attention models: encoder–decoder, encoder with positions for the answer, decoder alone. Blocks are pre-norm.

Batches are of like length, so most need no mask for padding; without one, attention takes its fast path.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
import torch.nn.functional as F  # noqa: N812 (its usual name)
from torch import Tensor, nn

from trainers.bracket.architecture import VOCABULARY, Architecture
from trainers.bracket.data import MAX_ANSWER, MAX_LENGTH, OUTPUT

POSITIONS = MAX_LENGTH + MAX_ANSWER + 1  # the longest question, and its answer with END
SLOTS = MAX_ANSWER + 1
_STD = 0.02  # of embeddings, as in GPT-2 (Radford et al., 2019)


class Attention(nn.Module):
    """Multi-head attention (Vaswani et al., 2017) of x to itself, or to a memory."""

    def __init__(self, embedding: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.heads, self.dropout = heads, dropout
        self.query, self.out = nn.Linear(embedding, embedding), nn.Linear(embedding, embedding)
        self.key_value = nn.Linear(embedding, 2 * embedding)

    def forward(self, x_BTD: Tensor, memory_BSD: Tensor, mask_BTS: Tensor | None, causal: bool) -> Tensor:
        """`mask_BTS` is True where a position may be seen; its T or its B may be 1."""

        def split(y_BTD: Tensor) -> Tensor:
            return y_BTD.view(*y_BTD.shape[:2], self.heads, -1).transpose(1, 2)

        key_BSD, value_BSD = self.key_value(memory_BSD).chunk(2, -1)
        y_BHTE = F.scaled_dot_product_attention(
            split(self.query(x_BTD)),
            split(key_BSD),
            split(value_BSD),
            attn_mask=None if mask_BTS is None else mask_BTS[:, None],
            dropout_p=self.dropout if self.training else 0.0,
            is_causal=causal and mask_BTS is None,
        )
        out: Tensor = self.out(y_BHTE.transpose(1, 2).flatten(2))
        return out


class Block(nn.Module):
    """Attention to itself, to a memory where it has one, and a feed-forward layer, each added to its input."""

    def __init__(self, embedding: int, heads: int, ffn: int, dropout: float, *, crosses: bool = False) -> None:
        super().__init__()
        self.own = Attention(embedding, heads, dropout)
        self.cross = Attention(embedding, heads, dropout) if crosses else None
        self.feed = nn.Sequential(nn.Linear(embedding, ffn), nn.GELU(), nn.Linear(ffn, embedding))
        self.norms = nn.ModuleList(nn.LayerNorm(embedding) for _ in range(3 if crosses else 2))
        self.drop = nn.Dropout(dropout)

    def forward(
        self,
        x_BTD: Tensor,
        mask_BTT: Tensor | None,
        *,
        causal: bool = False,
        memory_BSD: Tensor | None = None,
        seen_B1S: Tensor | None = None,
    ) -> Tensor:
        y_BTD = self.norms[0](x_BTD)
        x_BTD = x_BTD + self.drop(self.own(y_BTD, y_BTD, mask_BTT, causal))
        if self.cross is not None:
            x_BTD = x_BTD + self.drop(self.cross(self.norms[1](x_BTD), memory_BSD, seen_B1S, False))
        out_BTD: Tensor = x_BTD + self.drop(self.feed(self.norms[-1](x_BTD)))
        return out_BTD


class Read(NamedTuple):
    """A question as it was read: states, or its tokens; `seen_B1Q` hides its padding, None where there is none."""

    x_BQD: Tensor
    length_B: Tensor
    seen_B1Q: Tensor | None


class Attending(Architecture):
    """What attention models share: embeddings of tokens, positions and places in the answer, and the head."""

    crosses = False

    def __init__(self, embedding: int, heads: int, ffn: int, layers: int, dropout: float) -> None:
        super().__init__()
        self.tokens = nn.Embedding(VOCABULARY, embedding)
        self.positions = nn.Embedding(POSITIONS, embedding)
        self.slots = nn.Embedding(SLOTS, embedding)
        for table in (self.tokens, self.positions, self.slots):
            nn.init.normal_(table.weight, std=_STD)
        self.blocks = nn.ModuleList(Block(embedding, heads, ffn, dropout, crosses=self.crosses) for _ in range(layers))
        self.norm, self.head = nn.LayerNorm(embedding), nn.Linear(embedding, VOCABULARY)
        self.drop = nn.Dropout(dropout)

    def embed(self, question_BQ: Tensor, length_B: Tensor) -> Read:
        """The question's tokens at their positions."""
        columns = question_BQ.shape[1]
        position_Q = torch.arange(columns, device=question_BQ.device)
        x_BQD = self.drop(self.tokens(question_BQ) + self.positions(position_Q))
        if int(length_B.min()) == columns:
            return Read(x_BQD, length_B.to(question_BQ.device), None)
        length_B = length_B.to(question_BQ.device)
        return Read(x_BQD, length_B, (position_Q < length_B[:, None])[:, None])

    def answer(self, given_BA: Tensor, length_B: Tensor) -> Tensor:
        """The answer's tokens, each behind its question's last one."""
        slot_A = torch.arange(given_BA.shape[1], device=given_BA.device)
        y_BAD: Tensor = self.tokens(given_BA) + self.positions(length_B[:, None] + slot_A) + self.slots(slot_A)
        out_BAD: Tensor = self.drop(y_BAD)
        return out_BAD

    def score(self, y_BAD: Tensor) -> Tensor:
        scores_BAV: Tensor = self.head(self.norm(y_BAD))
        return scores_BAV


class GPT(Attending):
    """A causal decoder over question and answer in one row (Radford et al., 2018)."""

    def encode(self, question_BQ: Tensor, length_B: Tensor) -> Read:
        return self.embed(question_BQ, length_B)

    def decode(self, memory: Read, given_BA: Tensor) -> Tensor:
        x_BTD = torch.cat([memory.x_BQD, self.answer(given_BA, memory.length_B)], 1)
        mask_BTT = None if memory.seen_B1Q is None else _causal(memory.seen_B1Q, given_BA.shape[1])
        for block in self.blocks:
            x_BTD = block(x_BTD, mask_BTT, causal=True)
        return self.score(x_BTD[:, -given_BA.shape[1] :])


class BERT(Attending):
    """An encoder that sees question and answer's places from both sides (Devlin et al., 2019): the whole answer is
    scored at once, from places that hold no token of it."""

    def encode(self, question_BQ: Tensor, length_B: Tensor) -> Tensor:
        """Scores of every place; that is all there is to know."""
        read = self.embed(question_BQ, length_B)
        places_BA = torch.full((len(question_BQ), SLOTS), OUTPUT, device=question_BQ.device)
        x_BTD = torch.cat([read.x_BQD, self.answer(places_BA, read.length_B)], 1)
        mask_B1T = None if read.seen_B1Q is None else F.pad(read.seen_B1Q, (0, SLOTS), value=True)
        for block in self.blocks:
            x_BTD = block(x_BTD, mask_B1T)
        return self.score(x_BTD[:, -SLOTS:])

    def decode(self, memory: Tensor, given_BA: Tensor) -> Tensor:
        return memory[:, : given_BA.shape[1]]


class Transformer(Attending):
    """Encoder and decoder (Vaswani et al., 2017), as many layers each."""

    crosses = True

    def __init__(self, embedding: int, heads: int, ffn: int, layers: int, dropout: float) -> None:
        super().__init__(embedding, heads, ffn, layers, dropout)
        self.reading = nn.ModuleList(Block(embedding, heads, ffn, dropout) for _ in range(layers))
        self.read_norm = nn.LayerNorm(embedding)

    def encode(self, question_BQ: Tensor, length_B: Tensor) -> Read:
        read = self.embed(question_BQ, length_B)
        x_BQD = read.x_BQD
        for block in self.reading:
            x_BQD = block(x_BQD, read.seen_B1Q)
        return read._replace(x_BQD=self.read_norm(x_BQD))

    def decode(self, memory: Read, given_BA: Tensor) -> Tensor:
        y_BAD = self.answer(given_BA, memory.length_B)
        for block in self.blocks:
            y_BAD = block(y_BAD, None, causal=True, memory_BSD=memory.x_BQD, seen_B1S=memory.seen_B1Q)
        return self.score(y_BAD)


def _causal(seen_B1Q: Tensor, answers: int) -> Tensor:
    """Which of all positions each may see: those up to itself that are no padding. Shape (B, T, T)."""
    seen_B1T = F.pad(seen_B1Q, (0, answers), value=True)
    total = seen_B1T.shape[-1]
    return seen_B1T & torch.ones(total, total, dtype=torch.bool, device=seen_B1T.device).tril()
