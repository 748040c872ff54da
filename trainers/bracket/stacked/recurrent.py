"""Stacked GRU and LSTM."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn.utils.rnn import pack_padded_sequence

from trainers.bracket.stacked.batch import Size, StackedBatch
from trainers.bracket.stacked.cells import GRUSequence, LSTMSequence
from trainers.bracket.stacked.layers import looked_up
from trainers.bracket.stacked.model import Named, Stacked
from trainers.bracket.stacked.noise import Noise, Place

_Pads = tuple[list[int], Tensor | None]  # trials with a token at each step, rows without one


class StackedRecurrent(Stacked):
    """`Recurrent`, over K models. Memory is the states of its layers."""

    def encode(
        self, named: Named, question_KBQ: Tensor, length_KB: Tensor, batch: StackedBatch | None, noise: Noise | None
    ) -> Any:
        sizes = None if batch is None else [(size.rows, size.question) for size in batch.sizes]
        pads = _pads(length_KB, question_KBQ.shape[2], question_KBQ.device, longest_first=batch is not None)
        between = [] if noise is None or noise.silent or batch is None else _packed(length_KB, batch.sizes)
        return self._recur(named, question_KBQ, None, pads, sizes, between, noise)[1]

    def decode(
        self, named: Named, memory: Any, given_KBA: Tensor, batch: StackedBatch | None, noise: Noise | None
    ) -> Tensor:
        sizes = None if batch is None else [(size.rows, size.answer) for size in batch.sizes]
        places = [] if sizes is None else _places(sizes)
        pads: _Pads = ([len(given_KBA)] * given_KBA.shape[2], None)
        y_KABD, _ = self._recur(named, given_KBA, memory, pads, sizes, places, noise)
        if noise is not None:
            y_KABD = noise.drop(y_KABD, places)
        scores_KNV = torch.baddbmm(
            named["head.bias"][:, None], y_KABD.flatten(1, 2), named["head.weight"].transpose(1, 2)
        )
        return scores_KNV.view(*y_KABD.shape[:3], -1).transpose(1, 2)

    def _recur(
        self,
        named: Named,
        token_KBT: Tensor,
        memory: Any,
        pads: _Pads,
        sizes: list[tuple[int, int]] | None,
        between: Sequence[Place],
        noise: Noise | None,
    ) -> tuple[Tensor, list[tuple[Tensor, ...]]]:
        """The last layer's states over time, and every layer's last ones. `between` is where dropout falls there."""
        live, pad_KTB = pads
        layers = sum(name.startswith("rnn.weight_hh") for name in named)
        states: list[tuple[Tensor, ...]] = []
        x_KTBD: Tensor | None = None
        for layer in range(layers):
            if x_KTBD is None:
                gates = _first_gates(named, token_KBT, sizes, noise)
            else:
                x_KTBD = x_KTBD if noise is None else noise.drop(x_KTBD, between)
                gates = _gates(named, layer, x_KTBD)
            weight, bias = named[f"rnn.weight_hh_l{layer}"], named[f"rnn.bias_hh_l{layer}"]
            start = self._nothing(gates, weight) if memory is None else memory[layer]
            x_KTBD, *state = self._sequence(gates, start, weight, bias, live, pad_KTB)
            states.append(tuple(state))
        assert x_KTBD is not None
        return x_KTBD, states

    def _nothing(self, gates: Tensor, weight: Tensor) -> tuple[Tensor, ...]:
        raise NotImplementedError

    def _sequence(self, gates: Tensor, start: tuple[Tensor, ...], *more: Any) -> tuple[Tensor, ...]:
        raise NotImplementedError


def _zeros(gates_KTBG: Tensor, weight_KGD: Tensor) -> Tensor:
    return gates_KTBG.new_zeros(len(gates_KTBG), gates_KTBG.shape[2], weight_KGD.shape[2])


class StackedGRU(StackedRecurrent):
    def _nothing(self, gates: Tensor, weight: Tensor) -> tuple[Tensor, ...]:
        return (_zeros(gates, weight),)

    def _sequence(self, gates: Tensor, start: tuple[Tensor, ...], *more: Any) -> tuple[Tensor, ...]:
        found: tuple[Tensor, ...] = GRUSequence.apply(gates, *start, *more)  # type: ignore[no-untyped-call]
        return found


class StackedLSTM(StackedRecurrent):
    def _nothing(self, gates: Tensor, weight: Tensor) -> tuple[Tensor, ...]:
        return _zeros(gates, weight), _zeros(gates, weight)

    def _sequence(self, gates: Tensor, start: tuple[Tensor, ...], *more: Any) -> tuple[Tensor, ...]:
        found: tuple[Tensor, ...] = LSTMSequence.apply(gates, *start, *more)  # type: ignore[no-untyped-call]
        return found


def _first_gates(named: Named, token_KBT: Tensor, sizes: list[tuple[int, int]] | None, noise: Noise | None) -> Tensor:
    """What the embedded tokens give to the first layer's gates.

    With nothing dropped on the way a token gives the same wherever it stands, so that a table of ten rows will do.
    """
    table_KVE = named["embed.weight"]
    token_KTB = token_KBT.transpose(1, 2)
    if noise is None or noise.silent:
        return looked_up(_gates(named, 0, table_KVE[:, None])[:, 0], token_KTB)
    assert sizes is not None
    return _gates(named, 0, noise.drop(looked_up(table_KVE, token_KTB), _places(sizes)))


def _gates(named: Named, layer: int, x_KTBE: Tensor) -> Tensor:
    weight_KGE, bias_KG = named[f"rnn.weight_ih_l{layer}"], named[f"rnn.bias_ih_l{layer}"]
    flat_KNG = torch.baddbmm(bias_KG[:, None], x_KTBE.flatten(1, 2), weight_KGE.transpose(1, 2))
    return flat_KNG.view(*x_KTBE.shape[:3], -1)


def _pads(length_KB: Tensor, columns: int, device: torch.device, *, longest_first: bool) -> _Pads:
    """With the trials of long questions first, those whose questions have ended are left out of a step."""
    longest_K = length_KB.amax(1) if longest_first else torch.full((len(length_KB),), columns)
    live = [int((longest_K > t).sum()) for t in range(columns)]
    if bool((length_KB == longest_K[:, None]).all()):
        return live, None
    return live, (torch.arange(columns)[:, None] >= length_KB[:, None]).to(device, non_blocking=True)


def _places(sizes: list[tuple[int, int]]) -> list[Place]:
    """Where a trial's own rows and columns lie in (T, B, …)."""
    return [(slice(columns), slice(rows)) for rows, columns in sizes]


def _packed(length_KB: Tensor, sizes: list[Size]) -> list[Place]:
    """The same where rows of a question's batch differ in length: torch packs them, and drops in the packed order."""
    found: list[Place] = []
    for length_B, size in zip(length_KB, sizes, strict=True):
        own_B = length_B[: size.rows]
        if int(own_B.min()) == size.question:
            found.append((slice(size.question), slice(size.rows)))
            continue
        place_TB = torch.arange(size.question * size.rows).view(size.question, size.rows)
        packed = pack_padded_sequence(place_TB, own_B, enforce_sorted=False).data
        found.append((packed // size.rows, packed % size.rows))
    return found
