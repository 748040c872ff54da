"""One call of a model: what is asked and what comes back, as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Message = Mapping[str, Any]  # {"role": "system" | "user" | "assistant" | "tool", "content": …}, as OpenAI has them


@dataclass(frozen=True, kw_only=True)
class Call:
    """`purpose` and `template` ("next@1:3f2a9c01") go into the ledger. `tools` are OpenAI function schemas.

    `temperature` and `thinking` (tokens) None leave the model's own. `seconds` bounds the wait for the
    first token and between two tokens, not the whole reply. `alternatives` asks for so many of the likeliest
    tokens in each place (a provider may give another number). `mark` is kept with its entry, to find its answer again.
    """

    purpose: str
    messages: tuple[Message, ...]
    template: str = ""
    max_tokens: int = 4_096
    temperature: float | None = None
    thinking: int | None = None
    tools: tuple[Mapping[str, Any], ...] = ()
    seconds: float = 60.0
    entropy: bool = False
    attention: str = ""
    alternatives: int = 0
    mark: str = ""


@dataclass(frozen=True)
class ToolCall:
    """A tool the model wants to have called. `arguments` is its JSON text, not yet checked."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True)
class Token:
    """One token of a reply. `entropy` in nats over the alternatives the model gave (a lower bound where it
    gives only the top few); `logprob` of the token itself; `top` the likeliest tokens in its place with theirs."""

    text: str
    logprob: float
    entropy: float
    top: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Completion:
    """A reply. Unknown figures are None; `cost` in US dollars. `text` is without any thinking aloud.

    `finish` is stop, length, tool_calls or the provider's word. `call_id` is its entry in the ledger.
    """

    text: str
    raw: str = ""
    tool_calls: tuple[ToolCall, ...] = ()
    finish: str = "stop"
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    cost: float | None = None
    seconds: float = 0.0
    first_token_seconds: float | None = None
    tokens: tuple[Token, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)
    call_id: int | None = None
