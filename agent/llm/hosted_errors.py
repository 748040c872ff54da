"""What litellm and what lies under it raise, as LLMError: the kind, one clear sentence, what to do."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

from agent.llm import keys
from agent.llm.errors import LLMError, LLMErrorKind

_PREFIX = re.compile(r"^(?:(?:litellm\.)?\w*(?:Error|Exception|Timeout)\w*\s*(?::|-)\s*)+")
_MESSAGE = re.compile(r'"message":\s*"((?:[^"\\]|\\.)+)"')
_LONGEST = 300

_TOO_LONG = re.compile(
    r"context.{0,12}(?:length|window|size)|maximum context|prompt is too long|too many tokens|input is too long"
    r"|exceed\w* context|reduce the length",
    re.I,
)
_REFUSED = re.compile(r"content.?(?:policy|filter|management)|safety system|flagged|responsible ai", re.I)
_NO_KEY = re.compile(r"missing .{0,40}(?:key|credentials)|api.?key.{0,30}(?:must be set|not set|missing|invalid)", re.I)
_NO_CREDIT = re.compile(
    r"insufficient.?(?:quota|balance|funds|credit)|exceeded your current quota|billing|credit balance", re.I
)
_NO_PROVIDER = re.compile(
    r"LLM Provider NOT provided|Unmapped LLM provider|model .{0,60}(?:not found|does not exist)", re.I
)
_AGAIN_IN = re.compile(r"(?:try again in|retry(?:Delay|_after)?\W{1,5}) ?([\d.]+) ?(ms|s|m)\b", re.I)


@dataclass(frozen=True)
class Called:
    """Who was called: the model as the person wrote it, its provider, and its address where the person gave one."""

    model: str
    provider: str
    address: str = ""

    @property
    def whom(self) -> str:
        if self.address:
            return "the server"
        found = keys.provider_of(self.provider)
        return found.title if found else self.provider or "the provider"

    @property
    def variables(self) -> tuple[str, ...]:
        if self.address:
            return (keys.OWN_SERVER,)
        found = keys.provider_of(self.provider)
        return found.variables if found else ()


def classify(error: BaseException, called: Called) -> LLMError:
    """The LLMError that says what went wrong; what nothing here knows is of kind REQUEST."""
    inner = getattr(error, "original_exception", None)
    cut = type(error).__name__ == "MidStreamFallbackError"
    chain = tuple(_chain(inner if isinstance(inner, BaseException) else error))
    text, code = _text(chain[0]), _status(chain)
    said = " ".join(str(e) for e in chain)
    if _NO_CREDIT.search(said) and code in (None, 400, 402, 403, 429):
        remedy = "Add some there, or choose another model."
        return _error(LLMErrorKind.AUTH, f"the account at {called.whom} has no credit left", called, text, remedy)
    kind = _kind(code, said, {type(e).__name__ for e in chain})
    if cut and kind in (LLMErrorKind.SERVER, LLMErrorKind.REQUEST, LLMErrorKind.CONNECTION):
        return _error(LLMErrorKind.CONNECTION, f"{called.whom} broke off in the middle of the reply", called, text)
    return _said(kind, code, text, called, _retry_after(chain, text))


def no_key(called: Called) -> LLMError:
    """For a call that need not be made."""
    return _said(LLMErrorKind.AUTH, None, "", called, None)


def _kind(code: int | None, text: str, types: set[str]) -> LLMErrorKind:
    if types & {"ConnectError", "ConnectionRefusedError", "gaierror", "ConnectionResetError", "RemoteProtocolError"}:
        return LLMErrorKind.CONNECTION
    if types & {"Timeout", "APITimeoutError", "ReadTimeout", "ConnectTimeout", "TimeoutError"} or code == 408:
        return LLMErrorKind.TIMEOUT
    if code in (401, 402, 403) or "AuthenticationError" in types or _NO_KEY.search(text):
        return LLMErrorKind.AUTH
    if "ContextWindowExceededError" in types or code == 413 or (code == 400 and _TOO_LONG.search(text)):
        return LLMErrorKind.TOO_LONG
    if "ContentPolicyViolationError" in types or (code == 400 and _REFUSED.search(text)):
        return LLMErrorKind.REFUSED
    if code == 404 or _NO_PROVIDER.search(text):
        return LLMErrorKind.NO_MODEL
    if code == 429:
        return LLMErrorKind.RATE_LIMIT
    return LLMErrorKind.SERVER if code is not None and code >= 500 else LLMErrorKind.REQUEST


def _said(kind: LLMErrorKind, code: int | None, text: str, called: Called, retry_after: float | None) -> LLMError:
    who, again = called.whom, "Try again, or choose another model."
    match kind:
        case LLMErrorKind.AUTH:
            return _refused_key(code, text, called)
        case LLMErrorKind.NO_MODEL:
            remedy = "'tunewright models' lists what is at hand; other names are litellm's, such as openai/NAME."
            return _error(kind, f"{who} does not know this model", called, text, remedy)
        case LLMErrorKind.RATE_LIMIT:
            return _error(kind, f"{who} lets no more calls through for now", called, text, again, retry_after)
        case LLMErrorKind.TIMEOUT:
            return _error(kind, f"{who} did not answer in time", called, "", again)
        case LLMErrorKind.CONNECTION:
            remedy = "Is it running? --api-base says where." if called.address else "Is there a network? Try again."
            return _error(kind, f"{who} cannot be reached", called, "", remedy)
        case LLMErrorKind.TOO_LONG:
            return _error(kind, "the prompt is too long for it", called, text, "Choose a model with a longer context.")
        case LLMErrorKind.REFUSED:
            return _error(kind, f"{who} refuses this by its content rules", called, text, "Ask in other words.")
        case LLMErrorKind.SERVER:
            what = f"{who} has a fault of its own" + (f" (HTTP {code})" if code else "")
            return _error(kind, what, called, text, again, retry_after)
    return _error(kind, f"{who} does not take this request", called, text, "Try again, or choose another model.")


def _refused_key(code: int | None, text: str, called: Called) -> LLMError:
    expected = " or ".join(called.variables)
    if code == 402:
        return _error(LLMErrorKind.AUTH, f"{called.whom} wants to be paid", called, text, "Choose another model.")
    if code != 403 and expected and not any(keys.value(name) for name in called.variables):
        what = f"{called.whom} wants a key, and {expected} is not set"
        return _error(LLMErrorKind.AUTH, what, called, "", f"Set {called.variables[0]} and start again.")
    remedy = f"Check {expected}." if expected else "Check the key in the environment."
    what = "refuses the call" if code == 403 else "refuses the key"
    return _error(LLMErrorKind.AUTH, f"{called.whom} {what}", called, text, remedy)


def _error(
    kind: LLMErrorKind, what: str, called: Called, text: str, remedy: str = "", retry_after: float | None = None
) -> LLMError:
    what = f"{what}: {text}" if text else what
    return LLMError(kind, what.rstrip("."), where=f"model '{called.model}'", remedy=remedy, retry_after=retry_after)


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen = 0
    found: BaseException | None = error
    while found is not None and seen < 12:
        yield found
        found, seen = found.__cause__ or found.__context__, seen + 1


def _status(chain: tuple[BaseException, ...]) -> int | None:
    """litellm gives failures of its own the code 500; what lies under it knows better."""
    codes = [code for error in chain if isinstance(code := getattr(error, "status_code", None), int)]
    return codes[0] if codes else None


def _text(error: BaseException) -> str:
    """What the provider said, in one line."""
    text = str(getattr(error, "message", "") or error)
    if found := _MESSAGE.search(text):
        return found[1][:_LONGEST]
    lines = text.strip().splitlines()
    return _PREFIX.sub("", lines[0])[:_LONGEST].strip() if lines else ""


def _retry_after(chain: tuple[BaseException, ...], text: str) -> float | None:
    for error in chain:
        for source in (error, getattr(error, "response", None)):
            headers = getattr(source, "litellm_response_headers", None) or getattr(source, "headers", None)
            if isinstance(headers, Mapping) and (seconds := _of_headers(headers)) is not None:
                return seconds
    if found := _AGAIN_IN.search(text):
        return float(found[1].rstrip(".") or 0) * {"ms": 0.001, "s": 1.0, "m": 60.0}[found[2].lower()]
    return None


def _of_headers(headers: Mapping[str, str]) -> float | None:
    """Retry-After as seconds or as a date; OpenAI's milliseconds."""
    forms: tuple[tuple[str, Callable[[str], float]], ...] = (
        ("retry-after-ms", lambda value: float(value) / 1000),
        ("retry-after", float),
        ("retry-after", lambda value: parsedate_to_datetime(value).timestamp() - time.time()),
    )
    for name, read in forms:
        try:
            return max(0.0, read(headers[name]))
        except (KeyError, ValueError, TypeError):
            continue
    return None
