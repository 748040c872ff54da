"""The default config and nothing else: for measuring a trainer's defaults, or trying a script."""

from __future__ import annotations

from agent.search.history import History
from agent.study.nouns import Draft


def draw(_history: History) -> Draft | None:
    """Nothing: every search proposes the first config by itself, and here that is all."""
    return None
