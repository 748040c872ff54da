"""Beneath the table of a space: what is wrong with a draft, what it would mean, what is suggested."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from rich.cells import cell_len

from agent.study.action_words import details
from agent.study.space_draft import Fault
from agent.study.space_words import written
from agent.study.spec import StudySpec
from agent.tui.text import Part, fit, neutral, plural
from agent.tui.widgets.bar import Piece

if TYPE_CHECKING:
    from agent.study.space_toml import StudyFile
    from agent.tui.space.space_errands import SpaceRead, Weighed

_MOST_BOUNDS = 3
_MOST_HINTS = 3
_KEYS = {"change": 9, "add": 5, "duplicate": 4, "remove": 5, "undo": 6, "take": 3, "apply": 8, "write": 2}  # and keep


def parts(complaint: str, said: str, faults: Sequence[Fault], weighed: Weighed | None) -> list[Part]:
    """What came of the last request, then what is wrong with the draft, or else what it would mean."""
    found: list[Part] = []
    if complaint or said:
        glyph, role = ("✗ ", "bad") if complaint else ("✓ ", "good")
        found += [(glyph, role), (f"{neutral(complaint or said)}\n", "text")]
    if faults:
        return [*found, (f"✗ not a space yet: {plural(len(faults), 'thing')} to mend\n", "bad")]
    for effect in weighed.effects if weighed is not None else ():
        role = "ask" if effect.warns else "muted"
        found.append((f"{'!' if effect.warns else '·'} {neutral(effect.text)}\n", role))
    return found


def suggested(read: SpaceRead, spec: StudySpec) -> list[Part]:
    """What the agent asks for, or else what the trials themselves say."""
    if (asked := read.asked) is not None:
        said = "; ".join(details(asked, spec))
        return [("agent asks  ", "primary"), (f"{neutral(said)}. {neutral(asked.reason)}\n", "muted")]
    found = read.suggestion
    said = ", ".join(f"{n}.{k} → {written(v)}" for n, keys in found.changes.items() for k, v in keys.items())
    head: list[Part] = [(f"{neutral(said)}. ", "text")] if said else []
    return [("trials say  ", "primary"), *head, (f"{neutral(found.reason)}\n", "muted")]


def learnt(read: SpaceRead) -> list[Part]:
    """What trials that ran out of memory rule out, and how to let go of it."""
    parts: list[Part] = []
    for bound in read.bounds[:_MOST_BOUNDS]:
        head = f"nothing as large as t{bound.trial}, which ran out of memory: "
        parts += [("learnt      ", "primary"), (head, "muted"), (neutral(bound.text), "text")]
        parts += [(f" ({neutral(bound.figures)})" if bound.figures else "", "muted"), (" · ", "muted")]
        parts += [(f"/drop-bound {bound.trial}", "ask"), ("\n", "")]
    rest = len(read.bounds) - _MOST_BOUNDS
    return [*parts, (f"            and {plural(rest, 'bound')} more\n", "faint")] if rest > 0 else parts


def hinted(read: SpaceRead, width: int) -> list[Part]:
    """Where the person expects good values, the latest, and how much that still counts: a line of `width` cells each,
    so that a long one pushes none of the others off the page."""
    parts: list[Part] = []
    for words, counts in read.hints[-_MOST_HINTS:]:
        head, tail = "you expect  ", f" {counts}"
        line = " ".join(neutral(words).split())
        said = fit(line, min(max(width - cell_len(head + tail), 12), cell_len(line)))
        parts += [(head, "primary"), (said, "text"), (f"{tail}\n", "muted")]
    return parts


def of_file(file: StudyFile | None, key: str) -> list[Part]:
    """What the study file says otherwise, and how to mend it."""
    if file is None or not file.changes:
        return []
    said = f"{file.path.name} differs: {neutral('; '.join(file.changes))} · "
    return [(said, "muted"), (f"{key} writes the space into it", "ask")]


def keys(key_name: Callable[[str], str], works: Mapping[str, bool]) -> list[Piece]:
    """The line of keys; those that would do nothing now are faint."""
    pieces = []
    for name, keep in _KEYS.items():
        role = "muted" if works.get(name, True) else "faint"
        pieces += [Piece(f" {key_name(name)}", "primary", name, keep), Piece(f" {name} ", role, name, keep)]
    return pieces
