"""A GGUF model through llama.cpp's C interface, as llama-cpp-python binds it.

The C interface rather than the package's own class: what is under way can be stopped between any two steps, the
logits of a token need no buffer of context × vocabulary, and a second context may look into the same weights.
All of it is called from one thread.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable, Sequence
from functools import cached_property
from importlib import import_module
from typing import Any

import numpy as np

from agent.llm.errors import LLMError, LLMErrorKind

_ALL_LAYERS = 10_000
MOST_BATCH = 512  # tokens llama.cpp reads at once
_WATCHED_BATCH = 64
_ERROR_LEVEL, _CONTINUED = 4, 5  # of llama.cpp's log
_KV_BYTES = 2  # of one number in the KV cache, 16 bits


def library(where: str) -> Any:
    """The package, imported. Raises LLMError where it is missing or does not load."""
    os.environ.setdefault("GGML_NO_BACKTRACE", "1")  # one that aborts would first call a debugger on this process
    try:
        return import_module("llama_cpp")
    except ModuleNotFoundError:
        what, remedy = "the package 'llama-cpp-python' is not installed", "pip install 'tunewright[local]'."
    except (OSError, RuntimeError, AttributeError) as error:  # its shared library: absent, or of another machine
        what = f"the package 'llama-cpp-python' does not load: {error}"
        remedy = "pip install --force-reinstall --no-binary :all: llama-cpp-python."
    raise LLMError(LLMErrorKind.NO_MODEL, what, where=where, remedy=remedy)


class Weights:
    """The weights and the vocabulary of one file. Raises LLMError with llama.cpp's own reason where it cannot load it.

    `go_on` is called while it loads; False breaks it off.
    """

    def __init__(self, path: str, where: str, go_on: Callable[[], bool]) -> None:
        self.lib: Any = library(where)
        self._log = _Log(self.lib)
        self.lib.llama_backend_init()
        self.on_gpu = bool(self.lib.llama_supports_gpu_offload())
        self.model = self._load(path, go_on, _ALL_LAYERS if self.on_gpu else 0)
        if self.model is None and self.on_gpu and go_on():  # the GPU may be full
            self.on_gpu = False
            self.model = self._load(path, go_on, 0)
        if self.model is None:
            if not go_on():
                raise LLMError(LLMErrorKind.CANCELLED, "cancelled")
            what = f"llama.cpp cannot load it: {self._log.reason or 'no reason given'}"
            remedy = "The file is damaged, not whole, or of a kind this llama.cpp does not know; get it anew."
            raise LLMError(LLMErrorKind.NO_MODEL, what, where=where, remedy=remedy)
        self.vocab = self.lib.llama_model_get_vocab(self.model)
        self.n_vocab = int(self.lib.llama_vocab_n_tokens(self.vocab))
        self._pieces: dict[int, bytes] = {}

    def _load(self, path: str, go_on: Callable[[], bool], gpu_layers: int) -> Any:
        params = self.lib.llama_model_default_params()
        params.n_gpu_layers = gpu_layers
        progress = self.lib.llama_cpp.llama_progress_callback(lambda share, _: go_on())
        params.progress_callback = progress
        return self.lib.llama_model_load_from_file(path.encode(), params)

    def close(self) -> None:
        if self.model is not None:
            self.lib.llama_model_free(self.model)
            self.model = None

    @property
    def trained_context(self) -> int:
        return int(self.lib.llama_model_n_ctx_train(self.model))

    @property
    def layers(self) -> int:
        return int(self.lib.llama_model_n_layer(self.model))

    @property
    def heads(self) -> int:
        return int(self.lib.llama_model_n_head(self.model))

    @property
    def size_bytes(self) -> int:
        return int(self.lib.llama_model_size(self.model))

    @property
    def kv_bytes_per_token(self) -> int:
        """What the KV cache takes for one token: an estimate for models whose layers differ."""
        width = int(self.lib.llama_model_n_embd(self.model)) // max(self.heads, 1)
        kind = self.meta("general.architecture")
        sizes = (self.meta(f"{kind}.attention.{part}_length") for part in ("key", "value"))
        each = sum(int(size) if size.isdigit() else width for size in sizes)
        return self.layers * int(self.lib.llama_model_n_head_kv(self.model)) * each * _KV_BYTES

    @property
    def template(self) -> str:
        """The chat template in the file, empty without one."""
        found = self.lib.llama_model_chat_template(self.model, None)
        return str(found.decode("utf-8", "replace")) if found else ""

    def meta(self, key: str) -> str:
        buffer = ctypes.create_string_buffer(1024)
        size = self.lib.llama_model_meta_val_str(self.model, key.encode(), buffer, len(buffer))
        return buffer.value.decode("utf-8", "replace") if size >= 0 else ""

    def special(self, name: str) -> str:
        """The text of the token called bos or eos; empty without one in the file."""
        token = self.meta(f"tokenizer.ggml.{name}_token_id")
        if not token.isdigit() or int(token) >= self.n_vocab:
            return ""
        return self._text(int(token))

    def control_text(self, token: int) -> str:
        """The text that stands for a control token, empty for any other."""
        if not self.lib.llama_vocab_is_control(self.vocab, token):
            return ""
        return self._text(token)

    @cached_property
    def control_texts(self) -> list[str]:
        """Of all control tokens, such as the end of a turn."""
        return [text for token in range(self.n_vocab) if (text := self.control_text(token))]

    def tokens(self, text: str, *, add_special: bool) -> list[int]:
        """`text` as tokens, control tokens recognised."""
        data = text.encode()
        room = len(data) + 8
        array = (self.lib.llama_token * room)()
        count = self.lib.llama_tokenize(self.vocab, data, len(data), array, room, add_special, True)
        assert count >= 0, "a token is at least a byte"
        found: list[int] = array[:count]
        return found

    def _text(self, token: int) -> str:
        return str(self.lib.llama_vocab_get_text(self.vocab, token).decode("utf-8", "replace"))

    def piece(self, token: int) -> bytes:
        """The bytes of one token, which may be part of a character; control tokens have none."""
        if token not in self._pieces:
            buffer = ctypes.create_string_buffer(64)
            size = self.lib.llama_token_to_piece(self.vocab, token, buffer, len(buffer), 0, False)
            if size < 0:  # what it needs
                buffer = ctypes.create_string_buffer(-size)
                size = self.lib.llama_token_to_piece(self.vocab, token, buffer, len(buffer), 0, False)
            self._pieces[token] = buffer.raw[:size]
        return self._pieces[token]

    def ends(self, token: int) -> bool:
        return bool(self.lib.llama_vocab_is_eog(self.vocab, token))


class Context:
    """The state of one conversation: the tokens fed so far, and the logits after the last.

    `watch` is an evaluation callback of llama.cpp's; with one, flash attention is off, so that there is something to
    see. `size` may come out lower than asked for, where memory was short.
    """

    def __init__(self, weights: Weights, size: int, threads: int, watch: Any = None) -> None:
        self._weights, self._lib, self._watch = weights, weights.lib, watch
        params = self._lib.llama_context_default_params()
        params.n_batch = params.n_ubatch = MOST_BATCH
        params.n_threads = params.n_threads_batch = threads
        params.no_perf = True
        if watch is not None:
            params.cb_eval = watch
            params.flash_attn_type = self._lib.LLAMA_FLASH_ATTN_TYPE_DISABLED
            params.n_ubatch = _WATCHED_BATCH  # without flash attention every head has a table of batch × context
            params.swa_full = True
        self.handle = None
        while self.handle is None and size >= MOST_BATCH:
            params.n_ctx = size
            self.handle = self._lib.llama_init_from_model(weights.model, params)
            size //= 2
        if self.handle is None:
            what = "there is no memory for even a small context"
            raise LLMError(LLMErrorKind.NO_MODEL, what, remedy="Take a smaller model, or free memory.")
        self.size = int(self._lib.llama_n_ctx(self.handle))
        self.fed: list[int] = []
        self._memory = self._lib.llama_get_memory(self.handle)

    def close(self) -> None:
        if self.handle is not None:
            self._lib.llama_free(self.handle)
            self.handle = None

    def keep(self, tokens: Sequence[int]) -> int:
        """Forgets what differs from `tokens`, but for at least their last one; returns how many are kept."""
        same = next((i for i, (a, b) in enumerate(zip(self.fed, tokens, strict=False)) if a != b), len(self.fed))
        same = min(same, len(tokens) - 1)
        if same < len(self.fed) and not self._lib.llama_memory_seq_rm(self._memory, 0, same, -1):
            self._lib.llama_memory_clear(self._memory, True)  # a recurrent model cannot go back
            same = 0
        del self.fed[same:]
        return same

    def feed(self, tokens: Sequence[int]) -> None:
        """Reads at most a batch of tokens."""
        array = (self._lib.llama_token * len(tokens))(*tokens)
        code = self._lib.llama_decode(self.handle, self._lib.llama_batch_get_one(array, len(tokens)))
        if code != 0:
            self._lib.llama_memory_clear(self._memory, True)
            self.fed.clear()
            what = f"llama.cpp could not read {len(tokens)} tokens (code {code})"
            raise LLMError(LLMErrorKind.SERVER, what, remedy="Memory may be short; a smaller model needs less.")
        self.fed += tokens

    def logits_V(self) -> np.ndarray[Any, np.dtype[np.float32]]:
        """After the last token; valid until the next is fed."""
        pointer = self._lib.llama_get_logits_ith(self.handle, -1)
        return np.ctypeslib.as_array(pointer, shape=(self._weights.n_vocab,))


class _Log:
    """Keeps what llama.cpp complained about last, and its log off our stderr."""

    def __init__(self, lib: Any) -> None:
        self._errors: list[str] = []
        self._level = 0
        self._callback = lib.llama_log_callback(self._take)
        lib.llama_log_set(self._callback, None)
        _KEPT.append(self)  # the library calls it as long as the process lives

    def _take(self, level: int, text: bytes, _: Any) -> None:
        self._level = self._level if level == _CONTINUED else level
        if self._level == _ERROR_LEVEL and text:
            self._errors = [*self._errors[-5:], text.decode("utf-8", "replace").strip()]

    @property
    def reason(self) -> str:
        """The first error of the last few, without the name of the function that says it."""
        said = next((line for line in self._errors if line), "")
        return said.partition(": ")[2] or said


_KEPT: list[_Log] = []
