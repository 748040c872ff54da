"""The table of a space being edited: its lines, and where each cell lies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from rich.cells import cell_len

from agent.study.nouns import Trial
from agent.study.space_draft import CONSTRAINTS, Fault, SpaceDraft
from agent.study.space_words import written
from agent.study.tried import Tried, tried
from agent.tui.text import Part, fit, neutral, percent, wrap

RANGE = ("low", "high", "log", "step")
NUMBER_KEYS = ("name", "type", *RANGE, "default", "when")
CHOICE_KEYS = ("name", "type", "choices", "default", "when")
_SHORT = {"categorical": "categ"}
_BARS = " ▁▂▃▄▅▆▇█"
_WIDE, _WIDER = 110, 150  # cells of the table from which conditions have a column, and strips are longer


class Place(NamedTuple):
    x: int
    y: int
    width: int


@dataclass(frozen=True)
class Shown:
    """Lines of the table, and the place of every cell by its row and key."""

    lines: Sequence[Sequence[Part]]
    places: Mapping[tuple[str, str], Place]


@dataclass(frozen=True)
class Look:
    """What the table is drawn from. `cursor` is (row, key); a row is a parameter's name, or CONSTRAINTS."""

    draft: SpaceDraft
    base: SpaceDraft
    trials: Sequence[Trial]
    best: Trial | None
    faults: Sequence[Fault] = ()
    cursor: tuple[str, str] = ("", "")
    focused: bool = True


def keys_of(draft: SpaceDraft, row: str) -> tuple[str, ...]:
    """The cells of a row that can be edited, from left to right."""
    if row == CONSTRAINTS:
        return (CONSTRAINTS,)
    return CHOICE_KEYS if draft.parameters[row].get("type") == "categorical" else NUMBER_KEYS


def cell_text(draft: SpaceDraft, row: str, key: str) -> str:
    """What a person edits."""
    if row == CONSTRAINTS:
        return "; ".join(draft.constraints)
    if key == "name":
        return row
    described = draft.parameters[row]
    if key == "log":
        return "log" if described.get("log") is True else written(described["log"]) if described.get("log") else ""
    return written(described[key]) if key in described else ""


class _Widths(NamedTuple):
    columns: Mapping[str, int]
    cells: int  # of a strip
    beside: bool  # conditions have a column


def _widths(width: int, draft: SpaceDraft) -> _Widths:
    name = max((cell_len(n) for n in draft.parameters), default=9) + 3
    if width < _WIDE:
        columns = {"name": min(max(name, 12), 14), "type": 6, "low": 8, "high": 8, "log": 4, "step": 6, "default": 8}
        return _Widths(columns, max(width - sum(columns.values()) - 18, 4), beside=False)
    wider = width >= _WIDER
    columns = {"name": min(max(name, 12), 24), "type": 12, "low": 10, "high": 10, "log": 5, "step": 8, "default": 10}
    cells = 32 if wider else 16
    return _Widths({**columns, "when": max(width - sum(columns.values()) - cells - 18, 8)}, cells, beside=True)


def shown(look: Look, width: int) -> Shown:
    """The whole table `width` cells wide, with what is wrong beneath the row at fault."""
    widths = _widths(width, look.draft)
    lines: list[Sequence[Part]] = [_heading(widths)]
    places: dict[tuple[str, str], Place] = {}
    for row in (*look.draft.parameters, CONSTRAINTS):
        at = len(lines)
        if row == CONSTRAINTS:
            lines.append([])
            lines.append(_constraints(look, width))
            places[row, row] = Place(15, at + 1, max(width - 15, 10))
        else:
            lines += _row(look, row, widths, width)
            places |= _places(look.draft, row, at, widths, width)
        for fault in look.faults:
            if fault.name == row:
                wrapped = wrap([(f"✗ {neutral(fault.text)}", "bad")], max(width - 4, 20))
                lines += [[("    ", ""), *line] for line in wrapped]
    for fault in look.faults:
        if fault.name not in (*look.draft.parameters, CONSTRAINTS):
            said = f"{fault.name}: {fault.text}" if fault.name else fault.text
            lines.append([(f"  ✗ {neutral(said)}", "bad")])
    return Shown(lines, places)


def _heading(widths: _Widths) -> list[Part]:
    names = {"type": "type", "default": "default", "when": "when"}
    parts = [(fit("  parameter" if n == "name" else names.get(n, n), w), "muted") for n, w in _before(widths).items()]
    parts.append((fit("    tried", widths.cells + 10) + "failed  ", "muted"))
    return [*parts, ("when", "muted")] if widths.beside else parts


def _before(widths: _Widths) -> dict[str, int]:
    """The columns left of the strip."""
    return {n: w for n, w in widths.columns.items() if n != "when"}


def _places(draft: SpaceDraft, row: str, y: int, widths: _Widths, width: int) -> dict[tuple[str, str], Place]:
    found, x = {}, 0
    for name, wide in _before(widths).items():
        found[row, name] = Place(x + (2 if name == "name" else 0), y, wide - (2 if name == "name" else 0))
        x += wide
    low = found[row, "low"]
    found[row, "choices"] = Place(low.x, y, sum(widths.columns[k] for k in RANGE))
    if widths.beside:
        found[row, "when"] = Place(x + widths.cells + 18, y, widths.columns["when"])
    else:
        found[row, "when"] = Place(9, y + 1, width - 9)
    return {place: found[place] for place in ((row, key) for key in keys_of(draft, row))}


def _row(look: Look, row: str, widths: _Widths, width: int) -> list[Sequence[Part]]:
    described = look.draft.parameters[row]
    before = look.base.parameters.get(row)
    here = look.cursor[0] == row
    mark = "+" if before is None else "~" if dict(before) != dict(described) else " "
    parts: list[Part] = [("▌" if here and look.focused else " ", "primary"), (mark, "ask")]
    for key in keys_of(look.draft, row):
        if key == "when":
            continue
        wide = sum(widths.columns[k] for k in RANGE) if key == "choices" else widths.columns[key]
        said = cell_text(look.draft, row, key)
        if key == "type" and wide < len(said):
            said = _SHORT.get(said, said)
        text = fit(neutral(said), wide - (3 if key == "name" else 1)) + " "
        parts.append((text, _role(look, row, key, described, before)))
    parts += _tried(look, row, widths.cells)
    when, role = cell_text(look.draft, row, "when"), _role(look, row, "when", described, before)
    if widths.beside:
        parts.append((fit(neutral(when), widths.columns["when"]), role))
        return [parts]
    if when or look.cursor == (row, "when"):
        return [parts, [("    when ", "faint"), (fit(neutral(when), max(width - 9, 8)), role)]]
    return [parts]


def _role(look: Look, row: str, key: str, described: Mapping[str, Any], before: Mapping[str, Any] | None) -> str:
    at = "+reverse" if look.cursor == (row, key) and look.focused else ""
    if any(f.name == row and f.key == key for f in look.faults):
        return f"bad{at}"
    if key == "name":
        return f"strong{at}"
    changed = before is None or before.get(key) != described.get(key)
    return f"{'ask' if changed else 'muted' if key == 'type' else 'text'}{at}"


def _tried(look: Look, row: str, cells: int) -> list[Part]:
    parameter = look.draft.parameter(row) or (look.base.parameter(row) if row in look.base.parameters else None)
    if parameter is None:
        return [(" " * (cells + 18), "")]
    found = tried(parameter, look.trials, look.best, cells)
    if not found.total:
        return [(fit("    not tried", cells + 18), "faint")]
    below = f"{_few(found.below)}‹" if found.below else ""
    above = f"›{_few(found.above)}" if found.above else ""
    failed = f"{percent(found.failures)} ✗" if any(found.failed) else ""
    parts: list[Part] = [(fit(below, 4, right=True), "ask"), *strip_parts(found)]
    return [*parts, (fit(above, 6 + cells - len(found.cells)), "ask"), (fit(failed, 6, right=True) + "  ", "bad")]


def _few(count: int) -> str:
    """In three cells."""
    return str(count) if count < 1000 else f"{count // 1000}k"


def strip_parts(found: Tried) -> list[Part]:
    """A cell each, as high as its count; the best trial's is a star, one where most failed is red."""
    most = max(found.cells, default=0)
    parts: list[Part] = []
    for i, (count, failed) in enumerate(zip(found.cells, found.failed, strict=True)):
        if i == found.best:
            parts.append(("★", "best"))
        else:
            role = "bad" if count and failed * 2 > count else "run"
            parts.append((_BARS[-(-8 * count // most)] if count else "·", role if count else "faint"))
    return parts


def _constraints(look: Look, width: int) -> list[Part]:
    here = look.cursor == (CONSTRAINTS, CONSTRAINTS) and look.focused
    text = cell_text(look.draft, CONSTRAINTS, CONSTRAINTS)
    changed = look.draft.constraints != look.base.constraints
    mark: Part = ("▌" if here else " ", "primary")
    shown_text = neutral(text) or "none, such as label_len < seq_len; several with ;"
    role = f"{'ask' if changed else 'text' if text else 'faint'}{'+reverse' if here else ''}"
    return [
        mark,
        ("~" if changed else " ", "ask"),
        ("constraints  ", "muted"),
        (fit(shown_text, max(width - 15, 8)), role),
    ]
