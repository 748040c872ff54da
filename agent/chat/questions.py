"""What a person may ask, apart from the rest so that a front can check it without loading the agent."""

from __future__ import annotations

from agent.llm.keys import redact
from trainers.errors import TunewrightError

LONGEST = 20_000  # characters


def checked(question: str) -> str:
    """As it may be stored: without keys, in valid UTF-8. Raises TunewrightError when it is none, or too long."""
    asked = redact(question.encode("utf-8", "replace").decode()).strip()
    if not asked:
        raise TunewrightError("there is no question", remedy="Ask for example: why did 17 fail?")
    if len(asked) > LONGEST:
        what = f"the question has {len(asked):,} characters"
        raise TunewrightError(what, remedy=f"Ask in at most {LONGEST:,}; logs are read from the run folders.")
    return asked
