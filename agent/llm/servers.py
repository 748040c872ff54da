"""OpenAI-compatible servers: which models one serves."""

from __future__ import annotations

import json
from typing import Any
from urllib.error import URLError
from urllib.request import ProxyHandler, Request, build_opener

_LONGEST = 1 << 20  # bytes of a list of models


class NoServerError(Exception):
    """Nothing answers there, or not as such a server would."""


def served(base: str, *, key: str = "", seconds: float = 5.0, proxies: bool = True) -> list[str]:
    """The names of the models at `base`, an address that ends in /v1. Raises NoServerError."""
    document = ask(f"{base.rstrip('/')}/models", key=key, seconds=seconds, proxies=proxies)
    try:
        return [str(model["id"]) for model in document["data"]]
    except (KeyError, TypeError):
        raise NoServerError("it gives no list of models") from None


def ask(address: str, *, key: str = "", seconds: float, proxies: bool) -> Any:
    """The JSON document at `address`. Raises NoServerError."""
    opener = build_opener() if proxies else build_opener(ProxyHandler({}))
    request = Request(address, headers={"Authorization": f"Bearer {key}"} if key else {})  # noqa: S310 – http(s) alone
    try:
        with opener.open(request, timeout=seconds) as answer:
            return json.loads(answer.read(_LONGEST))
    except (URLError, OSError, ValueError) as error:
        raise NoServerError(str(getattr(error, "reason", error))) from None
