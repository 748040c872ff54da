"""Which label a free sentence states: by its words, with negations, without a model.

What is not clear is None: a sentence that states two labels, or none. It is meant for short descriptions, of a teacher
or of a model that is judged; tests/trainers/describe/test_reading.py has what it must get right.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

_RISING = "ris|rose|increas|upward|uptrend|climb|grow|grew|ascend"
_FALLING = "fall|fell|decreas|downward|downtrend|declin|drop|descend|sink|sank|shrink"
_FLAT = "flat|unchanged|sideways|horizontal|stationary|neither|about where"
_WEAK = "stable|steady|constant|level"  # flat, unless it says how something rises or falls: `a steady rise`
_NOISE: Mapping[str, str] = {
    "low": "low|little|small|smooth|minimal|slight|weak|quiet|calm|negligible|faint|clean|hardly any|barely any",
    "medium": "medium|moderate|intermediate|middling|average|some",
    "high": "high|strong|heavy|heavily|large|erratic|volatile|jagged|considerable|substantial|very noisy|much|a lot",
}
_HIGHEST = "maxim|max|peak|highest|high point|top"
_LOWEST = "minim|min|trough|lowest|low point|bottom"
_BOTH = "both|extrem"
_PLACES: Mapping[str, str] = {
    "beginning": "beginning|begin|start|early|first|outset|opening|left",
    "middle": "middle|mid|midway|midpoint|centre|center|central|halfway",
    "end": "end|ending|late|later|last|final|finish|close|right",
}
_NOT = re.compile(r"\b(?:no|not|never|nor|without|hardly|barely|isn't|doesn't|don't)\b(?:\s+(?!but\b)\w+){0,2}\s*$")
_NO_TREND = re.compile(r"\b(?:no|without)\b(?:\s+\w+){0,2}\s+(?:trend|direction|change)")
_CLAUSE = re.compile(r"[,;:.]|\b(?:and|while|whereas|but|then)\b")


def label_in(field: str, sentence: str) -> str | None:
    """What `sentence` says of `field`: one of TRENDS, of NOISES, or `highest/lowest` of PLACES."""
    text = " ".join(sentence.lower().replace("’", "'").split())
    return {"trend": _trend, "noise": _noise, "extrema": _extrema}[field](text)


def _trend(text: str) -> str | None:
    stated = {label for label, words in (("rising", _RISING), ("falling", _FALLING)) if _says(words, text)}
    if _NO_TREND.search(text) or _says(_FLAT, text) or (not stated and _says(_WEAK, text)):
        stated = stated - {"rising", "falling"} if "neither" in text else stated
        stated.add("flat")
    return stated.pop() if len(stated) == 1 else None


def _noise(text: str) -> str | None:
    if re.search(r"\b(?:no|without)\s+(?:\w+\s+)?nois", text) or "noise-free" in text or "noiseless" in text:
        return "low"
    stated = {label for label, words in _NOISE.items() if _says(words, text)}
    if not stated and _says("noisy", text):
        return "high"
    return stated.pop() if len(stated) == 1 else None


def _says(words: str, text: str) -> bool:
    """Whether one of `words`, or one that begins with it, stands in the text without a negation before it."""
    return any(not _NOT.search(text[: found.start()]) for found in _found(words, text))


def _found(words: str, text: str) -> Iterator[re.Match[str]]:
    return re.finditer(rf"\b(?:{words})\w*", text)


def _extrema(text: str) -> str | None:
    """Goes from clause to clause: an extremum takes the place named beside it, or else the next one named."""
    found: dict[str, set[str]] = {"highest": set(), "lowest": set()}
    waiting: list[str] = []
    for clause in [text] if "respectively" in text else _CLAUSE.split(text):
        places = _places(clause)
        waiting += _named(clause)
        if places and not waiting and "or" in clause.split():
            return None  # another place for what has one
        if not places or not waiting:
            continue
        if len(places) == 1:
            places *= len(waiting)
        if len(places) != len(waiting):
            return None
        for one, place in zip(waiting, places, strict=True):
            found[one].add(place)
        waiting = []
    if any(len(places) != 1 for places in found.values()):
        return None
    return f"{found['highest'].pop()}/{found['lowest'].pop()}"


def _named(clause: str) -> list[str]:
    """The extrema that the clause speaks of, in its order."""
    spots = [(m.start(), "highest") for m in _found(_HIGHEST, clause)]
    spots += [(m.start(), "lowest") for m in _found(_LOWEST, clause)]
    if not spots and _says(_BOTH, clause):
        return ["highest", "lowest"]
    return [name for _, name in sorted(spots)]


def _places(clause: str) -> list[str]:
    spots = sorted((m.start(), place) for place, words in _PLACES.items() for m in _found(words, clause))
    return [place for i, (_, place) in enumerate(spots) if i == 0 or place != spots[i - 1][1]]


def problems(answer: Mapping[str, str], truth: Mapping[str, str], fields: Sequence[str]) -> dict[str, str]:
    """By field, what is wrong with the sentences: `contradicts` the truth, is `unclear`, or `missing`."""
    out: dict[str, str] = {}
    for field in fields:
        text = answer.get(field)
        if not isinstance(text, str) or not text.strip():
            out[field] = "missing"
        elif (stated := label_in(field, text)) is None:
            out[field] = "unclear"
        elif stated != truth[field]:
            out[field] = "contradicts"
    return out
