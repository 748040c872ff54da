"""The tiny models and their server, for every test here."""

from __future__ import annotations

from tests.agent.llm.local.server import llama_server
from tests.agent.llm.local.tiny import tiny_gguf, tiny_hf

__all__ = ["llama_server", "tiny_gguf", "tiny_hf"]
