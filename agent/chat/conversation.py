"""The messages of one question: the brief, what was said before, the question, and what tools found."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from agent.chat.asked import Asked
from agent.chat.tools.registry import TOOLS
from agent.diagnosis.taught import taught
from agent.digest import digest
from agent.digest.text import shorten
from agent.llm.call import Completion, Message
from agent.llm.seat import Seat
from agent.store import actions, turns
from agent.store.aside import aside
from agent.study import action_words
from agent.study.nouns import Turn, TurnState
from prompts.render import Rendered, render

_TURNS, _TURN, _TOGETHER = 12, 2_000, 8_000  # earlier turns: how many, characters of one, of all
_SHORT = 600  # characters a tool's result keeps when all is too long


@dataclass
class Conversation:
    """`native`: tools are given and answered in the provider's own form, else as text."""

    prompt: Rendered
    earlier: list[Message]
    native: bool
    added: list[Message] = field(default_factory=list)

    @classmethod
    async def begin(cls, seat: Seat, question: str, earlier: Sequence[Turn], *, native: bool) -> Conversation:
        agent = seat.study.spec.agent
        found = await aside(seat.store, lambda store: digest(store, seat.study, taught(seat.study)))
        context = {
            **found.context(),
            "said": (),  # it stands in the conversation itself
            "question": question,
            "study_id": seat.study.id,
            "tools": () if native else tuple(tool.usage() for tool in TOOLS.values()),
            "asked_for": _asked_for(seat),
            "reply_in": agent.language or "the language of the question",
        }
        prompt = render("answer", context, folder=agent.prompts, language=agent.language)
        return cls(prompt, _earlier(earlier), native)

    @property
    def messages(self) -> tuple[Message, ...]:
        *system, question = self.prompt.messages
        return (*system, *_alternating([*self.earlier, question]), *self.added)

    @property
    def tools(self) -> tuple[Mapping[str, Any], ...]:
        """What the provider is told of them; empty where the prompt tells."""
        return tuple(tool.schema() for tool in TOOLS.values()) if self.native else ()

    def found(self, completion: Completion, asked: Sequence[Asked], results: Sequence[str]) -> None:
        """Adds what the model said and what its tools found."""
        if self.native and completion.tool_calls:
            self.added.append(
                {"role": "assistant", "content": completion.text, "tool_calls": [_call(a) for a in asked]}
            )
            self.added += [
                {"role": "tool", "tool_call_id": a.id, "content": r} for a, r in zip(asked, results, strict=True)
            ]
            return
        self.added.append({"role": "assistant", "content": completion.text})
        self.added.append({"role": "user", "content": _as_text(asked, results)})

    def last_word(self, why: str) -> tuple[Message, ...]:
        """All of it without tools, and the request to answer now; as plain text, which every provider takes."""
        told = [str(m["content"]) for m in self.added if m["role"] != "assistant"]
        *system, question = self.prompt.messages
        text = "\n\n".join([question["content"], *(["# What the tools found", *told] if told else []), why])
        return (*system, *_alternating([*self.earlier, {"role": "user", "content": text}]))

    def shorten(self) -> bool:
        """Gives up what can be spared, for a model that cannot take so much; whether there was anything."""
        before = sum(len(str(m)) for m in self.messages)
        self.earlier = []
        self.added = [_cut(m) for m in self.added]
        return sum(len(str(m)) for m in self.messages) < before


def _earlier(said: Sequence[Turn]) -> list[Message]:
    """The newest turns that fit, oldest first."""
    kept: list[Message] = []
    left = _TOGETHER
    for turn in reversed(said[-_TURNS:]):
        text = turn.text if len(turn.text) <= _TURN else f"{turn.text[:_TURN]} […]"
        text += " (broken off here)" if turn.state is TurnState.CUT else ""
        left -= len(text)
        if left < 0:
            break
        if turn.text.strip():
            kept.append({"role": "user" if turn.role == "person" else "assistant", "content": text})
    return kept[::-1]


def _alternating(messages: Sequence[Message]) -> list[Message]:
    """Beginning with the person, and never two of one side in a row: some models take nothing else."""
    joined: list[dict[str, Any]] = []
    for message in messages:
        if joined and joined[-1]["role"] == message["role"]:
            joined[-1]["content"] += f"\n\n{message['content']}"
        elif joined or message["role"] == "user":
            joined.append(dict(message))
    return list(joined)


def _call(asked: Asked) -> dict[str, Any]:
    """A call as it is told back: providers refuse arguments that are no JSON object."""
    try:
        arguments = json.loads(asked.arguments) if isinstance(asked.arguments, str) else asked.arguments
    except (ValueError, RecursionError):
        arguments = {}
    text = json.dumps(arguments if isinstance(arguments, dict) else {}, ensure_ascii=False)
    return {"id": asked.id, "type": "function", "function": {"name": asked.name, "arguments": text}}


def _as_text(asked: Sequence[Asked], results: Sequence[str]) -> str:
    return "\n\n".join(f"{a.name or 'the tool block'}:\n{r}" for a, r in zip(asked, results, strict=True))


def _cut(message: Message) -> Message:
    content = str(message["content"])
    if message["role"] == "assistant" or len(content) <= _SHORT:
        return message
    return {**message, "content": f"{content[: _SHORT // 2]}\n[…]\n{content[-_SHORT // 2 :]}"}


def _asked_for(seat: Seat) -> list[str]:
    """Changes that wait for the person already, with the reasons given for them."""
    lines = []
    for action in actions.pending(seat.store, seat.study.id):
        parts = [action_words.title(action), "; ".join(action_words.details(action, seat.study.spec)), action.reason]
        lines.append(shorten(": ".join(part for part in parts if part), _SHORT))
    return lines


def before(seat: Seat, asked: int | None = None) -> list[Turn]:
    """What was said so far, for a question that is about to be stored, or is turn `asked`."""
    said = turns.last(seat.store, seat.study.id, _TURNS + 1, undone=False)
    return [turn for turn in said if asked is None or turn.id < asked][-_TURNS:]
