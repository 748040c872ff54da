"""Names of models as people write them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from agent.study.agent_spec import NO_MODEL


class ModelKind(StrEnum):
    NONE = "none"  # the built-in advisor
    HOSTED = "hosted"  # through litellm: a provider's, or a server's own
    GGUF = "gguf"  # a file, through llama.cpp, in the agent's own process
    HF = "hf"  # a folder or hub name, through transformers


@dataclass(frozen=True)
class ModelName:
    """`text` as written; `target` what its backend loads: a litellm name, a path, a hub name.

    `api_base` is where a HOSTED model is served, empty for its provider's own address.
    """

    text: str
    kind: ModelKind
    target: str
    api_base: str = ""


def parse_model(text: str, api_base: str = "") -> ModelName:
    """`none`, `local:FILE.gguf`, `hf:NAME`, `http://host:port/v1` (the model it serves; `…/v1#NAME` chooses),
    or any litellm name."""
    text = text.strip()
    if text in ("", NO_MODEL):
        return ModelName(NO_MODEL, ModelKind.NONE, "")
    kind, _, rest = text.partition(":")
    if kind == "local":
        return ModelName(text, ModelKind.GGUF, rest)
    if kind == "hf":
        return ModelName(text, ModelKind.HF, rest)
    if kind in ("http", "https"):
        address, _, name = text.partition("#")
        return ModelName(text, ModelKind.HOSTED, f"openai/{name}" if name else "", address)
    return ModelName(text, ModelKind.HOSTED, text, api_base)
