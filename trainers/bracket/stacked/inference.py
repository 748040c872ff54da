"""GRU and LSTM over time where nothing is learnt: no state is kept for gradients, rows that have ended are left out.

`given(t, n)` are what the inputs of the first `n` rows give to the gates at step t, in shape (K, n, G); `rows[t]` says
how many rows have a token there. Each returns every step's h_KTBD, of the rows that are there, and the last states.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

Given = Callable[[int, int], Tensor]


def gru(given: Given, rows: Sequence[int], h_KBD: Tensor, weight_KGD: Tensor, bias_KG: Tensor) -> tuple[Tensor, ...]:
    weight_KDG, D = weight_KGD.transpose(1, 2), h_KBD.shape[-1]
    h_KBD, h_KTBD = h_KBD.clone(), h_KBD.new_zeros(len(h_KBD), len(rows), *h_KBD.shape[1:])
    for t, n in enumerate(rows):
        before, own = h_KBD[:, :n], torch.baddbmm(bias_KG[:, None], h_KBD[:, :n], weight_KDG)
        gates = given(t, n)
        rz = (gates[..., : 2 * D] + own[..., : 2 * D]).sigmoid_()
        new = torch.addcmul(gates[..., 2 * D :], rz[..., :D], own[..., 2 * D :]).tanh_()
        before.copy_(torch.lerp(new, before, rz[..., D:]))
        h_KTBD[:, t, :n] = before
    return h_KTBD, h_KBD


def lstm(
    given: Given, rows: Sequence[int], h_KBD: Tensor, c_KBD: Tensor, weight_KGD: Tensor, bias_KG: Tensor
) -> tuple[Tensor, ...]:
    weight_KDG = weight_KGD.transpose(1, 2)
    h_KBD, c_KBD, h_KTBD = h_KBD.clone(), c_KBD.clone(), h_KBD.new_zeros(len(h_KBD), len(rows), *h_KBD.shape[1:])
    for t, n in enumerate(rows):
        gates = torch.baddbmm(bias_KG[:, None], h_KBD[:, :n], weight_KDG) + given(t, n)
        i, f, g, o = gates.chunk(4, -1)
        c = torch.addcmul(f.sigmoid() * c_KBD[:, :n], i.sigmoid(), g.tanh())
        c_KBD[:, :n] = c
        h_KBD[:, :n] = o.sigmoid() * c.tanh()
        h_KTBD[:, t, :n] = h_KBD[:, :n]
    return h_KTBD, h_KBD, c_KBD
