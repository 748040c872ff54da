"""Chooses the next token of a GGUF model, held to a grammar where there is one."""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np

from agent.llm.llamacpp import Context, Weights

# llama.cpp's own defaults.
_TEMPERATURE, _TOP_K, _TOP_P, _MIN_P = 0.8, 40, 0.95, 0.05


class Sampler:
    """`temperature` None is llama.cpp's own, 0 takes the likeliest. `grammar` is GBNF with a rule `root`.

    A token is drawn as if there were no grammar and only where that breaks it drawn again among those it allows:
    to try a grammar on one token costs little, on all of a large vocabulary more than the model itself may.
    """

    def __init__(self, weights: Weights, temperature: float | None, seed: int, grammar: str = "") -> None:
        self._weights, self._lib = weights, weights.lib
        lib, self._chain = self._lib, self._lib.llama_sampler_chain_init(self._lib.llama_sampler_chain_default_params())
        parts = [lib.llama_sampler_init_greedy()]
        if temperature is None or temperature > 0:
            parts = [
                lib.llama_sampler_init_top_k(_TOP_K),
                lib.llama_sampler_init_top_p(_TOP_P, 1),
                lib.llama_sampler_init_min_p(_MIN_P, 1),
                lib.llama_sampler_init_temp(_TEMPERATURE if temperature is None else temperature),
                lib.llama_sampler_init_dist(seed),
            ]
        for part in parts:
            lib.llama_sampler_chain_add(self._chain, part)
        self._grammar = None
        if grammar:
            self._grammar = lib.llama_sampler_init_grammar(weights.vocab, grammar.encode(), b"root") or None
        self.has_grammar = self._grammar is not None  # False as well for a grammar llama.cpp does not take

    def close(self) -> None:
        for sampler in (self._chain, self._grammar):
            if sampler is not None:
                self._lib.llama_sampler_free(sampler)
        self._chain = self._grammar = None

    def pick(self, context: Context) -> int | None:
        """The token after those fed; None where the grammar allows none."""
        token = int(self._lib.llama_sampler_sample(self._chain, context.handle, -1))
        if self._grammar is None:
            return token
        if not self._allowed(token):
            second = self._pick_allowed(context)
            if second is None:
                return None
            token = second
        self._lib.llama_sampler_accept(self._grammar, token)
        return token

    def _allowed(self, token: int) -> bool:
        one = (self._lib.llama_token_data * 1)(self._lib.llama_token_data(id=token, logit=1.0, p=0.0))
        candidates = self._candidates(one, 1)
        self._lib.llama_sampler_apply(self._grammar, ctypes.byref(candidates))
        return bool(one[0].logit > float("-inf"))

    def _pick_allowed(self, context: Context) -> int | None:
        count = self._weights.n_vocab
        table = np.zeros(count, np.dtype([("id", np.int32), ("logit", np.float32), ("p", np.float32)], align=True))
        table["id"], table["logit"] = np.arange(count), context.logits_V()
        candidates = self._candidates(table.ctypes.data_as(self._lib.llama_token_data_p), count)
        self._lib.llama_sampler_apply(self._grammar, ctypes.byref(candidates))
        if not np.isfinite(table["logit"]).any():
            return None
        self._lib.llama_sampler_apply(self._chain, ctypes.byref(candidates))
        return int(candidates.data[candidates.selected].id)

    def _candidates(self, data: Any, size: int) -> Any:
        return self._lib.llama_token_data_array(data=data, size=size, selected=-1, sorted=False)
