"""What the scripted endpoint may answer: whole replies, and everything that goes wrong with real ones."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

_ERROR_TYPES = {400: "invalid_request_error", 401: "invalid_api_key", 404: "not_found", 429: "rate_limit_exceeded"}


@dataclass(frozen=True, kw_only=True)
class Step:
    """One reply. `text` is streamed in `pieces` of some characters; `document` is given as the kind of request
    wants it: as the arguments of a tool the client insists on, else as text. `tokens` are text with what else the model
    might have written in its place, and how likely each was: streamed as they are, in the place of both.

    `stall_after` and `cut_after` count the chunks sent before; `unfinished` ends the stream without a finish.
    """

    status: int = 200
    error: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    text: str = ""
    reasoning: str = ""
    document: str | None = None
    tokens: tuple[tuple[str, Mapping[str, float]], ...] = ()
    logprobs: bool = True  # False: a server that gives none, whatever it is asked
    tool_calls: tuple[tuple[str, str], ...] = ()  # (name, arguments as JSON text)
    usage: tuple[int, int] | None = (120, 30)
    finish: str = ""
    piece: int = 12  # characters a chunk
    delay: float = 0.0  # before the first byte
    pause: float = 0.0  # before each chunk
    stall_after: int | None = None
    cut_after: int | None = None
    unfinished: bool = False
    bytes_at_once: int = 0  # 0: a chunk at once
    streams: bool = True  # False: a client that wants a stream gets the whole reply at once

    def chunks(self, body: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The reply as chunks of a stream."""
        text, calls = self._said(body)
        deltas: list[dict[str, Any]] = [{"role": "assistant", "content": ""}]
        deltas += [{"reasoning_content": part} for part in _parts(self.reasoning, self.piece)]
        deltas += [{"content": part} for part in _parts(text, self.piece)]
        for index, (name, arguments) in enumerate(calls):
            head = {"name": name, "arguments": ""}
            deltas.append(
                {"tool_calls": [{"index": index, "id": f"call_{index}", "type": "function", "function": head}]}
            )
            parts = _parts(arguments, self.piece)
            deltas += [{"tool_calls": [{"index": index, "function": {"arguments": part}}]} for part in parts]
        logprobs = self.logprobs and bool(body.get("logprobs"))
        made = [_chunk(delta, logprobs=logprobs) for delta in deltas]
        made += [_chunk({"content": token}, logprobs=logprobs, top=top) for token, top in self.tokens]
        if self.unfinished:
            return made
        made.append(_chunk({}, finish=self._finish(calls)))
        if self.usage and (body.get("stream_options") or {}).get("include_usage"):
            made.append({**_chunk({}), "choices": [], "usage": self._usage()})
        return made

    def whole(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """The reply to a client that does not stream."""
        text, calls = self._said(body)
        message: dict[str, Any] = {"role": "assistant", "content": text}
        if self.reasoning:
            message["reasoning_content"] = self.reasoning
        if calls:
            functions = [{"name": name, "arguments": arguments} for name, arguments in calls]
            message["tool_calls"] = [
                {"id": f"call_{i}", "type": "function", "function": function} for i, function in enumerate(functions)
            ]
        choice = {"index": 0, "message": message, "finish_reason": self._finish(calls)}
        return {**_chunk({}), "object": "chat.completion", "choices": [choice], "usage": self._usage()}

    def _said(self, body: Mapping[str, Any]) -> tuple[str, tuple[tuple[str, str], ...]]:
        if self.document is None:
            return self.text, self.tool_calls
        choice = body.get("tool_choice")
        if isinstance(choice, dict):
            return self.text, ((choice["function"]["name"], self.document),)
        return self.text + self.document, ()

    def _finish(self, calls: Sequence[tuple[str, str]]) -> str:
        return self.finish or ("tool_calls" if calls else "stop")

    def _usage(self) -> dict[str, int]:
        prompt, completion = self.usage or (0, 0)
        return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}


def _parts(text: str, size: int) -> list[str]:
    return [text[i : i + size] for i in range(0, len(text), size)]


def _chunk(
    delta: Mapping[str, Any],
    *,
    finish: str | None = None,
    logprobs: bool = False,
    top: Mapping[str, float] | None = None,
) -> dict[str, Any]:
    choice: dict[str, Any] = {"index": 0, "delta": dict(delta), "finish_reason": finish}
    if logprobs and delta.get("content"):
        choice["logprobs"] = {"content": [_token(delta["content"], top)]}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": 0,
        "model": "scripted",
        "choices": [choice],
    }


def _token(text: str, likely: Mapping[str, float] | None) -> dict[str, Any]:
    """A token with what else might have stood there; unless told, one the model was .5 sure of, and two others."""
    options = likely or {text: 0.5, "other": 0.25, "third": 0.25}
    top = [{"token": token, "logprob": math.log(chance), "bytes": None} for token, chance in options.items()]
    return {"token": text, "logprob": math.log(options[text]), "bytes": None, "top_logprobs": top}


# -- replies -----------------------------------------------------------------------


def say(text: str, **changes: Any) -> Step:
    """Plain text, whatever was asked for."""
    return Step(text=text, **changes)


def reply(document: Any, **changes: Any) -> Step:
    """`document` as JSON in the form the request asks for."""
    return Step(document=json.dumps(document, ensure_ascii=False), **changes)


def call_tool(name: str, arguments: Any, **changes: Any) -> Step:
    """A call of a tool; one that does not exist, if you like. `arguments` is a text or becomes JSON."""
    text = arguments if isinstance(arguments, str) else json.dumps(arguments)
    return Step(tool_calls=((name, text),), **changes)


def think(thought: str, step: Step) -> Step:
    """`step`, after a <think> block in the text, as models served plainly give it."""
    return replace(step, text=f"<think>\n{thought}\n</think>\n\n{step.text}")


def reason(thought: str, step: Step) -> Step:
    """`step`, after a thought in the field that providers keep for it."""
    return replace(step, reasoning=thought)


def in_bytes(step: Step, count: int) -> Step:
    """Sends so many bytes at once, which breaks characters in two."""
    return replace(step, bytes_at_once=count)


# -- faults ------------------------------------------------------------------------


def status(code: int, message: str = "", *, retry_after: float | str | None = None, kind: str = "") -> Step:
    """An HTTP error. `kind` is the provider's code for it."""
    headers = {} if retry_after is None else {"retry-after": str(retry_after)}
    said = {"message": message or f"scripted error {code}", "type": kind or _ERROR_TYPES.get(code, "server_error")}
    return Step(status=code, error={"error": {**said, "code": kind or None, "param": None}}, headers=headers)


def stall(step: Step, after: int = 2) -> Step:
    """Says nothing more after some chunks, and keeps the connection open."""
    return replace(step, stall_after=after)


def cut(step: Step, after: int = 2) -> Step:
    """Drops the connection after some chunks."""
    return replace(step, cut_after=after)


def truncated(document: Any, share: float = 0.6) -> Step:
    """JSON that ends in the middle."""
    text = json.dumps(document)
    return Step(document=text[: int(len(text) * share)])


def cut_off(document: Any, share: float = 0.6) -> Step:
    """The same because the limit of tokens was reached."""
    return replace(truncated(document, share), finish="length")


def prose(document: Any) -> Step:
    """JSON with talk around it."""
    return say(f"Sure! Here is what I would try:\n\n{json.dumps(document)}\n\nLet me know how it goes.")


def fenced(document: Any) -> Step:
    """JSON in a markdown fence."""
    return say(f"```json\n{json.dumps(document, indent=2)}\n```")


def huge(megabytes: int = 10) -> Step:
    """A reply that does not end for a long while."""
    return Step(text="all work and no play " * (megabytes * 50_000), piece=50_000, usage=None)
