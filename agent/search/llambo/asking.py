"""The calls of one turn: within their limits, and each paid once, however often the turn has to begin again.

Every call carries a mark made of its prompt. An answer that the ledger has since the turn began is taken from there,
so that a turn which was killed goes on with what it has paid for.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

from agent.llm.call import Call, Completion, Token
from agent.llm.errors import LLMError, LLMErrorKind
from agent.llm.seat import Seat
from agent.store import calls, settings
from prompts.render import render

PURPOSES = ("llambo_start", "llambo_candidates", "llambo_predict", "llambo_classify")
_ALTERNATIVES = 8  # likeliest tokens looked at for the two classes
_LEAST = 1_024  # tokens a reply may have at least


@dataclass(frozen=True, kw_only=True)
class Question:
    """One prompt. `sample` tells questions apart whose text is the same. `tokens` is what a reply may need."""

    purpose: str
    context: Mapping[str, Any]
    shape: type[BaseModel]
    sample: int
    temperature: float
    tokens: int
    logprobs: bool = False


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A reply as text, whatever it is worth. `tokens` are there only for one that came just now; what was read from
    them stands in `notes`, also later."""

    text: str
    call_id: int
    tokens: tuple[Token, ...] = ()
    notes: Mapping[str, Any] = field(default_factory=dict)


class Turn:
    """The calls for proposal `number`."""

    def __init__(self, seat: Seat, number: int) -> None:
        self._seat, self._spec = seat, seat.study.spec.llambo
        self._model = seat.need_model()
        self._after = _began(seat, number)
        known = calls.marked(seat.store, seat.study.id, self._after)
        self._known = {call.mark: call for call in known if call.state == "ok" or call.error == LLMErrorKind.REPLY}
        self._before = len(known)
        self._launched = 0

    @property
    def left(self) -> int:
        """How many more calls the limits allow, those of the turn and of the study."""
        seat, rows = self._seat, len(calls.marked(self._seat.store, self._seat.study.id, self._after))
        left = self._spec.calls - max(rows, self._before + self._launched)
        if self._spec.study_calls is not None:
            made = calls.count(seat.store, seat.study.id, PURPOSES)
            left = min(left, self._spec.study_calls - made - max(self._before + self._launched - rows, 0))
        return max(left, 0)

    def known(self, question: Question) -> bool:
        """Whether it was answered before this turn was broken off."""
        return self._call(question).mark in self._known

    async def all(self, questions: Sequence[Question]) -> tuple[list[Answer | None], list[LLMError]]:
        """The answers, in the order of the questions, None for one that has none; and why those have none. Questions
        that no limit has room for are left out from the end. Raises LLMError when not one is answered."""
        came = await asyncio.gather(*(self._one(q) for q in questions), return_exceptions=True)
        if odd := [one for one in came if isinstance(one, BaseException) and not isinstance(one, LLMError)]:
            raise odd[0]
        faults = [one for one in came if isinstance(one, LLMError)]
        if faults and len(faults) == len(came):
            raise faults[0]
        return [one if isinstance(one, Answer) else None for one in came], faults

    async def _one(self, question: Question) -> Answer:
        call = self._call(question)
        if (known := self._known.get(call.mark)) is not None:
            return Answer(text=known.reply, call_id=known.id, notes=known.extra)
        if not self.left:
            raise self._spent()
        self._launched += 1
        try:
            _, completion = await self._model.structured(call, question.shape)
        except LLMError as error:
            if error.kind is not LLMErrorKind.REPLY:
                raise
            return Answer(text=error.raw, call_id=self._id_of(call.mark))
        text, id_ = _said(completion), completion.call_id or self._id_of(call.mark)
        return Answer(text=text, call_id=id_, tokens=completion.tokens)

    def _call(self, question: Question) -> Call:
        agent = self._seat.study.spec.agent
        asked = render(question.purpose, question.context, folder=agent.prompts, language=agent.language)
        told = json.dumps([self._model.name, asked.messages, question.sample], ensure_ascii=False)
        return Call(
            purpose=question.purpose,
            messages=asked.messages,
            template=asked.template,
            max_tokens=max(question.tokens, _LEAST) + (agent.thinking or 0),
            temperature=question.temperature if agent.temperature is None else agent.temperature,
            thinking=agent.thinking,
            entropy=agent.entropy,
            attention=agent.attention,
            alternatives=_ALTERNATIVES if question.logprobs else 0,
            mark=hashlib.sha256(told.encode()).hexdigest()[:16],
        )

    def _id_of(self, mark: str) -> int:
        found = [c.id for c in calls.marked(self._seat.store, self._seat.study.id, self._after) if c.mark == mark]
        return found[-1] if found else 0

    def _spent(self) -> LLMError:
        limit = self._spec.calls if self._before + self._launched >= self._spec.calls else self._spec.study_calls
        where = "llambo.calls" if limit == self._spec.calls else "llambo.study_calls"
        what = f"the {limit} calls that {'a proposal' if where == 'llambo.calls' else 'the study'} may have are made"
        return LLMError(LLMErrorKind.BUDGET, what, where=where, remedy=f"A higher {where} in the study allows more.")


def _began(seat: Seat, number: int) -> int:
    """The last call before the turn began, remembered in the store: a turn that begins again is the same one."""
    scope = f"llambo:{seat.study.id}"
    known = settings.take(seat.store, scope, "turn", {})
    if known.get("number") != number:
        known = {"number": number, "after": calls.last_id(seat.store)}
        settings.put(seat.store, scope, "turn", known)
    return int(known["after"])


def _said(completion: Completion) -> str:
    return completion.tool_calls[0].arguments if completion.tool_calls else completion.text
