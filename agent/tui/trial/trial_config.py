"""A trial's params beside those of the best trial, the nearest one, the defaults and what had been proposed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agent.study.nouns import Trial
from agent.tui.ink.looks import look
from agent.tui.messages import TrialRead
from agent.tui.model import StudyModel
from agent.tui.text import Part, fit, neutral, param

_LOOKED_AT = 1_000  # ended trials compared with, newest first
_GAP = 2


def nearest(trial: Trial, model: StudyModel) -> Trial | None:
    """The ended trial most like it, the best apart."""
    best = model.best.number if model.best is not None else None
    ended = [t for t in model.trials.values() if t.state.ended and t.number not in (trial.number, best)][-_LOOKED_AT:]
    distance = model.spec.space.distance
    return min(ended, key=lambda t: (distance(trial.params, t.params), t.number), default=None)


def params(read: TrialRead, model: StudyModel, width: int) -> list[Part]:
    """A table: what is the same as here is an equals sign. Columns that do not fit are left out, the last first."""
    trial, others = read.trial, _others(read, model)
    names = [n for n in dict.fromkeys([*model.spec.space.parameters, *trial.params]) if n in trial.params]
    here = {name: param(trial.params[name]) for name in names}
    wide = min(max((len(n) for n in names), default=4), 22) + 4
    own = max([len(f"t{trial.number}"), *map(len, here.values())]) + _GAP
    columns: list[tuple[str, dict[str, str], int]] = []
    room = width - wide - own
    for head, values in others:
        cells = {n: _cell(n, here[n], values) for n in names}
        size = max(len(head), *map(len, cells.values())) + _GAP if cells else len(head)
        if size <= room:
            columns.append((head, cells, size))
            room -= size
    parts: list[Part] = [("CONFIG\n", "title"), (fit("", wide), ""), (fit(f"t{trial.number}", own), "muted")]
    parts += [(fit(head, size), "best" if head.startswith("★") else "muted") for head, _, size in columns]
    parts.append(("\n", ""))
    for name in names:
        parts += [(fit(f"  {neutral(name)}", wide), "muted"), (fit(here[name], own), "strong")]
        for _, cells, size in columns:
            parts.append((fit(cells[name], size), "faint" if cells[name] == "=" else "text"))
        parts.append(("\n", ""))
    return parts


def _others(read: TrialRead, model: StudyModel) -> list[tuple[str, Mapping[str, Any]]]:
    trial, best, near = read.trial, model.best, nearest(read.trial, model)
    found: list[tuple[str, Mapping[str, Any]]] = []
    if best is not None and best.number != trial.number:
        found.append((f"★ t{best.number}", best.params))
    if near is not None:
        found.append((f"near t{near.number} {look(near).glyph}", near.params))
    if read.proposal.params != trial.params:
        found.append(("proposed", read.proposal.params))
    return [*found, ("default", model.spec.first_config())]


def _cell(name: str, here: str, values: Mapping[str, Any]) -> str:
    if name not in values:
        return "–"
    there = param(values[name])
    return "=" if there == here else there
