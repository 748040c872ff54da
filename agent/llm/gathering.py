"""Puts the pieces of one reply together, and shows its text as it comes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from agent.llm.backend import Piece
from agent.llm.call import Token, ToolCall
from agent.llm.errors import LLMError, LLMErrorKind
from agent.llm.thinking import Thinking
from agent.redaction import Stream, redact

LONGEST_REPLY = 1 << 20  # bytes


class Gathering:
    """A reply as far as it has come. `shown` says whether the reader has seen any of it."""

    def __init__(self, on_text: Callable[[str], None] | None) -> None:
        self._on_text = on_text
        self._thinking, self._stream = Thinking(), Stream()
        self._thoughts: list[str] = []
        self._size = 0
        self.shown = False
        self.tool_calls: list[ToolCall] = []
        self.tokens: list[Token] = []
        self.finish = ""
        self.usage: tuple[int, int] | None = None
        self.cost: float | None = None
        self.extra: dict[str, Any] = {}

    def add(self, piece: Piece) -> None:
        """Raises LLMError of kind TOO_LONG when there is more than anybody asked for."""
        text, thought = sound(piece.text), sound(piece.thought)
        self._size += len(text.encode()) + len(thought.encode()) + sum(len(c.arguments) for c in piece.tool_calls)
        if self._size > LONGEST_REPLY:
            raise too_long()
        self._show(self._thinking.feed(text) if text else "")
        self._thoughts.append(thought)
        self.tool_calls += piece.tool_calls
        self.tokens += piece.tokens
        self.finish = piece.finish or self.finish
        self.usage = piece.usage or self.usage
        self.cost = piece.cost if piece.cost is not None else self.cost
        self.extra.update(piece.extra)

    def end(self) -> None:
        """The stream is over."""
        self._show(self._thinking.end())
        if rest := self._stream.end():
            self._give(rest)

    @property
    def text(self) -> str:
        """What the model says, without any key and without its thoughts."""
        return redact(self._thinking.text)

    @property
    def thought(self) -> str:
        return redact("".join(self._thoughts).strip() or self._thinking.thought)

    @property
    def raw(self) -> str:
        """All that came, for the ledger."""
        parts = [f"<think>\n{self.thought}\n</think>"] if self.thought else []
        parts += [self.text] if self.text else []
        parts += [redact(f"{call.name}({call.arguments})") for call in self.tool_calls]
        return "\n".join(parts)

    def _show(self, text: str) -> None:
        if text and self._on_text is not None and (ready := self._stream.feed(text)):
            self._give(ready)

    def _give(self, text: str) -> None:
        self.shown = True
        assert self._on_text is not None
        self._on_text(text)


def sound(text: str) -> str:
    """`text` as UTF-8 can hold it: half of a pair that stands for one character becomes a question mark."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def too_long() -> LLMError:
    what = f"the reply passed {LONGEST_REPLY >> 20} MiB and was broken off"
    return LLMError(LLMErrorKind.TOO_LONG, what, remedy="Ask again, or choose another model.")
