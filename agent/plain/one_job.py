"""One job of the agent, waited for on a plain terminal: Ctrl-C breaks it off, a second one leaves at once."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from agent.llm.errors import LLMError, LLMErrorKind
from agent.mind.client import Done, Mind
from agent.plain.interrupts import Interrupts
from agent.store import turns
from agent.store.connection import Store
from agent.store.studies import Study

_ROUND = 0.05  # seconds
INTERRUPTED = 130


@dataclass(frozen=True)
class Outcome:
    """How the job ended; `signal` is what told us to leave, 0 for none."""

    done: Done
    signal: int = 0

    @property
    def code(self) -> int:
        """The exit code, as `tunewright` uses them."""
        if self.signal:
            return 128 + self.signal
        error = self.done.error
        if error is None:
            return 0
        return INTERRUPTED if error.kind is LLMErrorKind.CANCELLED else error.exit_code


def run_job(
    store: Store,
    study: Study,
    job: str,
    *,
    model: str = "",
    each_round: Callable[[int | None], None] = lambda _: None,
    **args: Any,
) -> Outcome:
    """Does `job` (see agent.mind.jobs) and waits for its end. `each_round` is given the agent's process id, some
    twenty times a second and once more at the end. `model` speaks instead of the study's own."""
    mind = Mind(store.path, model)
    try:
        with Interrupts() as interrupts:
            job_id = mind.submit(job, study.id, **args)
            done = _wait(mind, job_id, interrupts, each_round)
            if done.error is not None and done.error.kind is LLMErrorKind.DIED:
                turns.cut_orphans(store, study.id)
            pid, leaving = mind.pid, interrupts.leaving
    finally:
        mind.close()
    each_round(pid)
    return Outcome(done, leaving)


def _wait(mind: Mind, job_id: int, interrupts: Interrupts, each_round: Callable[[int | None], None]) -> Done:
    cancelled = False
    while True:
        for done in mind.done():
            if done.id == job_id:
                return done
        if (interrupts.presses or interrupts.leaving) and not cancelled:
            mind.cancel(job_id)
            cancelled = True
        if interrupts.presses > 1:
            error = LLMError(LLMErrorKind.CANCELLED, "cancelled")
            return Done(id=job_id, job="", args={}, error=error)
        each_round(mind.pid)
        time.sleep(_ROUND)
