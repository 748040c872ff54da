"""What a proposal of `guided` says of how it came about, in words: its gate, and what an adviser has earned."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_TOLD = 2  # reasons of configs that did not pass


def gate(insight: Mapping[str, Any]) -> str:
    """`its best promised 0.4 of the expected improvement of the classical proposal; 2 did not pass: …`; empty where
    nothing was advised."""
    found = insight.get("gate")
    if not isinstance(found, Mapping):
        return ""
    promise, declined = found.get("promise"), found.get("declined") or []
    said = [] if promise is None else [f"{promise:.2g} of the expected improvement of the classical proposal"]
    if declined:
        reasons = list(dict.fromkeys(str(d.get("why", "")) for d in declined))
        more = f" and {len(reasons) - _TOLD} more reasons" if len(reasons) > _TOLD else ""
        said.append(f"{len(declined)} not taken ({'; '.join(reasons[:_TOLD])}{more})")
    return "; ".join(said) or "passed before there was a model"


def trust(insight: Mapping[str, Any]) -> str:
    """`rated 62%, where 50% is as good as the classical search; 21% of the turns`."""
    found = insight.get("trust")
    if not isinstance(found, Mapping):
        return ""
    lost = ", which is a probe: its turns are lost" if found.get("lost") else ""
    rated = f"rated {found['mean']:.0%}, where 50% is as good as the classical search"
    return f"{rated}; {found['share']:.0%} of the turns{lost}"
