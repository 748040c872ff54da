"""What the agent can be asked to do, by name, each imported when it is first wanted.

A job is `async def job(seat: Seat, **args) -> dict`: plain JSON in and out. What a person should see it writes
to the store, where every front reads it. It raises LLMError or another TunewrightError; a cancelled one lets
CancelledError pass once it has left things in order.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from importlib import import_module
from typing import Any

from trainers.errors import TunewrightError, nearest

Job = Callable[..., Awaitable[dict[str, Any]]]

_JOBS = {
    "propose": "agent.search.llm.job:propose",  # number, n → {drafts: […], note}
    "llambo": "agent.search.llambo.job:propose",  # the same
    "expect": "agent.search.expect:expect",  # params → {low, high, confidence, runs, beats, trials}
    "explain": "agent.diagnosis.explain:explain",  # trial → {text}; stores a Narrative
    "answer": "agent.chat.answer:answer",  # question → {turn}; stores turns and cards
    "reshape": "agent.search.llm.reshape:reshape",  # → {action}; asks to narrow or widen the space
    "read_script": "agent.guide.by_model:read_script",  # path, script, options, lines → a reading; of no study yet
    "learn": "agent.lessons.learn:learn",  # trial (None: the whole study) → {lessons: […]}
}


def job(name: str) -> Job:
    """Raises TunewrightError naming the nearest known one."""
    if name not in _JOBS:
        raise TunewrightError(f"there is no job '{name}'", remedy=nearest(name, _JOBS))
    module, _, function = _JOBS[name].partition(":")
    found: Job = getattr(import_module(module), function)
    return found
