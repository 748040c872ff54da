"""Messages as the text a local model was trained on: by its own chat template, or plainly where it has none."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from agent.llm.backend import Request
from agent.llm.call import Message

Turn = dict[str, str]
_ROLES = {"developer": "system", "tool": "user", "function": "user"}  # what not every template knows
_PLAIN = {"system": "Instructions", "user": "Question", "assistant": "Answer"}
PLAIN_STOPS = tuple(f"\n\n### {name}\n" for name in _PLAIN.values())  # a model without a template may go on by itself


class PromptFormat:
    """`apply` renders turns by the model's template and raises what it likes; None where there is no template.

    Text that looks like one of `control` tokens, such as the end of a turn, is broken up in what people, logs and
    scripts say, so that none of them can speak as somebody else.
    """

    def __init__(self, apply: Callable[[list[Turn]], str] | None, control: Iterable[str]) -> None:
        self._apply = apply
        words = sorted((re.escape(text) for text in control if len(text) > 2), key=len, reverse=True)
        self._control = re.compile("|".join(words)) if words else None

    def text(self, messages: Sequence[Message]) -> tuple[str, tuple[str, ...]]:
        """The prompt, and the texts at which a reply to it ends besides the model's own end."""
        turns = [self._turn(message) for message in messages]
        if self._apply is not None:
            for shape in (turns, _alternating(turns)):
                try:
                    return self._apply(shape), ()
                except Exception:  # noqa: BLE001, S112 – a template may refuse a system turn, or two of one role, in any way
                    continue
        return plain(turns), PLAIN_STOPS

    def _turn(self, message: Message) -> Turn:
        role = str(message.get("role", "user"))
        text = flat(message.get("content"))
        if self._control is not None:
            text = self._control.sub(lambda found: f"{found[0][0]} {found[0][1:]}", text)
        return {"role": _ROLES.get(role, role), "content": text}


def thinks(request: Request) -> bool | None:
    """Whether to think aloud first, for templates that can be told; not where a grammar wants JSON at once."""
    if request.schema is not None:
        return False
    return None if request.thinking is None else request.thinking > 0


def flat(content: Any) -> str:
    """The text of a message whose content is text, parts of text, or nothing."""
    if isinstance(content, list):
        return "\n".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    return "" if content is None else str(content)


def plain(turns: Sequence[Turn]) -> str:
    parts = [f"### {_PLAIN.get(turn['role'], turn['role'])}\n{turn['content']}" for turn in turns]
    return "\n\n".join([*parts, f"### {_PLAIN['assistant']}\n"])


def _alternating(turns: Sequence[Turn]) -> list[Turn]:
    """System turns joined to the next one, neighbours of one role joined: what the strictest templates take."""
    joined: list[Turn] = []
    for turn in turns:
        role = "user" if turn["role"] == "system" else turn["role"]
        if joined and joined[-1]["role"] == role:
            joined[-1]["content"] += f"\n\n{turn['content']}"
        else:
            joined.append({"role": role, "content": turn["content"]})
    return joined


class Speech:
    """A reply as it grows. Text that may turn out to be the beginning of one of `stops` is held back."""

    def __init__(self, stops: Sequence[str] = ()) -> None:
        self._stops, self._held = stops, ""
        self.stopped = False

    def add(self, text: str) -> str:
        """What can be shown now."""
        if not self._stops or self.stopped:
            return "" if self.stopped else text
        self._held += text
        if ends := [at for stop in self._stops if (at := self._held.find(stop)) >= 0]:
            self.stopped = True
            shown, self._held = self._held[: min(ends)], ""
            return shown
        keep = max((n for s in self._stops for n in range(1, len(s)) if self._held.endswith(s[:n])), default=0)
        cut = len(self._held) - keep
        shown, self._held = self._held[:cut], self._held[cut:]
        return shown

    def end(self) -> str:
        """What was held back for nothing."""
        shown, self._held = self._held, ""
        return shown


class Strides:
    """How many tokens of a prompt to read at once: as many as take about a third of a second, so that stopping
    does not wait for more."""

    def __init__(self, most: int) -> None:
        self._most = most
        self.size = min(64, most)

    def took(self, seconds: float) -> None:
        if seconds < 0.2:
            self.size = min(2 * self.size, self._most)
        elif seconds > 0.5:
            self.size = max(self.size // 2, 8)
