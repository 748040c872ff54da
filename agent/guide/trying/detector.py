"""Watches a script's output for metrics as it comes. Looks at a part of it only where it comes too fast."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field

from agent.guide.trying import names
from agent.guide.trying.line import LineSeen, read
from agent.guide.trying.table import Table, header
from trainers.script.lines import LINE_CHARS
from trainers.stderr import ANSI

_MOST_NAMES = 200
_FIRST, _LAST = 4000, 4000  # lines kept to check proposals against
_A_LOOK = 600  # lines read closely at one look; of the others the numbers of lines are counted


@dataclass
class Track:
    """The sightings of one name: (line number, value, the steps then known, by their pattern)."""

    name: str
    seen: list[tuple[int, float, dict[str, int]]] = field(default_factory=list)
    regexes: Counter[str] = field(default_factory=Counter)
    own_steps: Counter[str] = field(default_factory=Counter)  # patterns met in the same line
    phases: set[str] = field(default_factory=set)
    first_line: int = 0
    at: list[float] = field(default_factory=list)  # when, in seconds since the start


@dataclass
class Count:
    """A step as it rose: its first and last number with their times, the largest, and how many there will be."""

    first: tuple[int, float]
    last: tuple[int, float]
    total: int | None = None
    restarts: int = 0


class Detector:
    """`tracks` by name, `counts` by the step's word, `lines` what was kept, `last_line` the newest with words."""

    def __init__(self) -> None:
        self.tracks: dict[str, Track] = {}
        self.counts: dict[str, Count] = {}
        self.last_line = ""
        self.line_number = 0
        self.skipped = 0
        self._first: list[str] = []
        self._last: deque[str] = deque(maxlen=_LAST)
        self._steps: dict[str, int] = {}
        self._table: Table | None = None

    @property
    def lines(self) -> list[str]:
        return [*self._first, *self._last]

    def feed(self, text: str, now: float) -> None:
        """Whole lines; `now` in seconds since the start."""
        if "\x1b" in text:
            text = ANSI.sub("", text)
        lines = [line for line in text.replace("\r", "\n").split("\n") if line.strip()]
        beyond = max(len(lines) - _A_LOOK, 0)  # leave out the middle of what comes too fast
        for index, line in enumerate(lines):
            self.line_number += 1
            if beyond and _A_LOOK // 2 <= index < _A_LOOK // 2 + beyond:
                self.skipped += 1
                continue
            self._take(line[:LINE_CHARS], now)
        if lines:
            self.last_line = lines[-1][:500]

    def _take(self, line: str, now: float) -> None:
        self._first.append(line) if len(self._first) < _FIRST else self._last.append(line)
        found = self._table.read(line) if self._table is not None else None
        if found is None:
            if (begun := header(line)) is not None:
                self._table = begun
                return
            found = read(line)
        self._note(found, now)

    def _note(self, found: LineSeen, now: float) -> None:
        for step in found.steps:
            if step.regex:
                self._steps[step.regex] = step.number
            self._count(step.word, step.number, step.total, now)
        if found.bar is not None:
            self._count("bar", found.bar[0], found.bar[1], now)
        own = {step.regex for step in found.steps}
        for sighting in found.sightings:
            track = self.tracks.get(sighting.name)
            if track is None:
                if len(self.tracks) >= _MOST_NAMES:
                    continue
                track = self.tracks[sighting.name] = Track(sighting.name, first_line=self.line_number)
            steps = dict(self._steps)
            if found.steps and not sighting.regex:
                steps["json"] = found.steps[0].number
            track.seen.append((self.line_number, sighting.value, steps))
            track.at.append(now)
            track.regexes[sighting.regex] += 1
            track.own_steps.update(own)
            if sighting.phase:
                track.phases.add(sighting.phase)

    def _count(self, word: str, number: int, total: int | None, now: float) -> None:
        word = {"epochs": "epoch", "steps": "step", "iter": "step", "iteration": "step", "global_step": "step"}.get(
            word, word
        )
        count = self.counts.get(word)
        if count is None:
            self.counts[word] = Count((number, now), (number, now), total)
            return
        if number < count.last[0]:
            count.restarts += 1
            count.first = (number, now)
        if number != count.last[0]:
            count.last = (number, now)
        if total is not None:
            count.total = total

    def objective_steps(self) -> int:
        """How often what would be the objective was seen, if it is measured on held-out data."""
        held = [t for t in self.tracks.values() if names.known(t.name) and names.is_held_out(t.name)]
        best = max(held, key=lambda t: names.fitness(t.name), default=None)
        return 0 if best is None else len({repr(value) for _, value, _ in best.seen})
