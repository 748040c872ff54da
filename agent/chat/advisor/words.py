"""The words of a question: what they are about, however they are spelled."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from functools import lru_cache

_WORD = re.compile(r"[a-z]+(?:'[a-z]+)?")
_LONG = 4  # letters from which a typing error is looked for: shorter words are too alike

# What a word is about. A word may be about one thing only.
_ABOUT = {
    "why": "why reason reasons explain explanation cause caused causes happened happen wrong diagnose diagnosis"
    " because how come",
    "fail": "fail fails failed failing failure failures crash crashed crashes crashing die died dies error errors broke"
    " broken break oom diverge diverged diverges nan killed exploded explode",
    "best": "best winner winning top leading leader optimal optimum record champion highest lowest",
    "worst": "worst poorest bottom",
    "compare": "compare compared comparison comparing versus vs against than better worse beats beat",
    "next": "next try suggest suggestion suggestions recommend recommendation recommendations advise advice improve"
    " improvement should todo",
    "matter": "matter matters important importance importances influence influences influential sensitive sensitivity"
    " effect effects impact affects affect relevant",
    "status": "status progress going standing summary summarise summarize overview eta finish finished done remaining"
    " left ready far state budget",
    "running": "running runs active current currently queued",
    "propose": "propose proposed proposes proposal proposals proposing chose choose chosen pick picked picking",
    "change": "change changed changes differ differs difference differences different",
    "real": "real noise noisy significant significance chance luck lucky reliable reliably trust random meaningful",
    "really": "really truly actually",
    "edge": "edge edges bound bounds boundary boundaries border borders extreme extremes corner corners widen",
    "wait": "wait waits waiting pending undecided approve decide decision",
    "log": "log logs print printed prints output stdout stderr logged traceback",
    "last": "last latest newest recent",
    "parameter": "parameter parameters param params hyperparameter hyperparameters knob knobs config configuration",
    "help": "help hello hi hey",
    "long": "long time when hours minutes eta",
    "you": "you your",
}
_KNOWN = {word: about for about, words in _ABOUT.items() for word in words.split()}


def topics(question: str, names: Iterable[str] = ()) -> frozenset[str]:
    """What the question's words are about. Words that are `names` of the study's own are left alone."""
    own = {word for name in names for word in _WORD.findall(name.lower())}
    found = (_topic(word) for word in _WORD.findall(question.lower()) if word not in own)
    return frozenset(topic for topic in found if topic)


@lru_cache(maxsize=4_096)
def _topic(word: str) -> str:
    plain = word.split("'")[0]
    if plain in _KNOWN:
        return _KNOWN[plain]
    if len(plain) < _LONG:
        return ""
    # A typing error keeps most letters; a short word's single wrong one is a fifth of it.
    near = difflib.get_close_matches(plain, (w for w in _KNOWN if len(w) >= _LONG), n=1, cutoff=0.82)
    return _KNOWN[near[0]] if near and near[0][0] == plain[0] else ""
