"""The circuit breaker: a model that keeps failing is left alone for a while, then tried once."""

from __future__ import annotations

from agent.llm.errors import LLMError, LLMErrorKind
from agent.llm.retry import Clock, duration

FAILURES = 5  # in a row
_FIRST, _LONGEST = 30.0, 300.0  # seconds it stays open


class Breaker:
    """Of one model, for all who call it. Closed; open until a time; then half open, with one probe under way."""

    def __init__(self, name: str, clock: Clock) -> None:
        self._name, self._clock = name, clock
        self._failures, self._period = 0, _FIRST
        self._until: float | None = None  # None: closed
        self._probing = False
        self._last = ""

    def check(self) -> None:
        """Raises LLMError of kind UNAVAILABLE while no call may be made."""
        if self._until is None:
            return
        left = self._until - self._clock.now()
        if left <= 0 and not self._probing:
            return
        when = "it is being tried again right now" if left <= 0 else f"it is tried again in {duration(max(1, left))}"
        raise LLMError(
            LLMErrorKind.UNAVAILABLE,
            f"'{self._name}' has failed {self._failures} times in a row and is left alone; {when}",
            remedy=f"The last failure was: {self._last}. Choose another model with --model or /model.",
        )

    def begin(self) -> None:
        """A call is about to be made. Raises as `check` does."""
        self.check()
        self._probing = self._until is not None

    def success(self) -> None:
        """The model's server answered, be it that it refused what was asked."""
        self._failures, self._period, self._until, self._probing = 0, _FIRST, None, False

    def failure(self, error: LLMError) -> None:
        """A call failed in a way that may pass."""
        self._failures += 1
        self._last = error.what
        if self._probing:
            self._period = min(_LONGEST, self._period * 2)
        if self._probing or (self._until is None and self._failures >= FAILURES):
            self._until = self._clock.now() + self._period
        self._probing = False

    def abandoned(self) -> None:
        """The call was cancelled: nothing is known, and the next one may be the probe."""
        self._probing = False
