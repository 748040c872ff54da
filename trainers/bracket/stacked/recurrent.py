"""Stacked GRU and LSTM."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn.utils.rnn import pack_padded_sequence

from trainers.bracket.stacked import inference
from trainers.bracket.stacked.batch import Size, StackedBatch
from trainers.bracket.stacked.cells import GRUSequence, LSTMSequence
from trainers.bracket.stacked.inference import Given
from trainers.bracket.stacked.layers import linear, looked_up
from trainers.bracket.stacked.model import Named, Stacked
from trainers.bracket.stacked.noise import Noise, Place

_Pads = tuple[list[int], Tensor | None]  # trials with a token at each step, rows without one


class StackedRecurrent(Stacked):
    """`Recurrent`, over K models. Memory is the states of its layers."""

    states: int  # tensors in a layer's state

    def encode(
        self, named: Named, question_KBQ: Tensor, length_KB: Tensor, batch: StackedBatch | None, noise: Noise | None
    ) -> Any:
        if batch is None or noise is None:
            rows = [int((length_KB[0] > t).sum()) for t in range(question_KBQ.shape[2])]
            return self._look(named, question_KBQ, None, rows)[1]
        sizes = [(size.rows, size.question) for size in batch.sizes]
        pads = _pads(length_KB, question_KBQ.shape[2], question_KBQ.device)
        between = [] if noise.silent else _packed(length_KB, batch.sizes)
        return self._learn(named, question_KBQ, None, pads, sizes, between, noise)[1]

    def decode(
        self, named: Named, memory: Any, given_KBA: Tensor, batch: StackedBatch | None, noise: Noise | None
    ) -> Tensor:
        if batch is None or noise is None:
            rows = [given_KBA.shape[1]] * given_KBA.shape[2]
            return linear(named, "head", self._look(named, given_KBA, memory, rows)[0]).transpose(1, 2)
        sizes = [(size.rows, size.answer) for size in batch.sizes]
        pads: _Pads = ([len(given_KBA)] * given_KBA.shape[2], None)
        y_KABD, _ = self._learn(named, given_KBA, memory, pads, sizes, _places(sizes), noise)
        return linear(named, "head", noise.drop(y_KABD, _places(sizes))).transpose(1, 2)

    def _learn(
        self,
        named: Named,
        token_KBT: Tensor,
        memory: Any,
        pads: _Pads,
        sizes: list[tuple[int, int]],
        between: Sequence[Place],
        noise: Noise,
    ) -> tuple[Tensor, list[tuple[Tensor, ...]]]:
        """The last layer's states over time, and every layer's last ones. `between` is where dropout falls there."""
        live, pad_KTB = pads
        x_KTBD = _first_gates(named, token_KBT, sizes, noise)
        states: list[tuple[Tensor, ...]] = []
        for layer in range(_layers(named)):
            gates = _gates(named, layer, noise.drop(x_KTBD, between)) if layer else x_KTBD
            start = self._start(named, layer, token_KBT, memory)
            x_KTBD, *state = self._sequence(gates, start, *_own(named, layer), live, pad_KTB)
            states.append(tuple(state))
        return x_KTBD, states

    def _look(
        self, named: Named, token_KBT: Tensor, memory: Any, rows: Sequence[int]
    ) -> tuple[Tensor, list[tuple[Tensor, ...]]]:
        """The same where nothing is learnt, the longest rows first; `rows` says how many have a token at each step."""
        table_KVG = _gates(named, 0, named["embed.weight"][:, None])[:, 0]
        given: Given = lambda t, n: looked_up(table_KVG, token_KBT[:, :n, t : t + 1])[:, :, 0]  # noqa: E731
        states: list[tuple[Tensor, ...]] = []
        for layer in range(_layers(named)):
            start = self._start(named, layer, token_KBT, memory)
            x_KTBD, *state = self._through(given, rows, start, *_own(named, layer))
            states.append(tuple(state))
            if layer + 1 < _layers(named):
                gates_KTBG = _gates(named, layer + 1, x_KTBD)
                given = lambda t, n, gates_KTBG=gates_KTBG: gates_KTBG[:, t, :n]  # type: ignore[misc]  # noqa: E731
        return x_KTBD, states

    def _start(self, named: Named, layer: int, token_KBT: Tensor, memory: Any) -> tuple[Tensor, ...]:
        if memory is not None:
            found: tuple[Tensor, ...] = memory[layer]
            return found
        weight_KGD = named[f"rnn.weight_hh_l{layer}"]
        nothing = weight_KGD.new_zeros(len(token_KBT), token_KBT.shape[1], weight_KGD.shape[2])
        return (nothing,) * self.states

    def _sequence(self, gates: Tensor, start: tuple[Tensor, ...], *more: Any) -> tuple[Tensor, ...]:
        raise NotImplementedError

    def _through(
        self, given: Given, rows: Sequence[int], start: tuple[Tensor, ...], *own: Tensor
    ) -> tuple[Tensor, ...]:
        raise NotImplementedError


class StackedGRU(StackedRecurrent):
    states = 1

    def _sequence(self, gates: Tensor, start: tuple[Tensor, ...], *more: Any) -> tuple[Tensor, ...]:
        found: tuple[Tensor, ...] = GRUSequence.apply(gates, *start, *more)  # type: ignore[no-untyped-call]
        return found

    def _through(
        self, given: Given, rows: Sequence[int], start: tuple[Tensor, ...], *own: Tensor
    ) -> tuple[Tensor, ...]:
        return inference.gru(given, rows, *start, *own)


class StackedLSTM(StackedRecurrent):
    states = 2

    def _sequence(self, gates: Tensor, start: tuple[Tensor, ...], *more: Any) -> tuple[Tensor, ...]:
        found: tuple[Tensor, ...] = LSTMSequence.apply(gates, *start, *more)  # type: ignore[no-untyped-call]
        return found

    def _through(
        self, given: Given, rows: Sequence[int], start: tuple[Tensor, ...], *own: Tensor
    ) -> tuple[Tensor, ...]:
        return inference.lstm(given, rows, *start, *own)


def _layers(named: Named) -> int:
    return sum(name.startswith("rnn.weight_hh") for name in named)


def _own(named: Named, layer: int) -> tuple[Tensor, Tensor]:
    return named[f"rnn.weight_hh_l{layer}"], named[f"rnn.bias_hh_l{layer}"]


def _first_gates(named: Named, token_KBT: Tensor, sizes: list[tuple[int, int]], noise: Noise) -> Tensor:
    """What the embedded tokens give to the first layer's gates.

    With nothing dropped on the way a token gives the same wherever it stands, so that a table of ten rows will do.
    """
    table_KVE = named["embed.weight"]
    token_KTB = token_KBT.transpose(1, 2)
    if noise.silent:
        return looked_up(_gates(named, 0, table_KVE[:, None])[:, 0], token_KTB)
    return _gates(named, 0, noise.drop(looked_up(table_KVE, token_KTB), _places(sizes)))


def _gates(named: Named, layer: int, x_KTBE: Tensor) -> Tensor:
    weight_KGE, bias_KG = named[f"rnn.weight_ih_l{layer}"], named[f"rnn.bias_ih_l{layer}"]
    flat_KNG = torch.baddbmm(bias_KG[:, None], x_KTBE.flatten(1, 2), weight_KGE.transpose(1, 2))
    return flat_KNG.view(*x_KTBE.shape[:3], -1)


def _pads(length_KB: Tensor, columns: int, device: torch.device) -> _Pads:
    """With the trials of long questions first, those whose questions have ended are left out of a step."""
    longest_K = length_KB.amax(1)
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
