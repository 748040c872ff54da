"""The one client: every call of every model goes through here."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass, replace
from importlib import import_module
from types import ModuleType
from typing import Any, cast

from agent.llm.backend import Piece, Request
from agent.llm.budget import Budget
from agent.llm.call import Call, Completion
from agent.llm.entries import Entry
from agent.llm.errors import LLMError, LLMErrorKind
from agent.llm.gathering import Gathering, sound
from agent.llm.insight import kept
from agent.llm.line import Line
from agent.llm.model import Reply
from agent.llm.names import ModelKind
from agent.llm.retry import ATTEMPTS, duration, pause
from agent.redaction import in_all, redact
from agent.store.connection import Store
from agent.store.studies import Study

_STRUCTURED = "agent.llm.structured"


@dataclass(frozen=True)
class Sent:
    """A call that was answered, with its entry in the ledger: its answer may yet turn out to be of no use."""

    completion: Completion
    entry: Entry
    came: Gathering

    def refute(self, error: LLMError) -> None:
        self.entry.failed(error, self.came)


class Client:
    """A LanguageModel: one model as one study uses it. See agent.llm.model for the contract.

    Keys are taken out of what is sent, stored and returned. An endpoint that refuses `tools` turns `has_tools` off
    and raises REQUEST: ask again without them.
    """

    def __init__(self, store: Store, study: Study, line: Line) -> None:
        self._store, self._study, self.line = store, study, line
        self._budget = Budget(store, study, line.name.text)

    @property
    def name(self) -> str:
        return self.line.name.text

    @property
    def has_tools(self) -> bool:
        return self.line.backend.has_tools

    async def text(self, call: Call, on_text: Callable[[str], None] | None = None) -> Completion:
        sent = await self._send(call, self._request(call, tools=call.tools), on_text)
        completion = sent.completion
        if not completion.text and not completion.tool_calls:
            error = _nothing_said(call, completion)
            sent.refute(error)
            raise error
        return completion

    async def structured(self, call: Call, shape: type[Reply]) -> tuple[Reply, Completion]:
        structured: Any = _imported(_STRUCTURED)
        if structured is None:  # instructor brings the openai package with it, most of a second's import
            structured = await asyncio.to_thread(import_module, _STRUCTURED)

        async def send(changes: dict[str, Any], attempts: int) -> Sent:
            return await self._send(call, replace(self._request(call), **changes), attempts=attempts)

        # Log-probabilities come with text, not with the arguments of a tool.
        by_tool = self.has_tools and not self._request(call).logprobs
        ask = structured.Asking(send, self.line.forms, by_tool)
        found: tuple[Reply, Completion] = await ask.structured(call, shape)
        return found

    def _request(self, call: Call, **changes: Any) -> Request:
        spec = self._study.spec.agent
        request = Request(
            messages=call.messages,
            max_tokens=call.max_tokens,
            temperature=spec.temperature if call.temperature is None else call.temperature,
            thinking=spec.thinking if call.thinking is None else call.thinking,
            logprobs=call.entropy or spec.entropy or call.alternatives > 0,
            alternatives=call.alternatives,
            attention=call.attention or spec.attention,
            seconds=call.seconds,
        )
        return replace(request, **changes)

    async def _send(
        self,
        call: Call,
        request: Request,
        on_text: Callable[[str], None] | None = None,
        *,
        attempts: int = ATTEMPTS,
    ) -> Sent:
        """Makes the call, and makes it again where that may help and nothing has been shown of it yet."""
        request = replace(request, messages=in_all(request.messages, lambda text: redact(sound(text))))
        attempt = 0
        while True:
            attempt += 1
            came = Gathering(on_text)
            try:
                return await self._attempt(call, request, came, attempt)
            except LLMError as error:
                if came.shown:
                    raise
                wait = pause(error, attempt, attempts, self.line.clock)
            await self.line.clock.sleep(wait)

    async def _attempt(self, call: Call, request: Request, came: Gathering, attempt: int) -> Sent:
        self._budget.check()
        self.line.breaker.check()
        async with self.line.gate:
            self._budget.check()  # what went before us through the gate has been spent
            self.line.breaker.begin()
            entry = Entry(self._store, self._study.id, self.name, call, request, **_notes(call, attempt))
            try:
                await self._read(request, came, entry)
            except LLMError as error:
                raise self._failed(_redacted(error, came), came, entry) from None
            except BaseException as error:  # cancelled, or a fault of ours: the ledger has the call all the same
                self.line.breaker.abandoned()
                entry.broken_off(error, came)
                raise
            self.line.breaker.success()
            entry.succeeded(came)
            return Sent(_completion(came, entry), entry, came)

    def _failed(self, error: LLMError, came: Gathering, entry: Entry) -> LLMError:
        entry.failed(error, came)
        if error.transient:
            self.line.breaker.failure(error)
        else:
            self.line.breaker.success()
        return error

    async def _read(self, request: Request, came: Gathering, entry: Entry) -> None:
        """Raises LLMError of kind TIMEOUT when nothing comes for `request.seconds`."""
        stream = cast(AsyncGenerator[Piece, None], self.line.backend.stream(request))
        async with aclosing(stream):
            while True:
                try:
                    async with asyncio.timeout(request.seconds):
                        piece = await anext(stream, None)
                except TimeoutError:
                    raise _stalled(request.seconds, entry, self.name) from None
                if piece is None:
                    break
                if piece.waiting:
                    entry.not_yet()
                elif piece.text or piece.thought or piece.tool_calls:  # a local model shows signs of life before
                    entry.first_token()
                came.add(piece)
        came.end()
        came.extra = kept(came.extra, self._store.folder, entry.id)
        if came.cost is None and self.line.name.kind is not ModelKind.HOSTED:
            came.cost = 0.0  # a model on this machine has no price
        if came.finish == "content_filter":
            what, remedy = "the provider's content rules stopped the reply", "Ask in other words, or another model."
            raise LLMError(LLMErrorKind.REFUSED, what, where=self.name, remedy=remedy)


def _imported(name: str) -> ModuleType | None:
    """A module that is there whole: another call may be importing it just now."""
    found = sys.modules.get(name)
    return None if found is None or getattr(found.__spec__, "_initializing", False) else found


def _notes(call: Call, attempt: int) -> dict[str, Any]:
    return {"attempt": attempt, "mark": call.mark} if call.mark else {"attempt": attempt}


def _completion(came: Gathering, entry: Entry) -> Completion:
    prompt, completion = came.usage or (None, None)
    return Completion(
        text=came.text.strip(),
        raw=came.raw,
        tool_calls=tuple(replace(c, arguments=redact(c.arguments)) for c in came.tool_calls),
        finish=came.finish or "stop",
        prompt_tokens=prompt,
        completion_tokens=completion,
        cost=came.cost,
        seconds=entry.seconds,
        first_token_seconds=entry.first_token_seconds,
        tokens=tuple(came.tokens),
        extra=dict(came.extra),
        call_id=entry.id,
    )


def _redacted(error: LLMError, came: Gathering) -> LLMError:
    """The error without keys, carrying what had come."""
    return LLMError(
        error.kind,
        redact(error.what),
        where=redact(error.where),
        remedy=redact(error.remedy),
        retry_after=error.retry_after,
        raw=redact(error.raw) or came.raw,
    )


def _stalled(seconds: float, entry: Entry, name: str) -> LLMError:
    waited = duration(seconds) if seconds >= 1 else f"{seconds:g} s"
    what = f"no answer came for {waited}"
    if entry.first_token_seconds is not None:
        what = f"the reply stopped in the middle, and nothing came for {waited}"
    return LLMError(LLMErrorKind.TIMEOUT, what, where=name, remedy="Try again, or choose another model.")


def _nothing_said(call: Call, completion: Completion) -> LLMError:
    what = "the model gave an empty reply"
    if completion.finish == "length":
        what = f"the model used all {call.max_tokens} tokens on thinking and gave no reply"
    return LLMError(LLMErrorKind.REPLY, what, remedy="Try again, or choose another model.", raw=completion.raw)
