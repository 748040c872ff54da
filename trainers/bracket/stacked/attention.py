"""Stacked GPT, BERT and Transformer. Blocks are those of `trainers.bracket.attention`, in the same order."""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
import torch.nn.functional as F  # noqa: N812 (its usual name)
from torch import Tensor

from trainers.bracket.attention import SLOTS
from trainers.bracket.data import OUTPUT
from trainers.bracket.stacked.batch import StackedBatch
from trainers.bracket.stacked.columns import Columns, Drops
from trainers.bracket.stacked.layers import linear, looked_up, normed
from trainers.bracket.stacked.model import Named, Stacked
from trainers.bracket.stacked.noise import Noise
from trainers.space import Config


class Read(NamedTuple):
    """Questions as they were read; `seen_KBQ` hides their padding, None where there is none."""

    x_KBQD: Tensor
    length_KB: Tensor
    seen_KBQ: Tensor | None


class StackedAttending(Stacked):
    """`Attending`, over K models."""

    def __init__(self, config: Config) -> None:
        self.heads, self.layers = int(config["heads"]), int(config["layers"])

    def embed(self, named: Named, question_KBQ: Tensor, length_KB: Tensor, drops: Drops) -> Read:
        columns, device = question_KBQ.shape[2], question_KBQ.device
        position_Q = torch.arange(columns, device=device)
        x_KBQD = looked_up(named["tokens.weight"], question_KBQ) + named["positions.weight"][:, None, :columns]
        whole = int(length_KB.min()) == columns  # the lengths are on the host
        length_KB = length_KB.to(device, non_blocking=True)
        seen_KBQ = None if whole else position_Q < length_KB[..., None]
        return Read(drops.states(x_KBQD, Columns.QUESTION), length_KB, seen_KBQ)

    def answer(self, named: Named, given_KBA: Tensor, length_KB: Tensor, drops: Drops, columns: Columns) -> Tensor:
        """The answer's tokens, each behind its question's last one."""
        places = given_KBA.shape[2]
        position_KBA = length_KB[..., None] + torch.arange(places, device=given_KBA.device)
        y_KBAD = looked_up(named["tokens.weight"], given_KBA) + looked_up(named["positions.weight"], position_KBA)
        return drops.states(y_KBAD + named["slots.weight"][:, None, :places], columns)

    def score(self, named: Named, y_KBAD: Tensor) -> Tensor:
        return linear(named, "head", normed(named, "norm", y_KBAD))

    def block(
        self,
        named: Named,
        name: str,
        x_KBTD: Tensor,
        mask: Tensor | None,
        drops: Drops,
        columns: Columns,
        *,
        causal: bool = False,
        read: Read | None = None,
    ) -> Tensor:
        """Attention to itself, to `read` where that is given, and a feed-forward layer. `mask` is (K, B, T or 1, T)."""
        y_KBTD = normed(named, f"{name}.norms.0", x_KBTD)
        own = self._attend(named, f"{name}.own", y_KBTD, y_KBTD, mask, drops, (columns, columns), causal)
        x_KBTD = x_KBTD + drops.states(own, columns)
        if read is not None:
            y_KBTD = normed(named, f"{name}.norms.1", x_KBTD)
            seen = None if read.seen_KBQ is None else read.seen_KBQ[:, :, None]
            pair = (columns, Columns.QUESTION)
            across = self._attend(named, f"{name}.cross", y_KBTD, read.x_KBQD, seen, drops, pair, False)
            x_KBTD = x_KBTD + drops.states(across, columns)
        y_KBTD = normed(named, f"{name}.norms.{1 if read is None else 2}", x_KBTD)
        fed = linear(named, f"{name}.feed.2", F.gelu(linear(named, f"{name}.feed.0", y_KBTD)))
        return x_KBTD + drops.states(fed, columns)

    def _attend(
        self,
        named: Named,
        name: str,
        x_KBTD: Tensor,
        memory_KBSD: Tensor,
        mask: Tensor | None,
        drops: Drops,
        columns: tuple[Columns, Columns],
        causal: bool,
    ) -> Tensor:
        key, value = linear(named, f"{name}.key_value", memory_KBSD).chunk(2, -1)
        query, key, value = (self._split(y) for y in (linear(named, f"{name}.query", x_KBTD), key, value))
        mask = None if mask is None else mask[:, :, None]
        if drops.silent:
            q, k, v = (y.flatten(0, 1) for y in (query, key, value))
            flat_mask = None if mask is None else mask.flatten(0, 1)
            y = F.scaled_dot_product_attention(q, k, v, attn_mask=flat_mask, is_causal=causal and mask is None)
            y = y.view(query.shape)
        else:
            y = drops.weights(_weights(query, key, mask, causal), *columns) @ value
        return linear(named, f"{name}.out", y.transpose(2, 3).flatten(3))

    def _split(self, y_KBTD: Tensor) -> Tensor:
        return y_KBTD.view(*y_KBTD.shape[:3], self.heads, -1).transpose(2, 3)


def _weights(query: Tensor, key: Tensor, mask: Tensor | None, causal: bool) -> Tensor:
    scores = query @ key.transpose(-1, -2) / math.sqrt(query.shape[-1])
    if mask is None and causal:
        mask = torch.ones(scores.shape[-2:], dtype=torch.bool, device=scores.device).tril()
    return (scores if mask is None else scores.masked_fill(~mask, -math.inf)).softmax(-1)


class StackedGPT(StackedAttending):
    def encode(
        self, named: Named, question_KBQ: Tensor, length_KB: Tensor, batch: StackedBatch | None, noise: Noise | None
    ) -> Read:
        return self.embed(named, question_KBQ, length_KB, Drops(noise, batch))

    def decode(
        self, named: Named, memory: Read, given_KBA: Tensor, batch: StackedBatch | None, noise: Noise | None
    ) -> Tensor:
        drops, answers = Drops(noise, batch), given_KBA.shape[2]
        y_KBAD = self.answer(named, given_KBA, memory.length_KB, drops, Columns.ANSWER)
        x_KBTD, mask = torch.cat([memory.x_KBQD, y_KBAD], 2), None
        if memory.seen_KBQ is not None:
            seen_KB1T = F.pad(memory.seen_KBQ, (0, answers), value=True)[:, :, None]
            total = seen_KB1T.shape[-1]
            mask = seen_KB1T & torch.ones(total, total, dtype=torch.bool, device=seen_KB1T.device).tril()
        for layer in range(self.layers):
            x_KBTD = self.block(named, f"blocks.{layer}", x_KBTD, mask, drops, Columns.BOTH, causal=True)
        return self.score(named, x_KBTD[:, :, -answers:])


class StackedBERT(StackedAttending):
    def encode(
        self, named: Named, question_KBQ: Tensor, length_KB: Tensor, batch: StackedBatch | None, noise: Noise | None
    ) -> Tensor:
        drops = Drops(noise, batch, places=SLOTS)
        read = self.embed(named, question_KBQ, length_KB, drops)
        given_KBA = torch.full((*question_KBQ.shape[:2], SLOTS), OUTPUT, device=question_KBQ.device)
        y_KBAD = self.answer(named, given_KBA, read.length_KB, drops, Columns.ANSWER)
        x_KBTD, mask = torch.cat([read.x_KBQD, y_KBAD], 2), None
        if read.seen_KBQ is not None:
            mask = F.pad(read.seen_KBQ, (0, SLOTS), value=True)[:, :, None]
        for layer in range(self.layers):
            x_KBTD = self.block(named, f"blocks.{layer}", x_KBTD, mask, drops, Columns.BOTH)
        return self.score(named, x_KBTD[:, :, -SLOTS:])

    def decode(
        self, named: Named, memory: Tensor, given_KBA: Tensor, batch: StackedBatch | None, noise: Noise | None
    ) -> Tensor:
        return memory[:, :, : given_KBA.shape[2]]


class StackedTransformer(StackedAttending):
    def encode(
        self, named: Named, question_KBQ: Tensor, length_KB: Tensor, batch: StackedBatch | None, noise: Noise | None
    ) -> Read:
        drops = Drops(noise, batch)
        read = self.embed(named, question_KBQ, length_KB, drops)
        x_KBQD, mask = read.x_KBQD, None if read.seen_KBQ is None else read.seen_KBQ[:, :, None]
        for layer in range(self.layers):
            x_KBQD = self.block(named, f"reading.{layer}", x_KBQD, mask, drops, Columns.QUESTION)
        return read._replace(x_KBQD=normed(named, "read_norm", x_KBQD))

    def decode(
        self, named: Named, memory: Read, given_KBA: Tensor, batch: StackedBatch | None, noise: Noise | None
    ) -> Tensor:
        drops = Drops(noise, batch)
        y_KBAD = self.answer(named, given_KBA, memory.length_KB, drops, Columns.ANSWER)
        for layer in range(self.layers):
            y_KBAD = self.block(named, f"blocks.{layer}", y_KBAD, None, drops, Columns.ANSWER, causal=True, read=memory)
        return self.score(named, y_KBAD)
