"""A GPU on which a trial lost its device is set aside, and the study's journal says so."""

from __future__ import annotations

from agent.runner.active import Active
from agent.store import events
from agent.store.connection import Store
from agent.store.events import EventKind
from trainers.contract import Failure, FailureKind
from trainers.engines import Engine


def look_after_device(store: Store, engine: Engine, ended: Active, failure: Failure | None) -> None:
    """Tells the engine how the GPUs of an ended attempt fared."""
    if not ended.slot.gpus:
        return
    if failure is None:
        engine.worked(ended.slot)
    elif failure.kind is FailureKind.DEVICE_LOST:
        seconds = engine.lost(ended.slot)
        gpus = f"GPU{'s' * (len(ended.slot.gpus) > 1)} {', '.join(ended.slot.gpus)}"
        text = f"t{ended.trial.number} lost its device ({failure.message}): {gpus} gets no trial for {seconds:.0f} s"
        with store.transaction():
            events.record(store, ended.study.id, EventKind.ADVISED, trial_id=ended.trial.id, text=text)
