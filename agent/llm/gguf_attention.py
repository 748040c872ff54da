"""Attention of a GGUF model, by llama.cpp's evaluation callback: it may look at any tensor as it is computed."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from typing import Any

import numpy as np

from agent.llm.attention import Floats
from agent.llm.errors import LLMError, LLMErrorKind

_SOFTMAX = "kq_soft_max"  # llama.cpp's name for a layer's attention weights, "-0" and so on behind it


class Watch:
    """Give `callback` to a context, set `on`, feed one token, and `take` its row."""

    def __init__(self, lib: Any, layers: Sequence[int], heads: Sequence[int]) -> None:
        from llama_cpp._ggml import libggml

        self._layers, self._heads = layers, list(heads)
        self._names = {f"{_SOFTMAX}-{layer}".encode(): layer for layer in layers}
        self._seen: dict[int, Floats] = {}
        self._failure: Exception | None = None
        self.on = False
        self.callback = lib.llama_cpp.ggml_backend_sched_eval_callback(self._look)
        self._name, self._elements, self._rows = libggml.ggml_get_name, libggml.ggml_nelements, libggml.ggml_nrows
        self._get = libggml.ggml_backend_tensor_get
        self._name.restype, self._name.argtypes = ctypes.c_char_p, [ctypes.c_void_p]
        for count in (self._elements, self._rows):
            count.restype, count.argtypes = ctypes.c_int64, [ctypes.c_void_p]
        self._get.restype = None
        self._get.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_size_t]

    def _look(self, tensor: int, asked: bool, _: Any) -> bool:
        """`asked`: whether we want this one; else here it is, and whether to go on."""
        if asked:
            return self.on and self._name(tensor) in self._names
        try:
            # One token was fed, so a row of the tensor is a head.
            heads, size = self._rows(tensor), self._elements(tensor)
            data = np.empty((heads, size // heads), np.float32)
            self._get(tensor, data.ctypes.data, 0, data.nbytes)
            self._seen[self._names[self._name(tensor)]] = data
        except Exception as error:  # noqa: BLE001 – nothing may be raised through C; `take` raises it
            self._failure = error
        return True

    def take(self, length: int) -> Floats:
        """Layers × heads × the `length` tokens in the context."""
        seen, self._seen = self._seen, {}
        if self._failure is not None:
            raise self._failure
        if missing := [layer for layer in self._layers if layer not in seen]:
            what = f"llama.cpp shows no attention in layer {missing[0]} of this model"
            remedy = "Its layers may be recurrent; name others, or leave attention out."
            raise LLMError(LLMErrorKind.REQUEST, what, where="attention", remedy=remedy)
        return np.stack([seen[layer][self._heads, :length] for layer in self._layers])
