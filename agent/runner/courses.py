"""The curves of a study as the stopping rules want them, kept up to date from the store."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field

from agent.stopping import Run
from agent.store import pausing
from agent.store.connection import Store
from agent.store.pausing import Course
from agent.store.studies import Study
from agent.study.nouns import Source, TrialState

MOST_ENDED = 1_000  # the latest; and the best of all
_MOST_POINTS = 512  # a longer curve is thinned, its best reports kept


@dataclass
class _Track:
    """One trial's objective so far, its attempts spliced: from a later attempt's first step on, what an earlier one
    reported was done again."""

    after: int = 0
    attempt: int = 0
    steps: list[int] = field(default_factory=list)
    losses: list[float] = field(default_factory=list)
    ended: Run | None = None  # of a trial that has ended, until it runs again
    said: tuple[object, ...] = ()

    def add(self, attempt: int, step: int, loss: float) -> None:
        if attempt != self.attempt:
            self.attempt = attempt
            while self.steps and self.steps[-1] >= step:
                self.steps.pop()
                self.losses.pop()
        if self.steps and step < self.steps[-1]:
            return  # a script that counts anew: it has no one curve
        self.steps.append(step)
        self.losses.append(loss)
        if len(self.steps) > _MOST_POINTS:
            self._thin()

    def _thin(self) -> None:
        """Every second report, with the better loss of two."""
        pairs = list(zip(self.losses[0::2], self.losses[1::2], strict=False))
        odd = self.losses[2 * len(pairs) :]
        self.losses = [b if math.isnan(a) or b < a else a for a, b in pairs] + odd
        self.steps = self.steps[1::2] + self.steps[2 * len(pairs) :]


class Courses:
    """Reads what is new of a study's curves, and gives all of them as runs."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._tracks: dict[int, _Track] = {}

    def runs(self, study: Study) -> dict[int, Run]:
        """By trial id; of the trials that run, and of those that ended the latest and the best."""
        return {c.id: self._run(study, c) for c in pausing.courses(self._store, study.id, MOST_ENDED)}

    def _run(self, study: Study, course: Course) -> Run:
        track = self._tracks.setdefault(course.id, _Track())
        said = (course, study.spec.stopping.steps)
        if track.ended is not None and track.said == said:
            return track.ended
        objective = study.spec.objective
        for id, attempt, step, value in pausing.reports(self._store, course.id, objective.metric, track.after):
            track.after = id
            track.add(attempt, step, math.nan if value is None else objective.sign * value)
        run = Run(
            number=course.number,
            steps=tuple(track.steps),
            losses=tuple(track.losses),
            total=course.planned_steps or self._planned(study, course),
            completed=course.state == TrialState.COMPLETED,
            paused=course.state == TrialState.PRUNED,
            exempt=bool(course.kept) or course.source == Source.DEFAULT,
            last=objective.at == "last",
        )
        ended = course.state not in (TrialState.RUNNING, TrialState.QUEUED)
        track.ended, track.said = (run, said) if ended else (None, ())
        return run

    def _planned(self, study: Study, course: Course) -> int | None:
        """What the study file says of a trial whose trainer says nothing."""
        if not study.spec.stopping.steps:
            return None
        row = self._store.rows("SELECT params FROM trial WHERE id = ?", (course.id,))[0]
        return study.spec.stopping.planned(json.loads(row[0]))
