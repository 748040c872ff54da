"""Models that answer over HTTP: providers' and servers of one's own, through litellm."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Any

from agent.llm import hosted_errors, keys, litellm_quiet, servers
from agent.llm.backend import Piece, Request
from agent.llm.call import ToolCall
from agent.llm.entropy import tokens_of_provider
from agent.llm.errors import LLMError, LLMErrorKind
from agent.llm.gathering import LONGEST_REPLY, too_long
from agent.llm.hosted_errors import Called
from agent.llm.names import ModelName
from agent.llm.options import Options
from agent.llm.servers import NoServerError

_NO_KEY = "none"  # what a server that wants no key is given
_SLACK = 10.0  # seconds by which litellm's own time limit lies behind ours


class HostedBackend:
    """One model at one address. A wish that it refuses (temperature, thinking, log-probabilities) is dropped, and
    remembered; a refusal of tools turns `has_tools` off."""

    has_grammar = False
    concurrency = 4

    def __init__(self, name: ModelName) -> None:
        self.has_tools = True
        self._name = name
        self._own_server = name.text.startswith(("http://", "https://"))
        self._target = name.target
        self._options = Options()

    async def stream(self, request: Request) -> AsyncGenerator[Piece, None]:
        """See Backend."""
        loading = asyncio.ensure_future(litellm_quiet.load())
        while not (await asyncio.wait({loading}, timeout=0.25))[0]:
            yield Piece(waiting=True)
        litellm = loading.result()
        if not self._target:
            self._target = f"openai/{await self._only_model()}"
        provider, called = self._called(litellm)
        response = await self._open(litellm, provider, called, request)
        reading = _Reading(litellm, self._priced_as(provider), provider)
        async with aclosing(response):
            try:
                async for chunk in response:
                    yield reading.piece(chunk)
            except LLMError:
                raise
            except Exception as error:  # litellm passes on whatever lies under it
                raise hosted_errors.classify(error, called) from error
            if not (response.received_finish_reason or response.intermittent_finish_reason):
                what = f"{called.whom} ended the reply before it was complete"
                raise LLMError(LLMErrorKind.CONNECTION, what, where=f"model '{self._name.text}'")
            yield reading.last(response.chunks)

    async def close(self) -> None:
        """Connections belong to litellm, which keeps them for the next call; they end with the process."""

    async def _open(self, litellm: Any, provider: str, called: Called, request: Request) -> Any:
        """Starts the reply. Refused wishes are dropped one by one; refused requests cost nothing."""
        supported = litellm.get_supported_openai_params(model=self._target, custom_llm_provider=provider) or ()
        while True:
            wishes = self._options.of(request, supported, own_server=self._own_server)
            try:
                return await litellm.acompletion(**self._fixed(request, called), **_merged(wishes, request))
            except Exception as error:  # litellm passes on whatever lies under it
                said = hosted_errors.classify(error, called)
                if said.kind is LLMErrorKind.REQUEST and self._options.refused(said.what, wishes):
                    continue
                if said.kind is LLMErrorKind.REQUEST and request.tools and "tool" in said.what.lower():
                    self.has_tools = False
                raise said from error

    def _fixed(self, request: Request, called: Called) -> dict[str, Any]:
        """What is not a wish."""
        asked: dict[str, Any] = {
            "model": self._target,
            "messages": [dict(message) for message in request.messages],
            "stream": True,
            "timeout": request.seconds + _SLACK,
            "max_retries": 0,
            "num_retries": 0,
        }
        if self._name.api_base:
            asked["api_base"] = self._name.api_base
        if key := self._key(called):
            asked["api_key"] = key
        if request.tools:
            asked["tools"] = [dict(tool) for tool in request.tools]
            if request.tool_choice is not None:
                asked["tool_choice"] = request.tool_choice
        return asked

    def _key(self, called: Called) -> str:
        """Empty leaves it to litellm, which knows of providers that we do not. Raises LLMError without one."""
        found = next(filter(None, map(keys.value, called.variables)), "")
        if found or not called.variables or called.provider in ("azure", "bedrock"):
            return found
        if self._name.api_base:
            return _NO_KEY
        raise hosted_errors.no_key(called)

    def _called(self, litellm: Any) -> tuple[str, Called]:
        address = self._name.api_base if self._own_server else ""
        try:
            provider = str(litellm.get_llm_provider(self._target, api_base=self._name.api_base or None)[1])
        except Exception as error:  # litellm passes on whatever lies under it
            raise hosted_errors.classify(error, Called(self._name.text, "", address)) from error
        return provider, Called(self._name.text, provider, address)

    def _priced_as(self, provider: str) -> str:
        """The name whose price holds; empty where nobody knows it: a server of one's own may serve any name."""
        return "" if self._own_server else self._target.removeprefix(f"{provider}/")

    async def _only_model(self) -> str:
        """The model that the server at our address serves. Raises LLMError unless it is one."""
        base = self._name.api_base
        try:
            names = await asyncio.to_thread(servers.served, base, key=keys.value(keys.OWN_SERVER))
        except NoServerError as error:
            what, remedy = f"the server at {base} does not say which models it has: {error}", "Is it running?"
            raise LLMError(LLMErrorKind.CONNECTION, what, where="/models", remedy=remedy) from None
        if len(names) == 1:
            return names[0]
        what = f"the server at {base} serves {len(names)} models: {', '.join(names[:8])}"
        remedy = f"Choose one: {base}#{names[0] if names else 'NAME'}"
        raise LLMError(LLMErrorKind.NO_MODEL, what, where=f"model '{self._name.text}'", remedy=remedy)


def _merged(wishes: Mapping[str, Any], request: Request) -> dict[str, Any]:
    """The wishes and the form of the reply. llama.cpp's form is not one that litellm knows, so it goes in as it is."""
    form = request.response_format
    if form is None:
        return dict(wishes)
    if "schema" not in form:
        return {**wishes, "response_format": dict(form)}
    return {**wishes, "extra_body": {**wishes.get("extra_body", {}), "response_format": dict(form)}}


class _Reading:
    """Turns litellm's chunks into pieces; tool calls are put together from their parts."""

    def __init__(self, litellm: Any, priced_as: str, provider: str) -> None:
        self._litellm, self._priced_as, self._provider = litellm, priced_as, provider
        self._tools: dict[int, list[str]] = {}  # id, name, arguments so far
        self._size = 0

    def piece(self, chunk: Any) -> Piece:
        if not chunk.choices:
            return Piece()
        choice = chunk.choices[0]
        delta = choice.delta
        for part in getattr(delta, "tool_calls", None) or ():
            self._add(part)
        logprobs = getattr(choice, "logprobs", None)
        return Piece(
            text=getattr(delta, "content", None) or getattr(delta, "refusal", None) or "",
            thought=getattr(delta, "reasoning_content", None) or "",
            tokens=tokens_of_provider(_plain(logprobs)) if logprobs else (),
            finish=choice.finish_reason or "",
        )

    def last(self, chunks: list[Any]) -> Piece:
        """What is known at the end. litellm makes up what a provider did not count, so we look for ourselves."""
        calls = tuple(ToolCall(id_, name, arguments) for id_, name, arguments in self._tools.values())
        if not any(getattr(chunk, "usage", None) for chunk in chunks):
            return Piece(tool_calls=calls)
        usage = self._litellm.litellm_core_utils.streaming_handler.calculate_total_usage(chunks=chunks)
        thought = getattr(getattr(usage, "completion_tokens_details", None), "reasoning_tokens", None)
        cached = getattr(getattr(usage, "prompt_tokens_details", None), "cached_tokens", None)
        notes = {"reasoning_tokens": thought, "cached_tokens": cached}
        return Piece(
            tool_calls=calls,
            usage=(usage.prompt_tokens, usage.completion_tokens),
            cost=self._cost(usage),
            extra={name: value for name, value in notes.items() if value},
        )

    def _add(self, part: Any) -> None:
        call = self._tools.setdefault(part.index or 0, ["", "", ""])
        call[0] = call[0] or part.id or ""
        call[1] += part.function.name or ""
        call[2] += part.function.arguments or ""
        self._size += len(part.function.arguments or "")
        if self._size > LONGEST_REPLY:
            raise too_long()

    def _cost(self, usage: Any) -> float | None:
        if not self._priced_as:
            return None
        whole = self._litellm.ModelResponse(model=self._priced_as, usage=usage)
        try:
            cost = self._litellm.completion_cost(
                completion_response=whole, model=self._priced_as, custom_llm_provider=self._provider
            )
        except Exception:  # noqa: BLE001 – it raises several kinds for a price it does not know, and that is no fault
            return None
        return float(cost)


def _plain(logprobs: Any) -> Mapping[str, Any]:
    plain: Mapping[str, Any] = logprobs if isinstance(logprobs, Mapping) else logprobs.model_dump()
    return plain
