"""Tables in the output: a line of names, then lines of as many numbers."""

from __future__ import annotations

import re
from dataclasses import dataclass

from agent.guide.trying import names, patterns
from agent.guide.trying.line import LineSeen, Sighting, StepSeen
from trainers.script import jsonline

_NAME = re.compile(r"[A-Za-z_%#][\w/.@%#()^-]*(?: [\w/.@%#()^-]+){0,2}\Z")
_WIDE, _ANY = re.compile(r"\s{2,}|\s*[|,;\t]\s*"), re.compile(r"[\s|,;]+")
_CLOCK = re.compile(r"\d+:\d\d(?::\d\d)?\Z|[-+]?[\d.]+(?:s|ms|%)\Z|-+\Z")  # what else may stand in a row of numbers
_STEPS = ("step", "global_step", "iter", "iteration", "epoch", "round", "update", "#epoch", "ep")
_MOST = 40  # columns


@dataclass(frozen=True)
class Table:
    """The names of the columns."""

    header: tuple[str, ...]

    def read(self, line: str) -> LineSeen | None:
        """What a row says; None for a line that is none."""
        cells = [cell for cell in _ANY.split(line.strip()) if cell]
        if len(cells) != len(self.header) or jsonline.number(cells[0]) is None:
            return None
        values = [jsonline.number(cell) for cell in cells]
        if any(v is None and not _CLOCK.match(c) for v, c in zip(values, cells, strict=True)):
            return None
        step = next((i for i, name in enumerate(self.header) if name.lower() in _STEPS and _whole(values[i])), None)
        steps = () if step is None else (StepSeen(self.header[step].lower(), int(values[step] or 0), "in the row"),)
        found = tuple(
            Sighting(name, value, patterns.column(i, len(cells), step))
            for i, (name, value) in enumerate(zip(self.header, values, strict=True))
            if value is not None and i != step and names.worth_watching(name)
        )
        return LineSeen(found, steps) if found else None


def header(line: str) -> Table | None:
    """The table that a line of names begins; None for any other line."""
    if any(c.isdigit() and not c.isalpha() for c in line[:1]) or "=" in line or ":" in line:
        return None
    for splitter in (_WIDE, _ANY):
        cells = [cell for cell in splitter.split(line.strip().strip("|").strip()) if cell]
        if 2 <= len(cells) <= _MOST and all(map(_NAME.match, cells)) and len(set(cells)) == len(cells):
            named = [names.known(cell) for cell in cells]
            is_step = cells[0].lower() in _STEPS
            if any(named) and (is_step or sum(named) > len(cells) / 2 or len(cells) > 2):
                return Table(tuple(cell.replace(" ", "_") for cell in cells))
    return None


def _whole(value: float | None) -> bool:
    return value is not None and value == value // 1 and abs(value) < jsonline.STEP_LIMIT
