"""What the rest of the agent knows of a model."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

from pydantic import BaseModel

from agent.llm.call import Call, Completion

Reply = TypeVar("Reply", bound=BaseModel)


class LanguageModel(Protocol):
    """One model as one study uses it. Every call is checked against the budget, retried where that may help,
    entered in the ledger, and can be cancelled by cancelling its task. All raise LLMError."""

    @property
    def name(self) -> str:
        """As the person wrote it."""

    @property
    def has_tools(self) -> bool:
        """Whether it takes tools natively; otherwise they must be asked for in the text."""

    async def text(self, call: Call, on_text: Callable[[str], None] | None = None) -> Completion:
        """Free text. `on_text` is given each piece as it arrives, thinking left out."""

    async def structured(self, call: Call, shape: type[Reply]) -> tuple[Reply, Completion]:
        """A reply of `shape`. One that does not parse raises LLMError of kind REPLY that carries it as `raw`
        and says what is wrong with it: asking for a repair is the caller's."""
