"""What of a request is a wish: sent in the words a provider has for it, and left out once a model has refused it."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

from agent.llm.backend import Request

TOP_LOGPROBS = 5
# How a refusal names what it refuses.
_NAMED = {
    "temperature": re.compile(r"temperature", re.I),
    "thinking": re.compile(r"thinking|budget_tokens|reasoning", re.I),
    "reasoning_effort": re.compile(r"reasoning", re.I),
    "extra_body": re.compile(r"chat_template_kwargs|extra", re.I),
    "logprobs": re.compile(r"logprobs", re.I),
    "top_logprobs": re.compile(r"logprobs", re.I),
    "stream_options": re.compile(r"stream_options|include_usage", re.I),
    "max_tokens": re.compile(r"max_completion_tokens", re.I),
}


class Options:
    """Of one model. What it was found to refuse is not sent again."""

    def __init__(self) -> None:
        self._refused: set[str] = set()

    def of(self, request: Request, supported: Collection[str], *, own_server: bool) -> dict[str, Any]:
        """In litellm's words. `supported` are the parameters litellm knows the provider to take."""
        length = "max_completion_tokens" if "max_tokens" in self._refused else "max_tokens"
        # Tokens a model thinks with count towards the length of its reply.
        wanted: dict[str, Any] = {length: request.max_tokens + (request.thinking or 0)}
        wanted["stream_options"] = {"include_usage": True}
        if request.temperature is not None and "temperature" in supported:
            wanted["temperature"] = request.temperature
        if request.thinking is not None:
            wanted |= _thinking(request.thinking, supported, own_server=own_server)
        if request.logprobs and "logprobs" in supported:
            wanted |= {"logprobs": True, "top_logprobs": TOP_LOGPROBS}
        return {name: value for name, value in wanted.items() if name not in self._refused}

    def refused(self, said: str, sent: Mapping[str, Any]) -> bool:
        """Whether `said`, a provider's refusal, names a wish that was sent: it is then left out from now on."""
        named = {name for name, pattern in _NAMED.items() if name in sent and pattern.search(said)}
        self._refused |= named
        return bool(named)


def _thinking(tokens: int, supported: Collection[str], *, own_server: bool) -> dict[str, Any]:
    """A budget of tokens where there is one, else the nearest level of effort, else whether to think at all."""
    if own_server:
        return {"extra_body": {"chat_template_kwargs": {"enable_thinking": tokens > 0}}}
    if "thinking" in supported:
        return {"thinking": {"type": "enabled", "budget_tokens": tokens} if tokens else {"type": "disabled"}}
    if "reasoning_effort" in supported:
        level = "low" if tokens < 2_048 else "medium" if tokens < 8_192 else "high"
        return {"reasoning_effort": level if tokens else "none"}
    return {}
