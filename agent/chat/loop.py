"""A question and a model: it may look things up some times, then it answers."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agent.chat.asked import Asked, requests, visible
from agent.chat.conversation import Conversation
from agent.chat.tools.registry import TOOLS, Toolbox
from agent.chat.writing import Writing
from agent.digest.text import plural
from agent.llm.call import Call, Completion, Message
from agent.llm.errors import LLMError, LLMErrorKind
from agent.llm.model import LanguageModel
from agent.llm.seat import Seat
from agent.study.nouns import Turn

STEPS = 8  # replies of the model, the answer among them
TOKENS = 60_000  # of all prompts and replies together
LONGEST = 4_096  # tokens of one reply
_AT_ONCE = 4  # tools a reply may ask for
_NOTE = 120  # characters of the line that says what is being done
_CHARACTERS = 3.0  # a token, where the provider does not say
_LAST_WORD = (
    "You can look nothing more up. Answer the question now, as well as what you have allows, and say what is open."
    " Ask for no tool."
)


@dataclass
class Meter:
    """What one question has used. `cost` is None once a reply of unknown price is among them."""

    replies: int = 0
    tokens: int = 0
    cost: float | None = 0.0

    def count(self, call: Call, completion: Completion) -> None:
        self.replies += 1
        prompt = completion.prompt_tokens or round(sum(len(str(m)) for m in call.messages) / _CHARACTERS)
        self.tokens += prompt + (completion.completion_tokens or round(len(completion.raw) / _CHARACTERS))
        known = self.cost is not None and completion.cost is not None
        self.cost = (self.cost or 0.0) + (completion.cost or 0.0) if known else None

    @property
    def spent(self) -> bool:
        return self.replies >= STEPS - 1 or self.tokens >= TOKENS

    @property
    def note(self) -> str:
        """`3 replies, 2,310 tokens, $0.0042`."""
        money = "price unknown" if self.cost is None else f"${self.cost:.4f}" if self.cost else ""
        told = [plural(self.replies, "reply").replace("replys", "replies"), plural(self.tokens, "token")]
        return ", ".join([*told, *([money] if money else [])])


class Answering:
    """One question on its way to an answer."""

    def __init__(self, seat: Seat, model: LanguageModel, question: str, earlier: Sequence[Turn], turn: Writing) -> None:
        self._seat, self._model, self._question, self._earlier = seat, model, question, earlier
        self._turn = turn
        self._box = Toolbox(seat)
        self._meter = Meter()
        self._shortened = False

    async def _begin(self) -> None:
        native = self._model.has_tools
        self._talk = await Conversation.begin(self._seat, self._question, self._earlier, native=native)

    async def run(self) -> str:
        """Writes the answer into the turn; what it took, in a line. Raises LLMError when there will be none."""
        await self._begin()
        while not self._meter.spent:
            completion = await self._reply()
            asked = _asked(completion)
            self._turn.step(visible(completion.text, whole=True))
            if not asked:
                break
            results = [await self._use(a) for a in asked[:_AT_ONCE]]
            self._talk.found(completion, asked[:_AT_ONCE], results)
        else:
            completion = await self._reply(last=True)
            self._turn.step(visible(completion.text, whole=True))
        if not visible(completion.text, whole=True):
            remedy = "Ask again in other words, or choose another model."
            raise LLMError(LLMErrorKind.REPLY, "the model gave no answer", where=self._model.name, remedy=remedy)
        return "; ".join([self._meter.note, *_shortcomings(completion)])

    async def _use(self, asked: Asked) -> str:
        self._turn.doing(_doing(asked))
        return await self._box.use(asked.name, asked.arguments)

    async def _reply(self, *, last: bool = False) -> Completion:
        """One reply; again without tools where the provider refuses them, again with less where it was too much."""
        while True:
            talk = self._talk
            try:
                if last:
                    return await self._ask(talk.last_word(_LAST_WORD), ())
                return await self._ask(talk.messages, talk.tools)
            except LLMError as error:
                if not await self._lighter(error):
                    raise

    async def _lighter(self, error: LLMError) -> bool:
        """Makes the next try one that may succeed; False where there is none."""
        if error.kind is LLMErrorKind.REQUEST and self._talk.native and not self._model.has_tools:
            await self._begin()
            return True
        if error.kind is LLMErrorKind.TOO_LONG and not self._shortened and not self._turn.growing:
            self._shortened = True
            return self._talk.shorten()
        return False

    async def _ask(self, messages: tuple[Message, ...], tools: tuple[Mapping[str, Any], ...]) -> Completion:
        agent = self._seat.study.spec.agent
        call = Call(
            purpose="answer",
            messages=messages,
            template=self._talk.prompt.template,
            temperature=agent.temperature,
            thinking=agent.thinking,
            tools=tools,
            max_tokens=LONGEST,
        )
        completion = await self._model.text(call, self._turn.add)
        self._meter.count(call, completion)
        return completion


def _asked(completion: Completion) -> list[Asked]:
    """The tools a reply asks for, in the provider's form or in its text."""
    if completion.tool_calls:
        calls = enumerate(completion.tool_calls)
        return [Asked(call.id or f"call_{i}", call.name, call.arguments) for i, call in calls]
    return requests(completion.text)


def _shortcomings(completion: Completion) -> list[str]:
    """What keeps the last reply from being all of the answer."""
    found = [f"the answer ends at its limit of {LONGEST:,} tokens"] if completion.finish == "length" else []
    return [*found, *(["it wanted to look up more than it may"] if _asked(completion) else [])]


def _doing(asked: Asked) -> str:
    """`looks up: log {"trial": 2}`, for whoever waits."""
    verb = "prepares a card" if asked.name in TOOLS and TOOLS[asked.name].asks else "looks up"
    told = asked.arguments if isinstance(asked.arguments, str) else json.dumps(asked.arguments, ensure_ascii=False)
    return " ".join(f"{verb}: {asked.name} {told}".split())[:_NOTE]
