"""Takes keys out of text before it is stored, shown or sent: the values this process knows, and what looks like one."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any

PLACE = "[key]"
_SHORTEST = 8  # shorter values are placeholders such as "none"
# Variables of the environment whose value is secret, whoever reads them.
_SECRET_NAME = re.compile(r"(?:API_?KEY|ACCESS_KEY(?:_ID)?|TOKEN|SECRET|PASSWORD|_KEY)$", re.I)
# What keys look like, by a text that stands in each: looking for that first is what makes this fast.
_SHAPES = {
    "sk-": r"\bsk-(?:(?:\w+-){0,4}?(?=\w*\d)\w{16,}[\w-]*|[\w-]*\*{3,}[\w*-]*)",  # OpenAI and many; or as shown by it
    "AIza": r"\bAIza[\w-]{20,}",  # Google
    "gsk_": r"\bgsk_(?=[A-Za-z]*\d)[A-Za-z0-9]{16,}",  # Groq
    "hf_": r"\bhf_(?=[A-Za-z]*\d)[A-Za-z0-9]{16,}",  # Hugging Face
    "fw_": r"\bfw_(?=[A-Za-z]*\d)[A-Za-z0-9]{16,}",  # Fireworks
    "r8_": r"\br8_(?=[A-Za-z]*\d)[A-Za-z0-9]{16,}",  # Replicate
    "gh": r"\bgh[opsu]_(?=[A-Za-z]*\d)[A-Za-z0-9]{16,}",
    "github_pat_": r"\bgithub_pat_\w{20,}",
    "xai-": r"\bxai-(?=[A-Za-z]*\d)[A-Za-z0-9]{20,}",
    "pplx-": r"\bpplx-(?=[A-Za-z]*\d)[A-Za-z0-9]{20,}",  # Perplexity
    "csk-": r"\bcsk-(?=[A-Za-z]*\d)[A-Za-z0-9]{20,}",  # Cerebras
    "nvapi-": r"\bnvapi-(?=[A-Za-z_-]*\d)[\w-]{20,}",  # NVIDIA
    "AKIA": r"\bAKIA[A-Z0-9]{16}\b",  # AWS
    "ASIA": r"\bASIA[A-Z0-9]{16}\b",
    "earer": r"(?i:\bbearer)\s+(?=[\w.~+/=-]*\d)[\w.~+/=-]{12,}",
    "EARER": r"\bBEARER\s+(?=[\w.~+/=-]*\d)[\w.~+/=-]{12,}",
}
_COMPILED = {marker: re.compile(shape, re.A) for marker, shape in _SHAPES.items()}
_OPEN_END = re.compile(r"(?i:\bbearer\s+)?[\w.~+/=*-]{0,2000}\Z", re.A)  # what may be the beginning of a key
_learned: set[str] = set()


def learn(value: str) -> None:
    """Has a secret that is not in the environment (from a keyring) taken out as well."""
    if len(value) >= _SHORTEST:
        _learned.add(value)


def redact(text: str) -> str:
    """`text` with every key in it replaced by "[key]"."""
    if values := _values():
        text = _pattern(values).sub(PLACE, text)
    for marker, shape in _COMPILED.items():
        if marker in text:
            text = shape.sub(PLACE, text)
    return text


def in_all(value: Any, change: Callable[[str], str] = redact) -> Any:
    """Plain JSON with every text in it changed (redacted, unless told), names of fields left alone."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, Mapping):
        return {name: in_all(inner, change) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [in_all(inner, change) for inner in value]
    return value


class Stream:
    """Redacts text that comes in pieces: the word at the end waits until it is whole."""

    def __init__(self) -> None:
        self._waiting = ""

    def feed(self, piece: str) -> str:
        """What may be shown now."""
        text = self._waiting + piece
        match = _OPEN_END.search(text, max(0, len(text) - 2020))
        cut = _outside_values(text, match.start() if match else len(text))
        self._waiting = text[cut:]
        return redact(text[:cut])

    def end(self) -> str:
        """The rest."""
        rest, self._waiting = self._waiting, ""
        return redact(rest)


def _values() -> frozenset[str]:
    return frozenset((*_learned, *_of_environment()))


def _outside_values(text: str, cut: int) -> int:
    """`cut`, or the place before it where a known value of several words begins that is not over at `cut`."""
    for value in _values():
        if any(char.isspace() for char in value):
            for start in range(max(0, cut - len(value) + 1), cut):
                if value.startswith(text[start : start + len(value)]):
                    cut = start
                    break
    return cut


def _of_environment() -> Iterator[str]:
    return (value for name, value in os.environ.items() if len(value) >= _SHORTEST and _SECRET_NAME.search(name))


@lru_cache(maxsize=4)
def _pattern(values: frozenset[str]) -> re.Pattern[str]:
    return re.compile("|".join(re.escape(value) for value in sorted(values, key=len, reverse=True)))
