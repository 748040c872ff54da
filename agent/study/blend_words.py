"""What a proposal of `guided` says of how it came about, in words: its gate, and what an adviser has earned."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_TOLD = 2  # reasons of configs that did not pass


def gate(insight: Mapping[str, Any]) -> str:
    """`2 not taken: it was proposed before; it promises 2% of …`; empty where all that was advised was taken."""
    found = insight.get("gate")
    declined = (found.get("declined") or []) if isinstance(found, Mapping) else []
    if not declined:
        return ""
    reasons = list(dict.fromkeys(str(d.get("why", "")) for d in declined))
    more = f"; and {len(reasons) - _TOLD} more" if len(reasons) > _TOLD else ""
    return f"{len(declined)} not taken: {'; '.join(reasons[:_TOLD])}{more}"


def trust(insight: Mapping[str, Any]) -> str:
    """`rated 62% (50% is as good as the classical search), 21% of the turns`."""
    found = insight.get("trust")
    if not isinstance(found, Mapping):
        return ""
    lost = ", which is a probe: its turns are lost" if found.get("lost") else ""
    rated = f"rated {found['mean']:.0%} (50% is as good as the classical search)"
    return f"{rated}, {found['share']:.0%} of the turns{lost}"
