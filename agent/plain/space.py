"""A study's space, a change of it and what that would mean: as JSON and as lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from agent import summary
from agent.hinting import Kept, of_study
from agent.plain.output import clean, table
from agent.search.from_store import history
from agent.search.reshaping import Reshaped, reshaped
from agent.search.space_effects import Effect, effects
from agent.store import proposals, trials
from agent.store.connection import Store
from agent.store.studies import Study
from agent.study.hint import Reading
from agent.study.memory_bound import MemoryBound, bounds_of
from agent.study.nouns import Proposal, Trial
from agent.study.space_draft import SpaceDraft
from agent.study.space_edit import differences
from agent.study.space_fit import misfits
from agent.study.space_toml import study_file
from agent.study.space_words import changed, written
from agent.study.tried import tried
from trainers.errors import SpaceError
from trainers.space import SearchSpace

_CELLS = 16
_BARS = " ▁▂▃▄▅▆▇█"


def meant(study: Study, words: Sequence[str]) -> SearchSpace:
    """The space once `words` are done to it. Raises SpaceError with everything that is wrong with it."""
    draft = changed(SpaceDraft.of(study.spec.space), words)
    faults = draft.faults() or misfits(study.spec, draft.space())
    if faults:
        listed = [f"space.{f.name}: {f.text}" if f.name not in ("", f.key) else f"space: {f.text}" for f in faults]
        raise SpaceError("; ".join(dict.fromkeys(listed)).rstrip("."))
    return draft.space()


@dataclass(frozen=True)
class Change:
    """A space that a study could have: what would be different, and what it would mean."""

    space: SearchSpace
    changes: tuple[str, ...]
    effects: tuple[Effect, ...]
    expires: tuple[int, ...]  # numbers of proposals


def weighed(store: Store, study: Study, space: SearchSpace) -> Change:
    every, pending = trials.all_trials(store, study.id), proposals.pending(store, study.id)
    best = summary.best(every, study.spec.objective)
    return Change(
        space,
        tuple(differences(study.spec.space, space)),
        tuple(effects(study.spec, space, every, pending, best)),
        tuple(p.number for p in pending if not space.allows(p.params)),
    )


def suggested(store: Store, study: Study, every: Sequence[Trial], pending: Sequence[Proposal]) -> Reshaped:
    """What the trials themselves say about the ranges."""
    return reshaped(history(store, study, every, pending, proposals.next_number(store, study.id)))


def document(store: Store, study: Study, change: Change | None, *, saved: bool, wrote: bool) -> dict[str, Any]:
    """`{study, space, hints, bounds, tried, suggestion, changes, effects, expired, saved, file}`."""
    every, pending = trials.all_trials(store, study.id), proposals.pending(store, study.id)
    suggestion, file = suggested(store, study, every, pending), study_file(study.spec, study.folder)
    return {
        "study": study.name,
        "space": (change.space if change is not None else study.spec.space).to_dict(),
        "hints": [_hint_document(study.spec.space, one) for one in of_study(store, study, every)],
        "bounds": [bound_document(bound) for bound in bounds_of(study.spec, every)],
        "tried": {name: _tried(study, name, every) for name in study.spec.space.parameters},
        "suggestion": {"changes": {n: dict(k) for n, k in suggestion.changes.items()}, "reason": suggestion.reason},
        "changes": list(change.changes) if change is not None else [],
        "effects": [e.text for e in change.effects] if change is not None else [],
        "expired": list(change.expires) if change is not None and saved else [],
        "saved": saved,
        "file": None if file is None else {"path": str(file.path), "differs": list(file.changes), "written": wrote},
    }


def heard(study: Study, readings: Sequence[tuple[str, Reading]]) -> list[dict[str, Any]]:
    """What was understood of the hints that were just given."""
    return [{"said": said, **_understood(study.spec.space, reading)} for said, reading in readings]


def _hint_document(space: SearchSpace, one: Kept) -> dict[str, Any]:
    return {"said": one.words, "counts": one.share, "why": one.why, **_understood(space, one.reading)}


def _understood(space: SearchSpace, reading: Reading) -> dict[str, Any]:
    return {"understood": list(reading.understood(space)), "not_understood": list(reading.not_understood())}


def _hint_line(space: SearchSpace, one: Kept) -> str:
    said = one.reading.told(space)
    return f"you expect: {one.words} {one.counted}" + (f"; {said}" if said else "")


def bound_document(bound: MemoryBound) -> dict[str, Any]:
    """What a trial that ran out of memory taught."""
    return {
        "trial": bound.trial,
        "from": dict(bound.floors),
        "with": dict(bound.fixed),
        "figures": bound.figures,
        "text": bound.text,
    }


def _tried(study: Study, name: str, every: Sequence[Trial]) -> dict[str, Any]:
    best = summary.best(list(every), study.spec.objective)
    found = tried(study.spec.space.parameters[name], every, best, _CELLS)
    return {
        "cells": list(found.cells),
        "failed": list(found.failed),
        "below": found.below,
        "above": found.above,
        "best": found.best,
    }


def lines(store: Store, study: Study, change: Change | None) -> str:
    """The space, and the change with what it means."""
    every, pending = trials.all_trials(store, study.id), proposals.pending(store, study.id)
    space = change.space if change is not None else study.spec.space
    best = summary.best(every, study.spec.objective)
    rows = [_row(space, name, every, best) for name in space.parameters]
    head = ["parameter", "type", "range", "default", "when", "tried", "failed"]
    said = [table(head, rows, right=(6,))]
    said += [f"constraint: {c.text}" for c in space.constraints]
    said += [f"learnt: nothing {bound.said}" for bound in bounds_of(study.spec, every)]
    said += [_hint_line(study.spec.space, one) for one in of_study(store, study, every)]
    if change is None:
        suggestion = suggested(store, study, every, pending)
        changes = [f"{n}.{k}={written(v)}" for n, keys in suggestion.changes.items() for k, v in keys.items()]
        said.append(f"suggested: {' '.join(changes) or 'no change'}. {suggestion.reason}")
    else:
        said += [*change.changes, *(f"{'!' if e.warns else ' '} {e.text}" for e in change.effects)]
    return clean("\n".join(said))


def _row(space: SearchSpace, name: str, every: Sequence[Trial], best: Trial | None) -> list[str]:
    described = space.to_dict()["parameters"][name]
    found = tried(space.parameters[name], every, best, _CELLS)
    ends = f"{written(described.get('low', ''))} … {written(described.get('high', ''))}"
    step = f" by {written(described['step'])}" if "step" in described else ""
    range_ = written(described["choices"]) if "choices" in described else ends + step
    return [
        name,
        described["type"],
        range_ + (" log" if described.get("log") else ""),
        written(described["default"]) if "default" in described else "–",
        described.get("when", "–"),
        strip(found.cells, found.best) + (f" +{found.below + found.above} outside" * bool(found.below + found.above)),
        f"{found.failures:.0%}" if found.total else "–",
    ]


def strip(cells: Sequence[int], best: int | None) -> str:
    """A cell each, as high as its count; the best trial's is a star."""
    most = max(cells, default=0)
    bars = [_BARS[-(-8 * n // most)] if most else " " for n in cells]
    return "".join("★" if i == best else bar for i, bar in enumerate(bars))
