"""Turns what litellm gives into pieces of a reply."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from agent.llm.backend import Piece
from agent.llm.call import ToolCall
from agent.llm.entropy import tokens_of_provider
from agent.llm.gathering import LONGEST_REPLY, too_long


class Reading:
    """Of one reply. Tool calls are put together from their parts; `any` says whether anything has come.

    `priced_as` is the model whose price holds, empty where nobody knows it.
    """

    def __init__(self, litellm: Any, priced_as: str, provider: str) -> None:
        self._litellm, self._priced_as, self._provider = litellm, priced_as, provider
        self._tools: dict[int, list[str]] = {}  # id, name, arguments so far
        self._size = 0
        self.any = False

    def piece(self, chunk: Any) -> Piece:
        """One chunk of a stream."""
        if not chunk.choices:
            return Piece()
        choice = chunk.choices[0]
        parts = getattr(choice.delta, "tool_calls", None) or ()
        for part in parts:
            self._add(part.index or 0, part)
        piece = _said(choice, choice.delta)
        self.any = self.any or bool(piece.text or piece.thought or parts)
        return piece

    def last(self, chunks: Iterable[Any]) -> Piece:
        """What is known at the end of a stream. litellm makes up what a provider did not count, so we look in what
        came."""
        chunks = list(chunks)
        if not any(getattr(chunk, "usage", None) for chunk in chunks):
            return Piece(tool_calls=self._calls())
        usage = self._litellm.litellm_core_utils.streaming_handler.calculate_total_usage(chunks=chunks)
        return Piece(tool_calls=self._calls(), **self._counted(usage))

    def whole(self, response: Any) -> Piece:
        """A reply that was not streamed."""
        choice = response.choices[0]
        for index, part in enumerate(getattr(choice.message, "tool_calls", None) or ()):
            self._add(index, part)
        said = _said(choice, choice.message)
        usage = getattr(response, "usage", None)
        counted = self._counted(usage) if usage and usage.total_tokens else {}
        return Piece(
            text=said.text,
            thought=said.thought,
            tokens=said.tokens,
            finish=said.finish,
            tool_calls=self._calls(),
            **counted,
        )

    def _calls(self) -> tuple[ToolCall, ...]:
        return tuple(ToolCall(id_, name, arguments) for id_, name, arguments in self._tools.values())

    def _add(self, index: int, part: Any) -> None:
        call = self._tools.setdefault(index, ["", "", ""])
        call[0] = call[0] or part.id or ""
        call[1] = call[1] or part.function.name or ""  # llama.cpp's server repeats it with every part
        call[2] += part.function.arguments or ""
        self._size += len(part.function.arguments or "")
        if self._size > LONGEST_REPLY:
            raise too_long()

    def _counted(self, usage: Any) -> dict[str, Any]:
        thought = getattr(getattr(usage, "completion_tokens_details", None), "reasoning_tokens", None)
        cached = getattr(getattr(usage, "prompt_tokens_details", None), "cached_tokens", None)
        notes = {"reasoning_tokens": thought, "cached_tokens": cached}
        return {
            "usage": (usage.prompt_tokens, usage.completion_tokens),
            "cost": self._cost(usage),
            "extra": {name: value for name, value in notes.items() if value},
        }

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


def _said(choice: Any, message: Any) -> Piece:
    logprobs = getattr(choice, "logprobs", None)
    return Piece(
        text=getattr(message, "content", None) or getattr(message, "refusal", None) or "",
        thought=getattr(message, "reasoning_content", None) or "",
        tokens=tokens_of_provider(_plain(logprobs)) if logprobs else (),
        finish=choice.finish_reason or "",
    )


def _plain(logprobs: Any) -> Mapping[str, Any]:
    plain: Mapping[str, Any] = logprobs if isinstance(logprobs, Mapping) else logprobs.model_dump()
    return plain
