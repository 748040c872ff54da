"""Sentence vectors from a local model of the Hugging Face kind, by transformers: the mean of the last layer."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.llm.errors import LLMError, LLMErrorKind

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vector = NDArray[np.float32]

_BATCH = 32
_MOST_TOKENS = 256  # of a text; the rest is cut off


class Embedder:
    """One loaded model. `name` changes with the folder and with what is in it."""

    def __init__(self, name: str, tokenizer: Any, model: Any) -> None:
        self.name, self._tokenizer, self._model = name, tokenizer, model
        limit = getattr(model.config, "max_position_embeddings", None) or _MOST_TOKENS
        self._most = min(_MOST_TOKENS, int(limit))

    def embed(self, texts: Sequence[str]) -> list[Vector]:
        """One vector of length 1 a text (mean pooling over its tokens, Reimers and Gurevych 2019)."""
        import numpy as np

        found: list[Vector] = []
        for start in range(0, len(texts), _BATCH):
            part = list(texts[start : start + _BATCH])
            tokens = self._tokenizer(part, padding=True, truncation=True, max_length=self._most, return_tensors="pt")
            states = self._model(**tokens).last_hidden_state.float().numpy()
            mask = tokens["attention_mask"].numpy()[:, :, None]
            means = (states * mask).sum(axis=1) / np.maximum(mask.sum(axis=1), 1)
            lengths = np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 1e-12)
            found.extend((means / lengths).astype(np.float32))
        return found


def embedder(folder: str) -> Embedder:
    """The model in `folder`, loaded once a process. Raises LLMError where there is none, or no transformers."""
    config = Path(folder).expanduser() / "config.json"
    try:
        stamp = config.stat().st_mtime_ns
    except OSError:
        what, remedy = "the folder holds no model: there is no config.json", "Name a folder of a sentence encoder."
        raise LLMError(LLMErrorKind.NO_MODEL, what, where=str(config.parent), remedy=remedy) from None
    return _loaded(str(config.parent.resolve()), stamp)


@lru_cache(maxsize=1)
def _loaded(folder: str, stamp: int) -> Embedder:
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    try:
        import transformers
    except ModuleNotFoundError:
        what, remedy = "the package 'transformers' is not installed", "pip install 'tunewright[hf]'."
        raise LLMError(LLMErrorKind.NO_MODEL, what, where=folder, remedy=remedy) from None
    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    try:
        tokenizer = transformers.AutoTokenizer.from_pretrained(folder, local_files_only=True)
        model = transformers.AutoModel.from_pretrained(folder, local_files_only=True)
    except Exception as error:  # noqa: BLE001 – a damaged or foreign folder makes the libraries raise errors of every kind
        first = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        what = f"transformers cannot load it: {first}"
        remedy = "Its files are damaged, not all there, or of a kind this transformers does not know."
        raise LLMError(LLMErrorKind.NO_MODEL, what, where=folder, remedy=remedy) from None
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    return Embedder(f"{folder}:{stamp}", tokenizer, model.eval().requires_grad_(False))
