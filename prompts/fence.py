"""Text from logs, scripts and people, marked as data that a model must not take for instructions."""

from __future__ import annotations

import re

_MARK = re.compile(r"<(/?)(data)\b", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


def fence(text: str, source: str, limit: int = 4_000) -> str:
    """`text` between `<data source="…">` and `</data>`. What looks like the fence itself is broken up, control
    and direction characters are dropped, and the middle is left out beyond `limit` characters."""
    clean = _MARK.sub(r"<\1 \2", _CONTROL.sub("", str(text)))
    if len(clean) > limit:
        half = limit // 2
        clean = f"{clean[:half]}\n[… {len(clean) - 2 * half} characters left out …]\n{clean[-half:]}"
    name = re.sub(r'["<>\n]', "", source)
    return f'<data source="{name}">\n{clean}\n</data>'
