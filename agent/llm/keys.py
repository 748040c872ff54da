"""Keys of providers: which are there, by name, and how to keep their values out of everything."""

from __future__ import annotations

from agent.redaction import redact

__all__ = ["redact"]
