"""What the client needs of whatever runs a model: litellm, llama.cpp or transformers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from agent.llm.call import Message, Token, ToolCall


@dataclass(frozen=True, kw_only=True)
class Request:
    """One request. `schema` is a JSON schema that the reply's text must follow, by grammar where the backend
    has one; None leaves the text free. What a backend does not know (thinking, tools) it leaves out."""

    messages: Sequence[Message]
    max_tokens: int
    temperature: float | None = None
    thinking: int | None = None
    tools: Sequence[Mapping[str, Any]] = ()
    tool_choice: str | Mapping[str, Any] | None = None
    response_format: Mapping[str, Any] | None = None
    schema: Mapping[str, Any] | None = None
    logprobs: bool = False
    alternatives: int = 0  # likeliest tokens to give with each, where log-probabilities are given
    attention: str = ""
    seconds: float = 60.0


@dataclass(frozen=True, kw_only=True)
class Piece:
    """A piece of a streamed reply; the last one carries what is known at the end.

    `text` is for the reader, `thought` what the model thought aloud; `tool_calls` are whole. `usage` is (prompt,
    completion) tokens. `waiting` says only that the work goes on (the model loads) and is no sign of its first token.
    """

    text: str = ""
    thought: str = ""
    tool_calls: tuple[ToolCall, ...] = ()
    tokens: tuple[Token, ...] = ()
    finish: str = ""
    usage: tuple[int, int] | None = None
    cost: float | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)
    waiting: bool = False


class Backend(Protocol):
    """Streams replies of one model. Raises LLMError with the kind that fits; never makes a failed call again.

    `has_tools`: it takes `tools` natively. `has_grammar`: it holds a reply to `schema` by itself.
    `concurrency`: how many requests may be under way at once.
    """

    has_tools: bool
    has_grammar: bool
    concurrency: int

    def stream(self, request: Request) -> AsyncIterator[Piece]:
        """Pieces as they come. Closing the iterator ends the work behind it."""

    async def close(self) -> None:
        """Frees the model."""
