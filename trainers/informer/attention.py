"""Full and ProbSparse attention (Vaswani et al., 2017; Zhou et al., AAAI 2021, algorithm 1).

ProbSparse attends with the few queries whose scores differ most from uniform; every other query takes the mean of the
values it may see, which is what uniform attention gives. How far a query's scores are from uniform is measured on a
random sample of keys in training, and on all keys in evaluation, which is therefore deterministic.

The sample's scores are gathered from the dense product of queries and keys: it is one matrix product, where gathering
sampled keys would copy them once for every query. Only what attends has gradients.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F  # noqa: N812 (its usual name)
from torch import Tensor, nn

from trainers.informer.dropout import Dropout


def budget(factor: int, length: int) -> int:
    """c · ⌈ln L⌉, at most L: how many queries attend, and how many keys are sampled."""
    return min(length, factor * math.ceil(math.log(length))) if length > 1 else 1


class Attention(nn.Module):
    """Multi-head attention of x to a memory. `factor` 0 is full attention; else ProbSparse with that factor."""

    def __init__(self, d_model: int, heads: int, factor: int, dropout: float) -> None:
        super().__init__()
        self.heads, self.factor = heads, factor
        self.query, self.out = nn.Linear(d_model, d_model), nn.Linear(d_model, d_model)
        self.key_value = nn.Linear(d_model, 2 * d_model)
        self.drop: nn.Module = Dropout(dropout)
        self.sample = sample

    def forward(self, x_BLD: Tensor, memory_BSD: Tensor, *, causal: bool = False, last: int | None = None) -> Tensor:
        """What the `last` positions of x (all without it) take from the memory.

        `causal`, where x is the memory: no position sees a later one.
        """
        count = x_BLD.shape[1]
        last = count if last is None else last
        sparse = self.factor > 0 and budget(self.factor, count) < count
        asking_BLD = x_BLD if sparse else x_BLD[:, -last:]  # which queries attend depends on all of them
        q_BLHE = self.query(asking_BLD).unflatten(-1, (self.heads, -1))
        key_BSD, value_BSD = self.key_value(memory_BSD).chunk(2, -1)
        k_BHSE = key_BSD.unflatten(-1, (self.heads, -1)).transpose(1, 2)
        v_BHSE = value_BSD.unflatten(-1, (self.heads, -1)).transpose(1, 2)
        if sparse:
            y_BLHE = self._sparse(q_BLHE, k_BHSE, v_BHSE, causal)[:, -last:]
        else:
            hidden_LS = _later(count, last, x_BLD.device) if causal else None
            y_BLHE = self._attend(q_BLHE.transpose(1, 2), k_BHSE, v_BHSE, hidden_LS).transpose(1, 2)
        out_BLD: Tensor = self.out(y_BLHE.flatten(2))
        return out_BLD

    def _attend(self, q_BHLE: Tensor, k_BHSE: Tensor, v_BHSE: Tensor, hidden: Tensor | None) -> Tensor:
        """Softmax attention; `hidden` is True where a key must not be seen."""
        if q_BHLE.device.type != "cpu" and isinstance(self.drop, Dropout):
            seen, rate = None if hidden is None else ~hidden, self.drop.rate if self.training else 0.0
            return F.scaled_dot_product_attention(q_BHLE, k_BHSE, v_BHSE, attn_mask=seen, dropout_p=rate)
        # On a CPU the three products cost less than the fused kernel at these lengths.
        score_BHLS = (q_BHLE * (q_BHLE.shape[-1] ** -0.5)) @ k_BHSE.transpose(-1, -2)
        if hidden is not None:
            score_BHLS = score_BHLS.masked_fill(hidden, -math.inf)
        attended_BHLE: Tensor = self.drop(score_BHLS.softmax(-1)) @ v_BHSE
        return attended_BHLE

    def _sparse(self, q_BLHE: Tensor, k_BHSE: Tensor, v_BHSE: Tensor, causal: bool) -> Tensor:
        """Attention by the most decided queries, the mean of the values for the others."""
        batch, count, heads, _ = q_BLHE.shape
        top_BHU = self._most_decided(q_BLHE.detach().transpose(1, 2), k_BHSE.detach())
        # Rows of the (B · L · H)-by-E matrix of queries.
        base_BH1 = torch.arange(batch, device=q_BLHE.device)[:, None, None] * (count * heads)
        row_N = (base_BH1 + top_BHU * heads + torch.arange(heads, device=q_BLHE.device)[:, None]).flatten()
        q_BHUE = q_BLHE.flatten(0, 2).index_select(0, row_N).view(*top_BHU.shape, -1)
        hidden_BHUS = torch.arange(count, device=q_BLHE.device) > top_BHU[..., None] if causal else None
        taken_BHUE = self._attend(q_BHUE, k_BHSE, v_BHSE, hidden_BHUS)
        lazy_BLHE = _running_mean(v_BHSE) if causal else v_BHSE.mean(2, keepdim=True)
        lazy_BLHE = lazy_BLHE.transpose(1, 2).expand(q_BLHE.shape)
        mixed_NE = lazy_BLHE.flatten(0, 2).index_copy(0, row_N, taken_BHUE.flatten(0, 2).to(lazy_BLHE.dtype))
        return mixed_NE.view(q_BLHE.shape)

    @torch.no_grad()
    def _most_decided(self, q_BHLE: Tensor, k_BHSE: Tensor) -> Tensor:
        """The queries with the largest max − mean of their scores."""
        score_BHLS = q_BHLE @ k_BHSE.transpose(-1, -2)
        count, keys = score_BHLS.shape[-2:]
        sampled = budget(self.factor, keys)
        if self.training and sampled < keys:
            key_LU = self.sample(count, sampled, keys, score_BHLS.device)
            score_BHLS = score_BHLS.gather(-1, key_LU.expand(*score_BHLS.shape[:2], -1, -1))
        measure_BHL = score_BHLS.amax(-1) - score_BHLS.mean(-1)
        return measure_BHL.topk(budget(self.factor, count), sorted=False).indices


def sample(count: int, sampled: int, keys: int, device: torch.device) -> Tensor:
    """For each of so many queries, the keys it is measured on."""
    return torch.randint(keys, (count, sampled), device=device)


def _later(count: int, last: int, device: torch.device) -> Tensor:
    """For the last positions of so many, True where a position comes after one's own."""
    place_L = torch.arange(count, device=device)
    return place_L > place_L[-last:, None]


def _running_mean(v_BHSE: Tensor) -> Tensor:
    """At each position the mean of the values up to it: one product, where a running sum has no fast gradient."""
    count = v_BHSE.shape[2]
    weight_SS = torch.ones(count, count, device=v_BHSE.device).tril()
    weight_SS = weight_SS / torch.arange(1, count + 1, device=v_BHSE.device)[:, None]
    return weight_SS.to(v_BHSE.dtype) @ v_BHSE
