"""What the trial shows of a rationale: the search may speak of parameters before it knows on what they depend."""

from __future__ import annotations

import re
from collections.abc import Iterable

_SENTENCE = re.compile(r"(?<=\.) (?=\S)")


def trimmed(rationale: str, lacking: Iterable[str]) -> str:
    """`rationale` without what it says of parameters that the trial turned out not to have: a change of one ends at
    `unset`, one from `unset` is none, and a sentence about one goes."""
    for name in lacking:
        word = re.escape(name)
        rationale = re.sub(rf"(?<![\w.]){word} unset → [^\s,.][^\s,]*?(?=[,.]?(?:\s|$)),? ?", "", rationale)
        rationale = re.sub(rf"(?<![\w.])({word} \S+ →) (?!unset)[^\s,]+?(?=[,.]?(?:\s|$))", r"\1 unset", rationale)
        about = re.compile(rf"{word} (?:= \S+ (?:has|was|is)|lies between)\b")
        rationale = " ".join(s for s in _SENTENCE.split(rationale) if not about.match(s))
    rationale = re.sub(r": (?:and \d+ smaller changes?)?\.", ": smaller changes.", rationale)
    return re.sub(r", (\.|and )", lambda m: "." if m[1] == "." else " and ", rationale)
