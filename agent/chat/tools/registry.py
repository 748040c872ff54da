"""All tools by name, and their use by a model whose every word is checked."""

from __future__ import annotations

import inspect
import json
from collections.abc import Mapping
from typing import Any

from agent.chat.tools import changes, curves, diagnoses, importance, lessons, logs, proposals, sql, trials
from agent.chat.tools.base import Tool
from agent.llm.keys import redact
from agent.llm.seat import Seat
from prompts.fence import fence
from trainers.errors import TunewrightError, nearest

_GROUPS = (trials, curves, logs, importance, diagnoses, proposals, lessons, sql, changes)
TOOLS: Mapping[str, Tool] = {tool.name: tool for group in _GROUPS for tool in group.TOOLS}
MOST_CARDS = 3  # for one question


class Toolbox:
    """The tools as one question may use them."""

    def __init__(self, seat: Seat) -> None:
        self._seat = seat
        self._cards = 0

    async def use(self, name: str, arguments: str | Mapping[str, Any]) -> str:
        """What the tool found, fenced and without keys; or one sentence that says what was wrong with the call."""
        try:
            tool = self._tool(name)
            found = tool.run(self._seat, tool.read(_parsed(name, arguments)))
            text = await found if inspect.isawaitable(found) else found
        except TunewrightError as error:
            return f"Not done: {redact(str(error))}".rstrip()
        self._cards += tool.asks
        return fence(redact(text), f"tool {name}")

    def _tool(self, name: str) -> Tool:
        if not name:
            what = "the block does not hold one tool as JSON"
            raise TunewrightError(what, remedy='Write {"name": "trial", "args": {"trial": 3}}.')
        if name not in TOOLS:
            raise TunewrightError(f"there is no tool '{name[:60]}'", remedy=nearest(name, TOOLS))
        if TOOLS[name].asks and self._cards >= MOST_CARDS:
            raise TunewrightError(f"{MOST_CARDS} cards wait after this question", remedy="Let the person decide first.")
        return TOOLS[name]


def _parsed(name: str, arguments: str | Mapping[str, Any]) -> Any:
    if not isinstance(arguments, str):
        return dict(arguments)
    try:
        read = json.loads(arguments or "{}", strict=False)
        # Half of a surrogate pair, which JSON can spell, cannot be stored anywhere.
        return json.loads(json.dumps(read, ensure_ascii=False).encode("utf-8", "replace"))
    except (ValueError, RecursionError) as error:
        told = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise TunewrightError(
            f"the arguments of {name} are not JSON ({told})", remedy="Write one JSON object."
        ) from None
