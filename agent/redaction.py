"""Takes keys out of text before it is stored, shown or sent: the values this process knows, and what looks like one."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from functools import lru_cache

PLACE = "[key]"
_SHORTEST = 8  # shorter values are placeholders such as "none"
# Variables of the environment whose value is secret, whoever reads them.
_SECRET_NAME = re.compile(r"(?:API_?KEY|ACCESS_KEY(?:_ID)?|TOKEN|SECRET|PASSWORD|_KEY)$", re.I)
_SHAPES = (
    r"\b(?:sk|pk|rk|xai|pplx|r8|nvapi|csk|fw|tgp)[-_](?=[\w-]*\d)[\w-]{16,}",
    r"\bsk-[\w-]*\*{3,}[\w*-]*",  # as OpenAI shows a refused one
    r"\bAIza[\w-]{20,}",
    r"\b(?:gsk|hf|ghp|gho|github_pat|glpat)[-_]\w{16,}",
    r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b",
    r"(?i:\bbearer)\s+[\w.~+/=-]{8,}",
)
_SHAPE = re.compile("|".join(_SHAPES))
_learned: set[str] = set()


def learn(value: str) -> None:
    """Has a secret that is not in the environment (from a keyring) taken out as well."""
    if len(value) >= _SHORTEST:
        _learned.add(value)


def redact(text: str) -> str:
    """`text` with every key in it replaced by "[key]"."""
    values = frozenset((*_learned, *_of_environment()))
    if values:
        text = _pattern(values).sub(PLACE, text)
    return _SHAPE.sub(PLACE, text)


def _of_environment() -> Iterator[str]:
    return (value for name, value in os.environ.items() if len(value) >= _SHORTEST and _SECRET_NAME.search(name))


@lru_cache(maxsize=4)
def _pattern(values: frozenset[str]) -> re.Pattern[str]:
    return re.compile("|".join(re.escape(value) for value in sorted(values, key=len, reverse=True)))
