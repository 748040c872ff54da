"""The resources of a pack: what each of its trials counts for, and what becomes of it when one ends."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from agent.runner.active import Active
from agent.store import trials
from agent.store.connection import Store
from trainers.engines import Engine, Slot


def parts(slot: Slot, trials: int) -> list[Slot]:
    """The slot of each trial of a pack. They share a GPU evenly, which is what GPU hours count; the threads stand with
    the first."""
    share = slot.share / trials
    return [Slot(slot.gpus, share, 0 if place else slot.threads) for place in range(trials)]


def job_of(slot: Slot, pack: str, numbers: Sequence[int]) -> dict[str, Any]:
    """What the store remembers of where an attempt runs: its slot, and the trials it trains with."""
    return {**slot.to_dict(), **({"pack": pack, "with": list(numbers)} if pack else {})}


def give_back(store: Store, engine: Engine, ended: Active, running: Iterable[Active]) -> None:
    """Gives an ended trial's resources back. The threads of a pack stay with it until its last trial has ended."""
    heir = next((a for a in running if ended.pack and a.pack == ended.pack and a is not ended), None)
    if heir is None or not ended.slot.threads:
        engine.release(ended.slot)
        return
    engine.release(replace(ended.slot, threads=0))
    heir.slot = replace(heir.slot, threads=heir.slot.threads + ended.slot.threads)
    job = trials.job(store, heir.attempt.id)
    trials.set_job(store, heir.attempt.id, {**job, **heir.slot.to_dict()})


def others_live(active: Active, running: Iterable[Active]) -> bool:
    """Whether a trial of the same pack runs on that nobody asked to end: killing one would end it too."""
    return any(a.pack == active.pack and a.stop_asked is None for a in running if active.pack and a is not active)
