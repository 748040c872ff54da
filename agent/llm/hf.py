"""A model of the Hugging Face kind, run by transformers in this process: a folder, or a name of the hub's."""

from __future__ import annotations

import os
import random
import re
import threading
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from agent.llm import capacity
from agent.llm.attention import Recorder, parse
from agent.llm.backend import Piece, Request
from agent.llm.errors import LLMError, LLMErrorKind
from agent.llm.hf_run import Run, TokenTexts
from agent.llm.local_prompt import PromptFormat, Speech, Turn, thinks
from agent.llm.names import ModelName
from agent.llm.worker import Put, Worker

_HUB_NAME = re.compile(r"[\w.-]+(/[\w.-]+)?")
_HUB_PATIENCE = 10.0  # seconds for the hub's first answer


@dataclass(frozen=True)
class _Loaded:
    torch: Any
    tokenizer: Any
    model: Any

    @property
    def context(self) -> int:
        config = self.model.config.get_text_config()
        return min(int(getattr(config, "max_position_embeddings", 0) or capacity.MOST_CONTEXT), capacity.MOST_CONTEXT)


class HfBackend:
    """Loads with the first request, on the GPU where there is one. A reply is held to no schema."""

    has_tools = False
    has_grammar = False
    concurrency = 1

    def __init__(self, name: ModelName) -> None:
        self._where = f"model '{name.text}'"
        self._source = _checked(name.target, self._where)
        self._worker = Worker("hf")
        self._loaded: _Loaded | None = None

    def stream(self, request: Request) -> AsyncIterator[Piece]:
        return self._worker.stream(partial(self._generate, request))

    async def close(self) -> None:
        await self._worker.close(self._free)

    def _free(self) -> None:
        self._loaded = None

    def _generate(self, request: Request, stop: threading.Event, put: Put) -> None:
        if self._loaded is None:
            put(Piece(waiting=True))
            self._loaded = _load(self._source, self._where)
            put(Piece(waiting=True))
        loaded = self._loaded
        text, stops = _format(loaded, request).text(request.messages)
        prompt = loaded.tokenizer(text, add_special_tokens=not _has_bos(loaded.tokenizer, text))["input_ids"]
        most = capacity.room(len(prompt), request.max_tokens, loaded.context, self._where)
        recorder = None
        if request.attention:
            config = loaded.model.config.get_text_config()
            layers, heads = parse(request.attention).of(config.num_hidden_layers, config.num_attention_heads)
            recorder = Recorder(layers, heads, TokenTexts(loaded.tokenizer, special=True).of(prompt))
        run = Run(loaded.torch, loaded.model, loaded.tokenizer, request, recorder, Speech(stops), stop, put)
        try:
            with loaded.torch.inference_mode():
                run.read(prompt)
                run.write(len(prompt), most)
        except loaded.torch.OutOfMemoryError:
            what = f"the GPU's memory does not hold the model's work on {len(prompt):,} tokens"
            remedy = "Take a smaller model, or end what else runs there."
            raise LLMError(LLMErrorKind.TOO_LONG, what, where=self._where, remedy=remedy) from None


def _format(loaded: _Loaded, request: Request) -> PromptFormat:
    control = loaded.tokenizer.all_special_tokens
    if not loaded.tokenizer.chat_template:
        return PromptFormat(None, control)
    options = {} if thinks(request) is None else {"enable_thinking": thinks(request)}

    def apply(turns: list[Turn]) -> str:
        return str(loaded.tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=True, **options))

    return PromptFormat(apply, control)


def _has_bos(tokenizer: Any, text: str) -> bool:
    return bool(tokenizer.bos_token) and text.startswith(tokenizer.bos_token)


def _checked(target: str, where: str) -> str:
    """A folder's path, or a name of the hub's. Raises LLMError for what can be neither."""
    folder = Path(target).expanduser()
    if folder.is_dir():
        if any((folder / name).is_file() for name in ("config.json", "adapter_config.json")):
            return str(folder)
        what = f"the folder {folder} holds no model: there is no config.json"
        raise LLMError(LLMErrorKind.NO_MODEL, what, where=where, remedy="It is what save_pretrained() writes.")
    if folder.is_file():
        what, remedy = f"{folder} is a file, not a folder", f"For llama.cpp: local:{target}."
        raise LLMError(LLMErrorKind.NO_MODEL, what, where=where, remedy=remedy)
    if not _HUB_NAME.fullmatch(target):
        what = f"there is no folder {folder}"
        raise LLMError(LLMErrorKind.NO_MODEL, what, where=where, remedy="Write hf:FOLDER, or hf:OWNER/NAME of the hub.")
    return target


def _load(source: str, where: str) -> _Loaded:
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    import torch

    try:
        import transformers
    except ModuleNotFoundError:
        what, remedy = "the package 'transformers' is not installed", "pip install 'tunewright[hf]'."
        raise LLMError(LLMErrorKind.NO_MODEL, what, where=where, remedy=remedy) from None
    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    torch.set_num_threads(capacity.threads())
    torch.manual_seed(random.getrandbits(63))
    local = Path(source).is_dir() or _is_cached(source, where)
    device, dtype = _placement(torch)
    try:
        tokenizer = transformers.AutoTokenizer.from_pretrained(source, local_files_only=local)
        model = transformers.AutoModelForCausalLM.from_pretrained(source, dtype=dtype, local_files_only=local)
        return _Loaded(torch, tokenizer, model.to(device).eval())
    except Exception as error:  # noqa: BLE001 – a damaged or foreign folder makes the libraries raise errors of every kind
        first = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        what = f"transformers cannot load it: {first}"
        remedy = "Its files are damaged, not all there, or of a kind this transformers does not know."
        raise LLMError(LLMErrorKind.NO_MODEL, what, where=where, remedy=remedy) from None


def _is_cached(name: str, where: str) -> bool:
    """Whether the hub's files are here. If not, whether the hub answers is found out once, and soon: transformers
    would try for every file it may want. Raises LLMError where there is neither."""
    import huggingface_hub
    from huggingface_hub import constants

    if isinstance(huggingface_hub.try_to_load_from_cache(name, "config.json"), str):
        return True
    what = f"'{name}' is no folder here, and is not in the cache of Hugging Face's hub"
    if constants.HF_HUB_OFFLINE:
        remedy = "HF_HUB_OFFLINE is set: unset it to download the model, or name a folder."
        raise LLMError(LLMErrorKind.NO_MODEL, what, where=where, remedy=remedy)
    try:
        huggingface_hub.get_hf_file_metadata(huggingface_hub.hf_hub_url(name, "config.json"), timeout=_HUB_PATIENCE)
    except Exception as error:  # noqa: BLE001 – no network, no such model, no right to it: of many libraries' kinds
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        remedy = f"The hub does not give it ({reason}). Download it first, or name a folder."
        raise LLMError(LLMErrorKind.NO_MODEL, what, where=where, remedy=remedy) from None
    return False


def _placement(torch: Any) -> tuple[str, Any]:
    """The device, and 16-bit floats where its hardware computes with them."""
    if torch.cuda.is_available():
        return "cuda", torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16
    if torch.backends.mps.is_available():
        return "mps", torch.float16
    return "cpu", torch.bfloat16 if _cpu_has_bf16(torch) else torch.float32


def _cpu_has_bf16(torch: Any) -> bool:
    found = (getattr(torch.cpu, name, None) for name in ("_is_avx512_bf16_supported", "_is_amx_tile_supported"))
    return any(bool(has()) for has in found if has is not None)
