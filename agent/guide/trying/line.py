"""Reads one line of output: which numbers stand in it under which names, and at which step."""

from __future__ import annotations

import re
from dataclasses import dataclass

from agent.diagnosis.metrics import Split, meaning, tokens
from agent.guide.trying import names, patterns
from agent.guide.trying.patterns import END, NUMBER
from trainers.script import jsonline
from trainers.script.lines import LINE_CHARS

_WORD = r"[A-Za-z_][\w/.@^'+-]*"
_EQUALS = re.compile(rf"((?:{_WORD}[ \t]+){{0,3}}{_WORD})([\"']?)\s*[=:]\s*({patterns.WRAPPED})({NUMBER}){END}")
_SPACE = re.compile(rf"((?:{_WORD}[ \t]+){{0,3}}{_WORD})[ \t]+({NUMBER}){END}")
_BAR = re.compile(rf"({_WORD})\s*\|\s*({NUMBER}){END}")
_PHASE = re.compile(r"\b(train(?:ing)?|val(?:id(?:ation)?)?|eval(?:uation)?|test(?:ing)?|dev)\b", re.IGNORECASE)
_PHASES = {"training": "train", "valid": "val", "validation": "val", "evaluation": "eval", "testing": "test"}
_HOW = ("mean", "average", "avg")
_BEFORE, _KINDS = ("top", "log", "balanced", "exact"), ("macro", "micro", "weighted")
_STEP = re.compile(
    r"(?<![\w/.])(global[_ ]?step|steps?|iter(?:ation)?s?|epochs?|rounds?|updates?|batch)\s*[=:#]?\s*[\[(]?\s*"
    r"(\d{1,15})(?:\s*(?:/|of)\s*(\d{1,15}))?(?![\d.]*\.\d|\w)",
    re.IGNORECASE,
)
_LEADING = re.compile(r"^\[(\d{1,15})\]")
_BAR_STEP = re.compile(r"(?:^|[|\s])(\d{1,12})/(\d{1,12})\s*(?:\[|━|\x1b|\|)")  # tqdm, Keras: batches, not steps


@dataclass(frozen=True)
class Sighting:
    """One number under one name. `regex` finds it; empty where the line is a JSON object."""

    name: str
    value: float
    regex: str
    phase: str = ""  # the word that says on which data, where it stands before the name or begins it


@dataclass(frozen=True)
class StepSeen:
    """One step: its word in lower case, its number, how many there will be if it said so."""

    word: str
    number: int
    regex: str
    total: int | None = None


@dataclass(frozen=True)
class LineSeen:
    """What one line holds."""

    sightings: tuple[Sighting, ...] = ()
    steps: tuple[StepSeen, ...] = ()
    bar: tuple[int, int] | None = None  # a progress bar's own count


def read(line: str) -> LineSeen:
    """`line` is without colours. Of what backspaces took back, only the last counts."""
    line = line[:LINE_CHARS]
    if line[:1] == "{" and (found := jsonline.parse(line.rstrip())) is not None:
        return _of_json(line, *found)
    text = line.rstrip("\b ")
    rewritten = "\b" in text
    text = text[text.rfind("\b") + 1 :]
    steps = tuple(
        StepSeen(m[1].lower(), int(m[2]), patterns.step(m[1]), int(m[3]) if m[3] else None)
        for m in _STEP.finditer(text)
    )
    if leading := _LEADING.match(text):
        steps = (*steps, StepSeen("round", int(leading[1]), r"^\[(\d+)\]"))
    bar = _BAR_STEP.search(text)
    return LineSeen(tuple(_pairs(text, last=rewritten)), steps, (int(bar[1]), int(bar[2])) if bar else None)


def _of_json(line: str, step: int | None, numbers: dict[str, float]) -> LineSeen:
    word = next((key for key in jsonline.STEP_KEYS if f'{key}"' in line or f"{key}'" in line), "step")
    steps = () if step is None else (StepSeen(word, step, ""),)
    kept = tuple(Sighting(name, value, "") for name, value in numbers.items() if names.worth_watching(name))
    return LineSeen(kept, steps)


def _pairs(text: str, *, last: bool) -> list[Sighting]:
    found: dict[int, Sighting] = {}  # by where the number stands
    for match in _EQUALS.finditer(text):
        name = _told(match[1], strict=False)
        if name:
            separator = "quoted" if match[2] else "equals"
            found[match.start(4)] = _sighting(name, match, match[4], separator, last, wrapped=bool(match[3]))
    for pattern, separator in ((_SPACE, "space"), (_BAR, "bar")):
        for match in pattern.finditer(text):
            name = _told(match[1], strict=True)
            if name and match.start(2) not in found:
                found[match.start(2)] = _sighting(name, match, match[2], separator, last)
    unique: dict[str, Sighting] = {}
    for _, sighting in sorted(found.items()):
        unique.setdefault(sighting.name, sighting)
    return list(unique.values())


def _told(phrase: str, *, strict: bool) -> str:
    """The end of the phrase that names something worth watching: `the final val loss` → `val loss`. Empty for none.
    `strict` takes losses and scores only, since blanks alone join any two words."""
    parts = phrase.split()
    if len(parts) > 1 and parts[-1].lower() in _KINDS and names.known(parts[-2]):  # f1 macro
        return " ".join([_told(" ".join(parts[:-1]), strict=strict), parts[-1]])
    if not names.worth_watching(parts[-1]) or (strict and not names.known(parts[-1])):
        return ""
    kept = [parts.pop()]
    while parts and (_is_split(parts[-1]) or names.known(parts[-1]) or parts[-1].lower() in (*_HOW, *_BEFORE)):
        kept.insert(0, parts.pop())  # the mean val log loss, roc auc, valid_0's l2
    return " ".join(kept)


def _is_split(word: str) -> bool:
    return meaning(word).split is not Split.NONE and len(tokens(word)) <= 3


def _sighting(
    name: str, match: re.Match[str], number: str, separator: str, last: bool, *, wrapped: bool = False
) -> Sighting:
    phase = "" if meaning(name).split is not Split.NONE else _phase_before(match.string, match.end(1) - len(name))
    regex = patterns.pair(name, separator, phase=phase, wrapped=wrapped, last=last)
    plain = re.sub(r"[^\w/.@-]+", "_", name.replace("'", "")).strip("_")
    plain = plain if " " not in name else "_".join(w for w in plain.lower().split("_") if w not in _HOW) or plain
    if phase:
        plain = f"{_PHASES.get(phase.lower(), phase.lower())}_{plain.lower()}"
    first = name.split()[0] if " " in name else ""
    return Sighting(plain, float(number), regex, phase or (first if _is_split(first) else ""))


def _phase_before(text: str, end: int) -> str:
    """The last word before `end` that says on which data it was measured."""
    met = list(_PHASE.finditer(text, 0, end))
    return met[-1][1] if met else ""
