"""The tiny models, for every test here."""

from __future__ import annotations

from tests.agent.llm.local.tiny import tiny_gguf, tiny_hf

__all__ = ["tiny_gguf", "tiny_hf"]
