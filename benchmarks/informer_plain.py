"""The plain Informer: what a reading of the paper gives, layer by layer, and the peer of `trainers.informer`.

Width-1 convolutions between transposes, keys gathered for every query, masks made anew, every position decoded and most
thrown away, dropout and Adam as torch has them by default. `from_fast` takes over the weights of the fast one.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from trainers.informer.attention import budget
from trainers.informer.layers import ACTIVATIONS, sinusoids
from trainers.informer.network import Informer, Shape


class PlainSoftmax(nn.Module):
    def __init__(self, dropout: float) -> None:
        super().__init__()
        self.dropout = nn.Dropout(dropout)

    def forward(self, q_BLHE: Tensor, k_BSHE: Tensor, v_BSHE: Tensor, causal: bool) -> Tensor:
        score_BHLS = torch.einsum("blhe,bshe->bhls", q_BLHE, k_BSHE)
        if causal:
            length = q_BLHE.shape[1]
            hidden_LS = torch.triu(torch.ones(length, length, dtype=torch.bool), 1).to(q_BLHE.device)
            score_BHLS = score_BHLS.masked_fill(hidden_LS, -math.inf)
        weight_BHLS = self.dropout(torch.softmax(score_BHLS / math.sqrt(q_BLHE.shape[-1]), -1))
        return torch.einsum("bhls,bshe->blhe", weight_BHLS, v_BSHE).contiguous()


class PlainProbSparse(nn.Module):
    def __init__(self, factor: int, dropout: float) -> None:
        super().__init__()
        self.factor, self.dropout = factor, nn.Dropout(dropout)

    def measured(self, q_BHLE: Tensor, k_BHSE: Tensor) -> Tensor:
        """Scores of each query with the keys sampled for it, the keys copied out for every query."""
        batch, heads, keys, width = k_BHSE.shape
        count = q_BHLE.shape[2]
        if not self.training:
            return torch.matmul(q_BHLE, k_BHSE.transpose(-1, -2))
        key_LU = torch.randint(keys, (count, budget(self.factor, keys)))
        expanded = k_BHSE.unsqueeze(-3).expand(batch, heads, count, keys, width)
        sampled = expanded[:, :, torch.arange(count).unsqueeze(1), key_LU, :]
        return torch.matmul(q_BHLE.unsqueeze(-2), sampled.transpose(-2, -1)).squeeze(-2)

    def forward(self, q_BLHE: Tensor, k_BSHE: Tensor, v_BSHE: Tensor, causal: bool) -> Tensor:
        q_BHLE, k_BHSE, v_BHSE = (x.transpose(1, 2) for x in (q_BLHE, k_BSHE, v_BSHE))
        batch, heads, count, width = q_BHLE.shape
        measured = self.measured(q_BHLE, k_BHSE)
        top_BHU = (measured.max(-1)[0] - measured.mean(-1)).topk(budget(self.factor, count), sorted=False)[1]
        b, h = torch.arange(batch)[:, None, None], torch.arange(heads)[None, :, None]
        score_BHUS = torch.matmul(q_BHLE[b, h, top_BHU], k_BHSE.transpose(-2, -1)) / math.sqrt(width)
        if causal:
            hidden_LS = torch.ones(count, count, dtype=torch.bool).triu(1).to(q_BLHE.device)
            score_BHUS = score_BHUS.masked_fill(hidden_LS.expand(batch, heads, -1, -1)[b, h, top_BHU], -math.inf)
            places = torch.arange(1, count + 1, device=q_BLHE.device).view(1, 1, -1, 1)
            context_BHLE = v_BHSE.cumsum(-2) / places
        else:
            context_BHLE = v_BHSE.mean(-2).unsqueeze(-2).expand(batch, heads, count, width).clone()
        weight_BHUS = self.dropout(torch.softmax(score_BHUS, -1))
        context_BHLE[b, h, top_BHU] = torch.matmul(weight_BHUS, v_BHSE).type_as(context_BHLE)
        return context_BHLE.transpose(1, 2).contiguous()


class PlainAttention(nn.Module):
    def __init__(self, inner: nn.Module, d_model: int, heads: int) -> None:
        super().__init__()
        self.inner, self.heads = inner, heads
        self.query, self.key = nn.Linear(d_model, d_model), nn.Linear(d_model, d_model)
        self.value, self.out = nn.Linear(d_model, d_model), nn.Linear(d_model, d_model)

    def forward(self, x_BLD: Tensor, memory_BSD: Tensor, causal: bool) -> Tensor:
        batch = len(x_BLD)
        q_BLHE = self.query(x_BLD).view(batch, x_BLD.shape[1], self.heads, -1)
        k_BSHE = self.key(memory_BSD).view(batch, memory_BSD.shape[1], self.heads, -1)
        v_BSHE = self.value(memory_BSD).view(batch, memory_BSD.shape[1], self.heads, -1)
        out: Tensor = self.out(self.inner(q_BLHE, k_BSHE, v_BSHE, causal).view(batch, x_BLD.shape[1], -1))
        return out


class PlainEmbedding(nn.Module):
    def __init__(self, channels: int, features: int, longest: int, d_model: int, dropout: float) -> None:
        super().__init__()
        self.value = nn.Conv1d(channels, d_model, 3, padding=1, padding_mode="circular")
        self.time = nn.Linear(features, d_model, bias=False)
        self.register_buffer("position", sinusoids(longest, d_model), persistent=False)
        self.position: Tensor
        self.dropout = nn.Dropout(dropout)

    def forward(self, x_BLC: Tensor, time_BLF: Tensor) -> Tensor:
        value_BLD = self.value(x_BLC.permute(0, 2, 1)).transpose(1, 2)
        out: Tensor = self.dropout(value_BLD + self.time(time_BLF) + self.position[: x_BLC.shape[1]])
        return out


class PlainDistil(nn.Module):
    def __init__(self, d_model: int) -> None:
        super().__init__()
        self.conv = nn.Conv1d(d_model, d_model, 3, padding=1, padding_mode="circular")
        self.activation, self.pool = nn.ELU(), nn.MaxPool1d(3, 2, 1)

    def forward(self, x_BLD: Tensor) -> Tensor:
        pooled: Tensor = self.pool(self.activation(self.conv(x_BLD.permute(0, 2, 1))))
        return pooled.transpose(1, 2)


class PlainLayer(nn.Module):
    def __init__(self, s: Shape, crosses: bool) -> None:
        super().__init__()
        inner = PlainProbSparse(s.factor, s.dropout) if s.factor else PlainSoftmax(s.dropout)
        self.own = PlainAttention(inner, s.d_model, s.n_heads)
        self.cross = PlainAttention(PlainSoftmax(s.dropout), s.d_model, s.n_heads) if crosses else None
        self.widen, self.narrow = nn.Conv1d(s.d_model, s.d_ff, 1), nn.Conv1d(s.d_ff, s.d_model, 1)
        self.norms = nn.ModuleList(nn.LayerNorm(s.d_model) for _ in range(3 if crosses else 2))
        self.dropout, self.activation = nn.Dropout(s.dropout), ACTIVATIONS[s.activation]

    def forward(self, x_BLD: Tensor, memory_BSD: Tensor | None = None) -> Tensor:
        x_BLD = self.norms[0](x_BLD + self.dropout(self.own(x_BLD, x_BLD, self.cross is not None)))
        if self.cross is not None:
            x_BLD = self.norms[1](x_BLD + self.dropout(self.cross(x_BLD, memory_BSD, False)))
        y_BFL = self.dropout(self.activation(self.widen(x_BLD.transpose(-1, 1))))
        out: Tensor = self.norms[-1](x_BLD + self.dropout(self.narrow(y_BFL).transpose(-1, 1)))
        return out


class PlainInformer(nn.Module):
    def __init__(self, s: Shape) -> None:
        super().__init__()
        self.shape = s
        longest = max(s.seq_len, s.label_len + s.pred_len)
        self.embed = PlainEmbedding(s.channels, s.features, longest, s.d_model, s.dropout)
        self.embed_answer = PlainEmbedding(s.channels, s.features, longest, s.d_model, s.dropout)
        self.encoder = nn.ModuleList(PlainLayer(s, False) for _ in range(s.e_layers))
        self.distils = nn.ModuleList(PlainDistil(s.d_model) for _ in range(s.e_layers - 1))
        self.decoder = nn.ModuleList(PlainLayer(s, True) for _ in range(s.d_layers))
        self.norms = nn.ModuleList(nn.LayerNorm(s.d_model) for _ in range(2))
        self.head = nn.Linear(s.d_model, s.targets)

    def forward(self, x_BLC: Tensor, time_BTF: Tensor) -> Tensor:
        s = self.shape
        y = self.embed(x_BLC, time_BTF[:, : s.seq_len])
        for number, layer in enumerate(self.encoder):
            y = layer(y)
            if number < len(self.distils):
                y = self.distils[number](y)
        memory = self.norms[0](y)
        zeros = torch.zeros(len(x_BLC), s.pred_len, s.channels).to(x_BLC.device)
        start = torch.cat([x_BLC[:, s.seq_len - s.label_len :], zeros], 1)
        y = self.embed_answer(start, time_BTF[:, s.seq_len - s.label_len :])
        for layer in self.decoder:
            y = layer(y, memory)
        answer: Tensor = self.head(self.norms[1](y))[:, -s.pred_len :]
        return answer


def from_fast(fast: Informer) -> PlainInformer:
    """A plain network with the weights of a fast one."""
    plain = PlainInformer(fast.shape)
    weights: dict[str, Tensor] = {}
    for name, value in fast.state_dict().items():
        weights |= _plain(name.replace("feed.", ""), value.detach().clone(), fast.shape)
    plain.load_state_dict(weights)
    return plain


def _plain(name: str, value: Tensor, s: Shape) -> dict[str, Tensor]:
    """One tensor of the fast network under the plain one's names and shapes."""
    owner, _, kind = name.rpartition(".")
    stem, _, part = owner.rpartition(".")
    if part == "key_value":
        key, val = value.chunk(2)
        return {f"{stem}.key.{kind}": key, f"{stem}.value.{kind}": val}
    if part in ("widen", "narrow") and kind == "weight":
        return {name: value.unsqueeze(-1)}
    if part != "mix":
        return {name: value}
    if owner.startswith("distils"):
        return {f"{stem}.conv.{kind}": value if kind == "bias" else _kernel(value)}
    if kind == "bias":
        return {f"{stem}.value.bias": value}
    conv, time = value.split([3 * s.channels, s.features], 1)
    return {f"{stem}.value.weight": _kernel(conv), f"{stem}.time.weight": time}


def _kernel(weight_OK: Tensor) -> Tensor:
    """From a Linear over (before, here, after) to a Conv1d of width 3."""
    return weight_OK.unflatten(1, (3, -1)).transpose(1, 2).contiguous()
