"""The page of settings in words: a line a setting, and what is told of the one under the cursor."""

from __future__ import annotations

from collections.abc import Sequence

from agent.settings import values
from agent.settings.rows import Row
from agent.settings.setting import Origin
from agent.tui.text import Part, fit, neutral

_NAME, _VALUE, _ORIGIN = 22, 22, 12
VALUE_AT = _NAME + 2  # the cell where a value's field begins

_TITLES = {
    "look": "Looks",
    "curves": "Curves",
    "log": "Log",
    "notify": "Notifications",
    "study": "New studies",
    "engine": "New studies",
    "agent": "New studies",
    "stopping": "New studies",
}


def _section(row: Row) -> str:
    return "study" if row.of_study else _TITLES[row.setting.table]


def headed(rows: Sequence[Row]) -> list[Row | None]:
    """With None before each section."""
    shown: list[Row | None] = []
    for before, row in zip([None, *rows], rows, strict=False):
        if before is None or _section(before) != _section(row):
            shown.append(None)
        shown.append(row)
    return shown


def line(row: Row | None, after: Row | None, study: str, width: int) -> list[Part]:
    """A setting; or, for None, the heading of what comes after."""
    if row is None:
        if after is None:
            return [("", "")]
        return [(f"This study: {neutral(study)}" if after.of_study else _section(after), "title")]
    grouped = row.of_study or row.setting.table in ("study", "engine", "agent")
    name = row.setting.name.removeprefix("study.") if grouped else row.setting.short
    own = row.origin is not Origin.DEFAULT
    parts: list[Part] = [
        (f" {fit(name, _NAME)} ", "text"),
        (fit(neutral(row.said), _VALUE) + " ", "strong" if own else "text"),
        (fit(str(row.origin), _ORIGIN), "primary" if own else "muted"),
    ]
    room = width - (_NAME + _VALUE + _ORIGIN + 4)
    return [*parts, (fit(row.setting.key.about, room), "muted")] if room >= 16 else parts


def about(row: Row | None, fault: str) -> list[Part]:
    """What it means, what it may be, and every way to set it."""
    if row is None:
        return [("Nothing matches.", "muted")]
    setting = row.setting
    head: Part = (f"✗ {neutral(fault)}\n", "bad") if fault else (f"{setting.key.about}\n", "text")
    ways = [setting.environment, *([setting.flag] if setting.flag else [])]
    return [
        head,
        ("may be ", "muted"),
        (values.expected(setting), "text"),
        ("   default ", "muted"),
        (row.default, "text"),
        ("   from ", "muted"),
        (str(row.origin), "text"),
        ("\nin ", "muted"),
        ("the study" if row.of_study else "settings.toml", "text"),
        (f" {setting.name}   or ", "muted"),
        ("   ".join(ways), "text"),
    ]
