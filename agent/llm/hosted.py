"""Models that answer over HTTP: providers' and servers of one's own, through litellm."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Any

from agent.llm import hosted_errors, keys, litellm_quiet, servers
from agent.llm.backend import Piece, Request
from agent.llm.errors import LLMError, LLMErrorKind
from agent.llm.hosted_errors import Called
from agent.llm.hosted_reading import Reading
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
        self._streams = True

    async def stream(self, request: Request) -> AsyncGenerator[Piece, None]:
        """See Backend."""
        loading = asyncio.ensure_future(litellm_quiet.load())
        while not (await asyncio.wait({loading}, timeout=0.25))[0]:
            yield Piece(waiting=True)
        litellm = loading.result()
        if not self._target:
            self._target = f"openai/{await self._only_model()}"
        provider, called = self._called(litellm)
        reading = Reading(litellm, self._priced_as(provider), provider)
        if self._streams:
            async with aclosing(await self._open(litellm, provider, called, request)) as response:
                try:
                    async for chunk in response:
                        yield reading.piece(chunk)
                except LLMError:
                    raise
                except Exception as error:  # litellm passes on whatever lies under it
                    raise hosted_errors.classify(error, called) from error
                if response.received_finish_reason or response.intermittent_finish_reason:
                    yield reading.last(response.chunks)
                    return
            if reading.any:
                what = f"{called.whom} ended the reply before it was complete"
                raise LLMError(LLMErrorKind.CONNECTION, what, where=f"model '{self._name.text}'")
        # An empty stream: the server cannot stream, or could not say in a stream what is wrong.
        whole = await self._open(litellm, provider, called, request, stream=False)
        self._streams = False
        yield reading.whole(whole)

    async def close(self) -> None:
        """Connections belong to litellm, which keeps them for the next call; they end with the process."""

    async def _open(self, litellm: Any, provider: str, called: Called, request: Request, *, stream: bool = True) -> Any:
        """Starts the reply. Refused wishes are dropped one by one; refused requests cost nothing."""
        supported = litellm.get_supported_openai_params(model=self._target, custom_llm_provider=provider) or ()
        while True:
            wishes = self._options.of(request, supported, own_server=self._own_server)
            if not stream:
                wishes.pop("stream_options", None)
            asked = {**self._fixed(request, called), **_merged(wishes, request), "stream": stream}
            try:
                return await litellm.acompletion(**asked)
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
            raise LLMError(LLMErrorKind.CONNECTION, what, remedy=remedy) from None
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
