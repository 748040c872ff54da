"""Why a model gave no usable reply, and whether asking again may help."""

from __future__ import annotations

from enum import StrEnum

from trainers.errors import TunewrightError


class LLMErrorKind(StrEnum):
    NO_MODEL = "no_model"  # unknown name, missing file, missing package
    AUTH = "auth"  # no key, or one that is refused
    RATE_LIMIT = "rate_limit"
    TIMEOUT = "timeout"
    CONNECTION = "connection"  # refused, reset, cut in mid-reply
    SERVER = "server"  # 5xx
    REQUEST = "request"  # the provider will not take what we send
    REPLY = "reply"  # no usable answer in what came back
    TOO_LONG = "too_long"  # the prompt does not fit, or the reply never ends
    REFUSED = "refused"  # the provider's content rules
    BUDGET = "budget"  # a limit of the person's is reached, or near and not yet confirmed
    UNAVAILABLE = "unavailable"  # the circuit is open: it failed several times just now
    CANCELLED = "cancelled"
    DIED = "died"  # the process that held the model ended


TRANSIENT = frozenset((LLMErrorKind.RATE_LIMIT, LLMErrorKind.TIMEOUT, LLMErrorKind.CONNECTION, LLMErrorKind.SERVER))

UNREACHED = frozenset((LLMErrorKind.CONNECTION, LLMErrorKind.TIMEOUT, LLMErrorKind.UNAVAILABLE))


class LLMError(TunewrightError):
    """`retry_after` is what the provider asked us to wait, in seconds; `raw` what came back, if anything."""

    exit_code = 1

    def __init__(
        self,
        kind: LLMErrorKind,
        what: str,
        *,
        where: str = "",
        remedy: str = "",
        retry_after: float | None = None,
        raw: str = "",
    ) -> None:
        super().__init__(what, where=where, remedy=remedy)
        self.kind, self.retry_after, self.raw = kind, retry_after, raw

    @property
    def same(self) -> tuple[str, str]:
        """Equal for errors that tell a person the same: an open circuit counts down, and its remedy has what failed."""
        return str(self.kind), self.remedy if self.kind is LLMErrorKind.UNAVAILABLE else self.what

    @property
    def transient(self) -> bool:
        return self.kind in TRANSIENT
