"""One call's entry in the ledger, from its beginning to its end, whatever happens between."""

from __future__ import annotations

import time
from typing import Any

from agent.llm.backend import Request
from agent.llm.call import Call
from agent.llm.errors import LLMError, LLMErrorKind
from agent.llm.gathering import Gathering
from agent.redaction import redact
from agent.store import calls
from agent.store.connection import Store


class Entry:
    """Opened before the call is made. What is stored has no key in it: the request comes redacted."""

    def __init__(self, store: Store, study_id: int, model: str, call: Call, request: Request, **notes: Any) -> None:
        self._store, self._notes = store, notes
        self._start = time.perf_counter()
        self.seconds = 0.0
        self.first_token_seconds: float | None = None
        self.id = calls.begin(
            store,
            study_id,
            purpose=call.purpose,
            model=model,
            template=call.template,
            messages=request.messages,
            extra=notes,
        )

    def not_yet(self) -> None:
        """The model is still being loaded, which is not counted."""
        self._start = time.perf_counter()

    def first_token(self) -> None:
        if self.first_token_seconds is None:
            self.first_token_seconds = time.perf_counter() - self._start

    def succeeded(self, came: Gathering) -> None:
        self._end("ok", "", came)

    def failed(self, error: LLMError, came: Gathering) -> None:
        """Also when what came turns out to be of no use, after it was entered as a success."""
        self._end("failed", str(error.kind), came, message=redact(str(error)))

    def broken_off(self, error: BaseException, came: Gathering) -> None:
        """Cancelled, or by a fault of ours."""
        if isinstance(error, Exception):
            self._end("failed", "", came, message=redact(f"{type(error).__name__}: {error}"))
        else:
            self._end("cancelled", str(LLMErrorKind.CANCELLED), came)

    def _end(self, state: str, error: str, came: Gathering, **notes: Any) -> None:
        self.seconds = self.seconds or time.perf_counter() - self._start
        prompt, completion = came.usage or (None, None)
        finish = {"finish": came.finish} if came.finish else {}
        calls.end(
            self._store,
            self.id,
            state=state,
            error=error,
            reply=came.raw,
            prompt_tokens=prompt,
            completion_tokens=completion,
            cost=came.cost,
            seconds=self.seconds,
            first_token_seconds=self.first_token_seconds,
            extra={**self._notes, **finish, **came.extra, **notes},
        )
