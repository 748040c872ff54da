"""When a failed call is made again, and after how long."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from agent.llm.errors import LLMError

ATTEMPTS = 4
_FIRST, _LONGEST = 0.5, 8.0  # seconds of backoff after the first failure, and at most
LONGEST_ASKED = 60.0  # a provider that asks for more gets no second call from us


@dataclass(frozen=True)
class Clock:
    """Time as the client sees it; tests bring their own, so that they do not wait."""

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    random: Callable[[], float] = random.random


def pause(error: LLMError, attempt: int, attempts: int, clock: Clock) -> float:
    """Seconds to wait before the next attempt, after the `attempt`-th failed with `error`: what the provider asks
    for, or exponential backoff with full jitter. Raises the error when there is to be none."""
    if not error.transient or attempt >= attempts:
        raise _after(error, attempt)
    if error.retry_after is None:
        return clock.random() * min(_LONGEST, _FIRST * 2.0 ** (attempt - 1))
    if error.retry_after > LONGEST_ASKED:
        said = LLMError(
            error.kind,
            f"{error.what}; it asks to wait {duration(error.retry_after)}",
            where=error.where,
            remedy=f"Try again in {duration(error.retry_after)}, or choose another model.",
            retry_after=error.retry_after,
            raw=error.raw,
        )
        raise said from error
    return error.retry_after + clock.random()  # all who were told the same time do not come back at once


def duration(seconds: float) -> str:
    """`40 s`, `12 min`, `3 h`."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.0f} h"


def _after(error: LLMError, attempt: int) -> LLMError:
    """The error, saying how often it was tried."""
    if attempt > 1 and error.transient:
        error.what = f"{error.what} (tried {attempt} times)"
    return error
