"""A front's end of the agent's process: hands jobs over without waiting, takes answers as they come."""

from __future__ import annotations

import signal
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from agent.helper import Helper
from agent.llm.errors import LLMError, LLMErrorKind


@dataclass(frozen=True, kw_only=True)
class Done:
    """A job that has ended, with its result or its error."""

    id: int
    job: str
    args: Mapping[str, Any]
    result: Mapping[str, Any] = field(default_factory=dict)
    error: LLMError | None = None


class Mind:
    """One agent's process, started with the first job and again after it died. Ends with this object.

    A process that dies takes its jobs with it: each is reported as failed, none is tried again, since a call
    may have cost money. `model` speaks instead of the studies' own.
    """

    def __init__(self, store_path: Path, model: str = "") -> None:
        self._helper = Helper("agent.mind.service", [str(store_path), *([model] if model else [])])
        self._jobs: dict[int, tuple[str, Mapping[str, Any]]] = {}
        self._last = 0

    @property
    def busy(self) -> tuple[str, ...]:
        """The names of the jobs under way, oldest first."""
        return tuple(name for name, _ in self._jobs.values())

    @property
    def pid(self) -> int | None:
        """Of the process, once it was started: turns it writes carry it."""
        return self._helper.pid

    def submit(self, job: str, study_id: int, **args: Any) -> int:
        """Hands a job over (see agent.mind.jobs); `done` reports its end under the id returned."""
        self._helper.start()
        self._last += 1
        self._jobs[self._last] = (job, args)
        self._helper.send({"id": self._last, "job": job, "study": study_id, "args": args})
        return self._last

    def cancel(self, job_id: int) -> None:
        """Asks for a job to be broken off; it still ends through `done`."""
        if job_id in self._jobs and self._helper.alive:
            self._helper.send({"cancel": job_id})

    def done(self) -> list[Done]:
        """Jobs that have ended since the last call."""
        if not self._jobs:
            return []
        self._helper.push()
        ended = [self._ended(answer) for answer in self._helper.receive()]
        if not self._helper.alive:
            ended += [self._lost(job_id) for job_id in tuple(self._jobs)]
        return ended

    def close(self) -> None:
        """Breaks off what is under way; a chat turn half written is marked as such."""
        self._helper.close(patience=2.0)
        self._jobs.clear()

    def _ended(self, answer: Mapping[str, Any]) -> Done:
        name, args = self._jobs.pop(answer["id"])
        if "error" not in answer:
            return Done(id=answer["id"], job=name, args=args, result=answer["result"])
        said = answer["error"]
        kind = LLMErrorKind(said["kind"]) if said["kind"] else LLMErrorKind.REQUEST
        return Done(
            id=answer["id"],
            job=name,
            args=args,
            error=LLMError(kind, said["what"], where=said["where"], remedy=said["remedy"]),
        )

    def _lost(self, job_id: int) -> Done:
        name, args = self._jobs.pop(job_id)
        code = self._helper.ended or 0
        how = signal.Signals(-code).name if -code in set(signal.Signals) else f"exit code {code}"
        error = LLMError(
            LLMErrorKind.DIED,
            f"the agent's process ended in the middle of it ({how})",
            remedy="It starts again with the next request; 'tunewright doctor' looks at the installation.",
        )
        return Done(id=job_id, job=name, args=args, error=error)
