"""What is asked: the kind of question, and the trials, proposals and parameters it names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from agent.chat.advisor.words import topics


class Kind(StrEnum):
    """What the advisor can answer."""

    WHY = "why"  # what happened to a trial
    BEST = "best"
    WORST = "worst"
    COMPARE = "compare"
    CHANGED = "changed"
    REAL = "real"
    NEXT = "next"
    MATTERS = "matters"
    FAILURES = "failures"
    STATUS = "status"
    PROPOSED = "proposed"
    EDGES = "edges"
    WAITING = "waiting"
    LOG = "log"
    PARAMETER = "parameter"
    ORDER = "order"  # something to do rather than to answer
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Question:
    """`numbers` are trials', or for PROPOSED a proposal's, as they were named. `topics` is all it touches on;
    `order` the command meant by an ORDER."""

    kind: Kind
    numbers: tuple[int, ...] = ()
    parameters: tuple[str, ...] = ()
    topics: frozenset[str] = frozenset()
    order: str = ""


_NUMBER = re.compile(
    r"(?<![\w.@:])(?P<before>[a-z_]+[ =:]+)?(?P<sure>trials?\s*#?|t|#|p)?(?P<number>\d{1,9})"
    r"(?![\w%]|\.\d)(?P<unit>\s*[a-z]+)?"
)
# After a number these say that it measures or counts something; so do the others before it.
_UNITS = frozenset((
    "s", "sec", "secs", "second", "seconds", "m", "min", "mins", "minute", "minutes", "h", "hour", "hours", "d", "day",
    "days", "percent", "epoch", "epochs", "step", "steps", "trials", "more", "times", "gpu", "gpus", "best", "worst",
))  # fmt: skip
_COUNTS = frozenset((
    "top", "best", "last", "first", "worst", "next", "step", "steps", "epoch", "epochs", "line", "seed", "in",
    "within", "after", "every",
))  # fmt: skip
_ORDER = re.compile(
    r"\s*(?:please |can you |could you |now )*"
    r"(approve|accept|reject|decline|edit|stop|kill|export|propose|suggest|set|change the budget)\b(?! did)"
)
_ORDERS = {"accept": "approve", "decline": "reject", "kill": "stop", "set": "budget", "change the budget": "budget"}


def read(text: str, parameters: Sequence[str] = (), metrics: Sequence[str] = ()) -> Question:
    """Understands `text`, whose words may be misspelled; a kind is UNKNOWN where nothing fits."""
    asked = text.lower()
    named = tuple(p for p in parameters if re.search(rf"(?<![\w.]){re.escape(p.lower())}(?![\w.])", asked))
    about = topics(text, [*parameters, *metrics])
    numbers = _numbers(asked, [p.lower() for p in (*parameters, *metrics)])
    if order := _ORDER.match(asked):
        return Question(Kind.ORDER, numbers, named, about, _ORDERS.get(order[1], order[1]))
    return Question(_kind(about, len(numbers), bool(named)), numbers, named, about)


def _numbers(asked: str, names: Sequence[str]) -> tuple[int, ...]:
    """The numbers that name a trial or a proposal; those that count or measure something do not."""
    found = []
    for match in _NUMBER.finditer(asked):
        before = (match["before"] or "").strip(" =:")
        unit = (match["unit"] or "").strip()
        if not match["sure"] and (before in _COUNTS or before in names or unit in _UNITS):
            continue
        found.append(int(match["number"]))
    return tuple(dict.fromkeys(found))


def _kind(about: frozenset[str], count: int, parameter: bool) -> Kind:
    if "propose" in about and ("why" in about or count or "you" in about):
        return Kind.PROPOSED
    if "real" in about or {"really", "compare"} <= about:
        return Kind.REAL
    if "edge" in about:
        return Kind.EDGES
    if "matter" in about:
        return Kind.MATTERS
    if "log" in about and (count or "last" in about):
        return Kind.LOG
    if count >= 2 or (about & {"compare", "change"} and count):
        return Kind.CHANGED if "change" in about and "compare" not in about else Kind.COMPARE
    if count:
        return Kind.COMPARE if "best" in about else Kind.WHY
    if "last" in about and about & {"why", "fail"}:
        return Kind.WHY
    kind = _of_the_study(about, parameter)
    return Kind.WHY if kind is Kind.UNKNOWN and "why" in about else kind


_STUDY = (
    ("fail", Kind.FAILURES),
    ("best", Kind.BEST),
    ("worst", Kind.WORST),
    ("next", Kind.NEXT),
    ("wait", Kind.WAITING),
    ("propose", Kind.WAITING),
    ("status", Kind.STATUS),
    ("running", Kind.STATUS),
    ("long", Kind.STATUS),
)


def _of_the_study(about: frozenset[str], parameter: bool) -> Kind:
    if parameter and not about & {"best", "fail", "worst"}:
        return Kind.PARAMETER
    return next((kind for topic, kind in _STUDY if topic in about), Kind.UNKNOWN)
