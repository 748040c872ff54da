"""GRU and LSTM over time for a stack of trials, with their gradients written out.

torch's own cannot be vectorised over models, and a loop of differentiable steps spends most of its time on the
bookkeeping of gradients. Gates are in torch's order: r, z, n and i, f, g, o. `live` says how many trials, from the
first on, have a token at each step; `pad_KTB` where a row of those has none, None where all have.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor


class GRUSequence(torch.autograd.Function):
    """(inputs' gates_KTBG, h_KBD, weight_KGD, bias_KG) → (every step's h_KTBD, the last h_KBD)."""

    @staticmethod
    def forward(
        ctx: Any,
        gates_KTBG: Tensor,
        h_KBD: Tensor,
        weight_KGD: Tensor,
        bias_KG: Tensor,
        live: Sequence[int],
        pad_KTB: Tensor | None,
    ) -> tuple[Tensor, Tensor]:
        K, T, B, D = *gates_KTBG.shape[:3], h_KBD.shape[-1]
        h_KTBD = gates_KTBG.new_empty(K, T + 1, B, D)
        rz_KTBE, n_KTBD, gate_KTBD = (gates_KTBG.new_zeros(K, T, B, width) for width in (2 * D, D, D))
        h_KTBD[:, 0] = h_KBD
        weight_KDG = weight_KGD.transpose(1, 2)
        for t, k in enumerate(live):
            before, given, rz, n = h_KTBD[:k, t], gates_KTBG[:k, t], rz_KTBE[:k, t], n_KTBD[:k, t]
            own = torch.baddbmm(bias_KG[:k, None], before, weight_KDG[:k])
            torch.add(given[..., : 2 * D], own[..., : 2 * D], out=rz).sigmoid_()
            if pad_KTB is not None:  # z = 1 keeps the state, and lets no gradient in
                rz[..., D:].masked_fill_(pad_KTB[:k, t, :, None], 1.0)
            gate_KTBD[:k, t] = own[..., 2 * D :]
            torch.addcmul(given[..., 2 * D :], rz[..., :D], own[..., 2 * D :], out=n).tanh_()
            torch.lerp(n, before, rz[..., D:], out=h_KTBD[:k, t + 1])
            h_KTBD[k:, t + 1] = h_KTBD[k:, t]
        ctx.save_for_backward(h_KTBD, rz_KTBE, n_KTBD, gate_KTBD, weight_KGD)
        ctx.live = live
        ctx.set_materialize_grads(False)
        return h_KTBD[:, 1:], h_KTBD[:, T].clone()

    @staticmethod
    def backward(ctx: Any, *grads: Tensor | None) -> tuple[Tensor | None, ...]:
        out_KTBD, last_KBD = grads
        h_KTBD, rz_KTBE, n_KTBD, gate_KTBD, weight_KGD = ctx.saved_tensors
        _, T, B, D = n_KTBD.shape
        r, z = rz_KTBE[..., :D], rz_KTBE[..., D:]
        # What a unit of gradient of h gives to each gate; for all steps at once.
        to_n = (1 - z) * (1 - n_KTBD * n_KTBD)
        to_z = (h_KTBD[:, :-1] - n_KTBD) * z * (1 - z)
        share_KTBG = torch.cat([to_n * gate_KTBD * r * (1 - r), to_z, to_n * r], -1)
        own_KTBG, dh_KTBD = torch.zeros_like(share_KTBG), torch.zeros_like(n_KTBD)
        dh_KBD = torch.zeros_like(h_KTBD[:, 0]) if last_KBD is None else last_KBD.clone()
        for t in reversed(range(T)):
            k = ctx.live[t]
            if out_KTBD is not None:
                dh_KBD += out_KTBD[:, t]
            dh, own = dh_KBD[:k], own_KTBG[:k, t]
            dh_KTBD[:k, t] = dh
            torch.mul(share_KTBG[:k, t].view(k, B, 3, D), dh[:, :, None], out=own.view(k, B, 3, D))
            dh_KBD[:k] = torch.baddbmm(dh * z[:k, t], own, weight_KGD[:k])
        given_KTBG = torch.cat([own_KTBG[..., : 2 * D], to_n * dh_KTBD], -1)
        return given_KTBG, dh_KBD, *_of_weights(own_KTBG, h_KTBD), None, None


class LSTMSequence(torch.autograd.Function):
    """(inputs' gates_KTBG, h_KBD, c_KBD, weight_KGD, bias_KG) → (every step's h_KTBD, the last h_KBD and c_KBD)."""

    @staticmethod
    def forward(
        ctx: Any,
        gates_KTBG: Tensor,
        h_KBD: Tensor,
        c_KBD: Tensor,
        weight_KGD: Tensor,
        bias_KG: Tensor,
        live: Sequence[int],
        pad_KTB: Tensor | None,
    ) -> tuple[Tensor, Tensor, Tensor]:
        K, T, B, D = *gates_KTBG.shape[:3], h_KBD.shape[-1]
        h_KTBD, c_KTBD = (gates_KTBG.new_empty(K, T + 1, B, D) for _ in range(2))
        ifgo_KTBG, tanh_KTBD = torch.zeros_like(gates_KTBG), gates_KTBG.new_zeros(K, T, B, D)
        h_KTBD[:, 0], c_KTBD[:, 0] = h_KBD, c_KBD
        weight_KDG = weight_KGD.transpose(1, 2)
        for t, k in enumerate(live):
            own = torch.baddbmm(bias_KG[:k, None], h_KTBD[:k, t], weight_KDG[:k])
            gates = torch.add(gates_KTBG[:k, t], own, out=ifgo_KTBG[:k, t])
            gates[..., : 2 * D].sigmoid_()
            gates[..., 2 * D : 3 * D].tanh_()
            gates[..., 3 * D :].sigmoid_()
            i, f, g, o = gates.chunk(4, -1)
            c = torch.addcmul(f * c_KTBD[:k, t], i, g, out=c_KTBD[:k, t + 1])
            h = torch.mul(o, torch.tanh(c, out=tanh_KTBD[:k, t]), out=h_KTBD[:k, t + 1])
            if pad_KTB is not None:
                pad = pad_KTB[:k, t, :, None]
                c.copy_(torch.where(pad, c_KTBD[:k, t], c))
                h.copy_(torch.where(pad, h_KTBD[:k, t], h))
            for state in (h_KTBD, c_KTBD):
                state[k:, t + 1] = state[k:, t]
        ctx.save_for_backward(h_KTBD, c_KTBD, ifgo_KTBG, tanh_KTBD, weight_KGD, pad_KTB)
        ctx.live = live
        ctx.set_materialize_grads(False)
        return h_KTBD[:, 1:], h_KTBD[:, T].clone(), c_KTBD[:, T].clone()

    @staticmethod
    def backward(ctx: Any, *grads: Tensor | None) -> tuple[Tensor | None, ...]:
        out_KTBD, last_h_KBD, last_c_KBD = grads
        h_KTBD, c_KTBD, ifgo_KTBG, tanh_KTBD, weight_KGD, pad_KTB = ctx.saved_tensors
        i, f, g, o = ifgo_KTBG.chunk(4, -1)
        # What a unit of gradient of c gives to i, f and g, of h to o and to c; for all steps at once.
        of_c_KTBE = torch.cat([g * i * (1 - i), c_KTBD[:, :-1] * f * (1 - f), i * (1 - g * g)], -1)
        of_h, to_c = tanh_KTBD * o * (1 - o), o * (1 - tanh_KTBD * tanh_KTBD)
        own_KTBG, (_, T, B, D) = torch.zeros_like(ifgo_KTBG), tanh_KTBD.shape
        dh_KBD, dc_KBD = (
            torch.zeros_like(h_KTBD[:, 0]) if last is None else last.clone() for last in (last_h_KBD, last_c_KBD)
        )
        for t in reversed(range(T)):
            k = ctx.live[t]
            if out_KTBD is not None:
                dh_KBD += out_KTBD[:, t]
            dh, dc, own = dh_KBD[:k], dc_KBD[:k], own_KTBG[:k, t]
            whole_dc = torch.addcmul(dc, dh, to_c[:k, t])
            own_c, own_o = own[..., : 3 * D].view(k, B, 3, D), own[..., 3 * D :]
            torch.mul(of_c_KTBE[:k, t].view(k, B, 3, D), whole_dc[:, :, None], out=own_c)
            torch.mul(of_h[:k, t], dh, out=own_o)
            before_dc = whole_dc * f[:k, t]
            if pad_KTB is None:
                dh_KBD[:k], dc_KBD[:k] = own @ weight_KGD[:k], before_dc
            else:
                pad = pad_KTB[:k, t, :, None]
                own.masked_fill_(pad, 0.0)
                dh_KBD[:k] = torch.where(pad, dh, own @ weight_KGD[:k])
                dc_KBD[:k] = torch.where(pad, dc, before_dc)
        return own_KTBG, dh_KBD, dc_KBD, *_of_weights(own_KTBG, h_KTBD), None, None


def _of_weights(own_KTBG: Tensor, h_KTBD: Tensor) -> tuple[Tensor, Tensor]:
    """Gradients of the weight and the bias of the state's own part in the gates."""
    own_KNG = own_KTBG.flatten(1, 2)
    return own_KNG.transpose(1, 2) @ h_KTBD[:, :-1].flatten(1, 2), own_KNG.sum(1)
