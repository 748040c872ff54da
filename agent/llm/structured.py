"""Structured replies through instructor, whatever runs the model.

instructor writes the function's schema and checks what came back; the call between the two goes through our client,
in the best form the endpoint takes.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import instructor
from instructor.core import InstructorRetryException
from instructor.v2.core.function_calls import response_schema
from openai.types.chat import ChatCompletion
from pydantic import BaseModel, ValidationError

from agent.llm import json_text, plain_words
from agent.llm.call import Call, Completion, Message
from agent.llm.errors import LLMError, LLMErrorKind
from agent.llm.forms import Form, Forms
from agent.llm.json_text import NoJSONError
from agent.llm.model import Reply
from agent.llm.retry import ATTEMPTS

if TYPE_CHECKING:
    from agent.llm.client import Sent

_log = logging.getLogger("instructor")  # it logs replies as errors; they are ours to tell
_log.propagate = False
_log.addHandler(logging.NullHandler())

_INSTRUCTION = (
    "Answer with one JSON object and nothing else: no words around it, no code fence. "
    "It must be valid by this JSON schema:\n\n"
)
_REFUSALS = (LLMErrorKind.REQUEST, LLMErrorKind.SERVER)

Send = Callable[[dict[str, Any], int], Awaitable["Sent"]]


class Asking:
    """`send` makes one call with changes to its request, in so many attempts."""

    def __init__(self, send: Send, forms: Forms, has_tools: bool) -> None:
        self._send, self._forms, self._has_tools = send, forms, has_tools

    async def structured(self, call: Call, shape: type[Reply]) -> tuple[Reply, Completion]:
        """In the best form the endpoint takes. See LanguageModel.structured."""
        for form in self._forms.to_try(has_tools=self._has_tools):
            try:
                return await self._in_form(form, call, shape)
            except LLMError as error:
                if error.kind not in _REFUSALS or self._forms.is_proven(form) or self._forms.is_last(form):
                    raise
        raise AssertionError("the last form is always tried")

    async def _in_form(self, form: Form, call: Call, shape: type[Reply]) -> tuple[Reply, Completion]:
        sent: list[Sent] = []
        tentative = not (self._forms.is_proven(form) or self._forms.is_last(form))

        async def create(**asked: Any) -> ChatCompletion:
            changes = _request(form, asked, shape)
            sent.append(await self._send(changes, 2 if tentative else ATTEMPTS))
            return _as_openai(form, asked, call, sent[0].completion)

        mode = instructor.Mode.TOOLS if form is Form.TOOLS else instructor.Mode.JSON_SCHEMA
        patched = instructor.patch(create=create, mode=mode)
        try:
            checked = await patched(
                response_model=_prepared(shape), messages=list(call.messages), max_retries=0, strict=True
            )
        except InstructorRetryException as failure:
            raise self._failed(form, failure, sent) from None
        self._forms.worked(form)
        completion = sent[0].completion
        return shape.model_construct(checked.model_fields_set, **dict(checked)), completion

    def _failed(self, form: Form, failure: InstructorRetryException, sent: Sequence[Sent]) -> BaseException:
        """What lies behind instructor's exception, the call's entry in the ledger put right."""
        cause = failure.__cause__ or failure
        if not sent:
            return cause
        answer = _answer(sent[0].completion)
        if isinstance(cause, ValidationError):
            self._forms.worked(form)  # it kept to the form, if not to the schema
            cause = LLMError(LLMErrorKind.REPLY, plain_words.explain(cause), raw=answer)
        elif isinstance(cause, NoJSONError):
            self._forms.ignored(form)
            cause = LLMError(LLMErrorKind.REPLY, str(cause), raw=answer)
        if isinstance(cause, LLMError):
            sent[0].refute(cause)
        return cause


def _request(form: Form, asked: Mapping[str, Any], shape: type[BaseModel]) -> dict[str, Any]:
    """What `form` changes in a request. `asked` is what instructor made of it."""
    messages, schema = tuple(asked["messages"]), shape.model_json_schema()
    match form:
        case Form.TOOLS:
            return {"messages": messages, "tools": tuple(asked["tools"]), "tool_choice": asked["tool_choice"]}
        case Form.JSON_SCHEMA:
            return {"messages": messages, "response_format": asked["response_format"]}
        case Form.JSON_OBJECT:
            wanted = {"type": "json_object", "schema": schema}
            return {"messages": _instructed(messages, schema), "response_format": wanted}
        case Form.GRAMMAR:
            return {"messages": _instructed(messages, schema), "schema": schema}
    return {"messages": _instructed(messages, schema)}


def _instructed(messages: tuple[Message, ...], schema: Mapping[str, Any]) -> tuple[Message, ...]:
    """The schema at the end of the last message, where a model heeds it most."""
    text = _INSTRUCTION + json.dumps(schema, ensure_ascii=False)
    *before, last = messages
    if last["role"] == "user" and isinstance(last["content"], str):
        return (*before, {**last, "content": f"{last['content']}\n\n{text}"})
    return (*messages, {"role": "user", "content": text})


def _as_openai(form: Form, asked: Mapping[str, Any], call: Call, completion: Completion) -> ChatCompletion:
    """The reply as instructor takes it: its JSON found and made regular. Raises NoJSONError, or LLMError of kind
    REPLY for one that was cut off or calls another tool."""
    name = asked["tool_choice"]["function"]["name"] if form is Form.TOOLS else ""
    if completion.tool_calls and (called := completion.tool_calls[0].name) != name:
        what = f"The tool '{called}' does not exist." + (f" Call '{name}'." if name else " Answer in JSON.")
        raise LLMError(LLMErrorKind.REPLY, what, raw=_answer(completion))
    try:
        document = json.dumps(json_text.find(_answer(completion)))
    except NoJSONError as error:
        if completion.finish != "length":
            raise
        what = f"The reply was cut off at {call.max_tokens} tokens. {error} Be briefer."
        raise LLMError(LLMErrorKind.REPLY, what, raw=_answer(completion)) from None
    message: dict[str, Any] = {"role": "assistant", "content": document}
    if name:
        function = {"name": name, "arguments": document}
        message = {"role": "assistant", "tool_calls": [{"id": "call", "type": "function", "function": function}]}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    whole = {"id": "reply", "object": "chat.completion", "created": 0, "model": "", "choices": [choice]}
    return ChatCompletion.model_validate(whole)


def _answer(completion: Completion) -> str:
    """What the model answered, thoughts left out."""
    return completion.tool_calls[0].arguments if completion.tool_calls else completion.text


@lru_cache(maxsize=64)
def _prepared(shape: type[BaseModel]) -> type[Any]:
    """The class instructor would otherwise derive anew for each call."""
    return response_schema(shape)
