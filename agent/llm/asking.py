"""One question to a model, with one chance to put a useless answer right."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from pydantic import BaseModel

from agent.llm.call import Call, Completion
from agent.llm.errors import LLMError, LLMErrorKind
from agent.llm.model import LanguageModel
from prompts.render import render

Shape = TypeVar("Shape", bound=BaseModel)
Result = TypeVar("Result")

_ECHOED = 6_000  # characters of a useless answer that are shown to the model again
_PROBLEMS = 8


@dataclass(frozen=True)
class Judged(Generic[Result]):
    """What an answer comes to: a result, or the problems for which there is none."""

    result: Result | None
    problems: Sequence[str] = ()


async def ask(
    model: LanguageModel,
    call: Call,
    shape: type[Shape],
    judge: Callable[[Shape, Completion | None], Judged[Result]],
    *,
    folder: str = "",
    language: str = "",
    salvage: Callable[[str], Shape | None] = lambda _: None,
) -> Result:
    """What `judge` makes of the answer, or of a second one that was told what was wrong with the first.

    `salvage` finds what is whole in the text of an answer that does not parse. Raises LLMError: of kind REPLY when
    neither answer is of use.
    """
    judged, said, failure = await _try(model, call, shape, judge, salvage)
    if judged.result is not None:
        return judged.result
    repair = render("repair", {"problems": list(judged.problems)[:_PROBLEMS]}, folder=folder, language=language)
    echo = {"role": "assistant", "content": said[:_ECHOED] or "(nothing)"}
    again = replace(call, messages=(*call.messages, echo, *repair.messages), template=repair.template)
    judged, said, failure = await _try(model, again, shape, judge, salvage)
    if judged.result is not None:
        return judged.result
    what = f"two replies were of no use: {'; '.join(judged.problems[:3])}"
    raise LLMError(LLMErrorKind.REPLY, what, where=model.name, raw=said) from failure


async def _try(
    model: LanguageModel,
    call: Call,
    shape: type[Shape],
    judge: Callable[[Shape, Completion | None], Judged[Result]],
    salvage: Callable[[str], Shape | None],
) -> tuple[Judged[Result], str, LLMError | None]:
    """What one answer comes to, its text, and the error where it did not parse."""
    try:
        reply, completion = await model.structured(call, shape)
    except LLMError as error:
        if error.kind is not LLMErrorKind.REPLY:
            raise
        found = salvage(error.raw)
        judged = judge(found, None) if found is not None else Judged[Result](None)
        if judged.result is None:
            judged = Judged(None, [error.what, *judged.problems])
        return judged, error.raw, error
    said = completion.tool_calls[0].arguments if completion.tool_calls else completion.text
    return judge(reply, completion), said, None


def whole_items(text: str, key: str) -> list[Any]:
    """The objects of the list `key` that are whole in a JSON text which breaks off somewhere."""
    found: list[Any] = []
    opening = re.search(rf'"{re.escape(key)}"\s*:\s*\[', text)
    at = opening.end() if opening else len(text)
    decoder = json.JSONDecoder(strict=False)
    while (start := text.find("{", at)) >= 0 and not text[at:start].strip(" \t\r\n,"):
        try:
            item, at = decoder.raw_decode(text, start)
        except (ValueError, RecursionError):
            break
        found.append(item)
    return found
