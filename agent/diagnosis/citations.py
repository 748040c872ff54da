"""Citations in a text: `[t17]`, `[t17 log:412]`, `[t17 val_loss@300]`, read and held against the store."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from agent.study.nouns import Evidence

if TYPE_CHECKING:
    from agent.diagnosis.pointers import Pointers

_LONGEST = 160  # characters between the brackets
_GROUP = re.compile(rf"(?P<space>[ \t]*)\[(?P<inner>[^\[\]\n]{{1,{_LONGEST}}})\]")
_TRIAL = re.compile(r"(?:trial\s*|t)(\d{1,9})\Z", re.IGNORECASE)
_LINE = re.compile(r"log[: ]\s*(?:line\s*)?(\d{1,12})(?:\s*[-–]\s*\d{1,12})?\Z", re.IGNORECASE)
_STEP = re.compile(r"(\S(?:.*\S)?)\s*@\s*(?:step\s*)?(-?\d{1,18})\Z")
# What may yet become a citation, at the end of a text that still grows.
_OPEN = re.compile(rf"[ \t]*(?:\[[^\[\]\n]{{0,{_LONGEST}}})?\Z")


@dataclass(frozen=True)
class Citation:
    """One thing pointed at: a trial, or a line of its log, or a step of one of its metrics."""

    trial: int
    line: int | None = None
    metric: str | None = None
    step: int | None = None

    @property
    def text(self) -> str:
        """As it is written, brackets included."""
        if self.line is not None:
            return f"[t{self.trial} log:{self.line}]"
        return f"[t{self.trial}]" if self.step is None else f"[t{self.trial} {self.metric}@{self.step}]"

    def found(self, pointers: Pointers) -> Citation | None:
        """Itself, with the metric's own name, if what it points at exists."""
        if self.line is not None:
            return self if pointers.has_line(self.trial, self.line) else None
        if self.step is not None:
            name = pointers.metric_at(self.trial, self.metric or "", self.step)
            return None if name is None else replace(self, metric=name)
        return self if pointers.has_trial(self.trial) else None


def cite(trial: int, evidence: Evidence) -> Citation:
    """What one piece of evidence about `trial` points at; a config or a resource is the trial's own."""
    number = trial if evidence.trial is None else evidence.trial
    if evidence.line is not None:
        return Citation(number, line=evidence.line)
    if evidence.step is not None and evidence.metric:
        return Citation(number, metric=evidence.metric, step=evidence.step)
    return Citation(number)


def find(text: str) -> list[Citation]:
    """Every citation in `text`, in order, each once."""
    found = [c for match in _GROUP.finditer(text) for c in _read(match["inner"]) or ()]
    return list(dict.fromkeys(found))


def checked(text: str, pointers: Pointers) -> tuple[str, int]:
    """`text` with its citations as we write them, and without those that point at nothing; how many those were."""
    dropped = 0

    def write(match: re.Match[str]) -> str:
        nonlocal dropped
        read = _read(match["inner"])
        if read is None:
            return match[0]
        kept = [found for c in read if (found := c.found(pointers))]
        dropped += len(read) - len(kept)
        return match["space"] + " ".join(c.text for c in kept) if kept else ""

    return _GROUP.sub(write, text), dropped


def settled(text: str) -> str:
    """`text` without what at its end may still become a citation: what is left never changes as more arrives."""
    return _OPEN.sub("", text)


def _read(inner: str) -> list[Citation] | None:
    """The citations between two brackets, such as `t17 log:412, t9`; None when that is something else."""
    found: list[Citation] = []
    trial: int | None = None
    for item in re.split(r"\s*[,;]\s*", inner.strip()):
        head, _, rest = item.partition(" ") if not re.match(r"(?i)trial\s+\d", item) else _after_trial(item)
        named = _TRIAL.match(head)
        place = rest.strip() if named else item
        trial = int(named[1]) if named else trial
        made = None if trial is None else _place(trial, place)
        if made is None:
            return None
        found.append(made)
    return found


def _after_trial(item: str) -> tuple[str, str, str]:
    words = item.split(maxsplit=2)
    return " ".join(words[:2]), " ", words[2] if len(words) > 2 else ""


def _place(trial: int, place: str) -> Citation | None:
    if not place:
        return Citation(trial)
    if line := _LINE.match(place):
        return Citation(trial, line=int(line[1]))
    if step := _STEP.match(place):
        return Citation(trial, metric=step[1], step=int(step[2]))
    return None


def pieces(text: str) -> Iterator[str | tuple[Citation, ...]]:
    """`text` in order, its citations apart: what a screen turns into links."""
    at = 0
    for match in _GROUP.finditer(text):
        if (read := _read(match["inner"])) is None:
            continue
        yield text[at : match.start()] + match["space"]
        yield tuple(read)
        at = match.end()
    yield text[at:]
