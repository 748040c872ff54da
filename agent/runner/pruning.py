"""Ends trials that promise too little, and takes them up again: by itself where the policy runs everything, else by
asking. It works in the runner, so that it does with no front open."""

from __future__ import annotations

import contextlib
import logging
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from agent.runner.active import Active, checkpoint_of
from agent.runner.courses import Courses
from agent.stopping import Run, Verdict, estimate, judge, promotions
from agent.stopping.run import Frame
from agent.store import actions, pausing, studies, trials
from agent.store.connection import Store, StoreError
from agent.store.proposals import AlreadyDecidedError
from agent.store.studies import Study
from agent.study.budget import busy_seconds
from agent.study.nouns import Action, ActionKind, ProposalState, Trial
from agent.study.policy import acts_by_itself
from trainers import rundir

log = logging.getLogger(__name__)

EVERY = 0.2  # seconds between two looks at one study
RESUMES, NO_CHECKPOINT = "Its checkpoint stays.", "It has left no checkpoint: taken up again, it would start anew."


class Pruning:
    """Judges what has reported since it last looked."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._courses = Courses(store)
        self._seen: dict[int, float] = {}  # by attempt: up to where it was judged
        self._looked: dict[int, float] = defaultdict(float)

    def look(self, active: Iterable[Active], *, last: bool = False) -> bool:
        """Whether a trial was asked to end, or queued again. `last`: these have ended, and there is no later look."""
        fresh: dict[int, list[Active]] = defaultdict(list)
        for one in active:
            if one.follow.fresh and (last or time.monotonic() - self._looked[one.study.id] >= EVERY):
                fresh[one.study.id].append(one)
        acted = [self._look_safely(study_id, group) for study_id, group in fresh.items()]
        return any(acted)

    def _look_safely(self, study_id: int, group: Sequence[Active]) -> bool:
        try:
            return self._look_at(study_id, group)
        except StoreError:
            raise  # the runner waits for the disk, and looks again
        except Exception:  # a rule that fails on some curve must not end the runner of every study
            log.exception("a stopping rule failed; its trials run on")
            return False

    def ended(self, active: Active) -> None:
        """A trial has ended: nobody needs to be asked about its end any more."""
        for action in actions.pending(self._store, active.study.id):
            if action.kind is ActionKind.STOP_TRIAL and action.body.get("trial") == active.trial.number:
                self._expire(action, "the trial has ended")
        self._seen.pop(active.attempt.id, None)

    def _look_at(self, study_id: int, group: Sequence[Active]) -> bool:
        self._looked[study_id] = time.monotonic()
        study = studies.by_id(self._store, study_id)  # as it is by now: rule and policy may have changed
        for one in group:
            one.follow.fresh = False
            self._note_plan(one)
        if not study.spec.stopping.on:
            return False
        runs = self._courses.runs(study)
        acted = [self._judge(study, one, runs) for one in group if one.trial.id in runs]
        return any([*acted, *(self._promote(study, runs, *found) for found in self._promotable(study, runs))])

    def _note_plan(self, active: Active) -> None:
        """Once an attempt: it may be another than that of the one before."""
        if not active.plan_noted and (steps := rundir.planned_steps(active.run_dir)) is not None:
            pausing.set_plan(self._store, active.trial.id, steps)
            active.plan_noted = True

    # -- ending ------------------------------------------------------------------

    def _judge(self, study: Study, active: Active, runs: dict[int, Run]) -> bool:
        run, everybody = runs[active.trial.id], list(runs.values())
        seen = self._seen.get(active.attempt.id, self._resumed_at(active, run))
        verdict = judge(run, everybody, study.spec.stopping, study.spec.objective, seen=seen)
        self._seen[active.attempt.id] = Frame.of(run, everybody).position(run)
        if active.stop_asked is not None:
            return False
        if verdict.stop:
            return self._end(study, active, verdict, estimate(run, everybody))
        if study.spec.stopping.rule != "asha" and (asked := self._asked(study, active)):
            self._expire(asked[0], f"t{run.number} has recovered: {verdict.reason}")
        return False

    def _resumed_at(self, active: Active, run: Run) -> float:
        """Where an attempt that goes on from a checkpoint was judged before."""
        return 0.0 if active.attempt.number == 1 else Frame.of(run, [run]).position(run)

    def _end(self, study: Study, active: Active, verdict: Verdict, guess: float | None) -> bool:
        value = None if guess is None else study.spec.objective.sign * guess
        if self._by_itself(study):
            return pausing.prune(self._store, active.trial.id, active.attempt.number, verdict.reason, value)
        if not self._was_asked(study, active):
            stays = RESUMES if checkpoint_of(self._store, active.trial.id) else NO_CHECKPOINT
            body = {"prune": True, "estimate": value}
            self._ask(
                study, ActionKind.STOP_TRIAL, active.trial, active.attempt.number, f"{verdict.reason}. {stays}", body
            )
        return False

    # -- taking up again ---------------------------------------------------------

    def _promotable(self, study: Study, runs: dict[int, Run]) -> list[tuple[int, str]]:
        found = promotions(list(runs.values()), study.spec.stopping)
        if found and (total := study.spec.budget.total_seconds) is not None:
            spans = trials.busy_intervals(self._store, study.id, time.time())
            return found if busy_seconds(spans) < total else []
        return found

    def _promote(self, study: Study, runs: dict[int, Run], number: int, reason: str) -> bool:
        """Takes a paused trial up again, or asks to. Without a checkpoint it stays as it is."""
        trial = trials.get(self._store, study.id, number)
        if not trial.pruning or checkpoint_of(self._store, trial.id) is None:
            return False
        if self._by_itself(study):
            pausing.resume(self._store, trial, reason, who="asha")
            return True
        if not self._all_asked(study, ActionKind.RESUME_TRIAL, number, trial.attempts):
            self._ask(study, ActionKind.RESUME_TRIAL, trial, trial.attempts, reason, {})
        return False

    # -- asking ------------------------------------------------------------------

    def _by_itself(self, study: Study) -> bool:
        return acts_by_itself(study.spec.policy, trials.all_trials(self._store, study.id), study.spec.objective)

    def _ask(
        self, study: Study, kind: ActionKind, trial: Trial, attempt: int, reason: str, more: dict[str, Any]
    ) -> None:
        body = {"trial": trial.number, "attempt": attempt, **more}
        actions.ask(self._store, study.id, kind, body, reason)

    def _asked(self, study: Study, active: Active) -> list[Action]:
        """The card that waits about this attempt's early end."""
        wanted = (active.trial.number, active.attempt.number)
        pending = actions.pending(self._store, study.id)
        return [a for a in pending if a.body.get("prune") and (a.body["trial"], a.body["attempt"]) == wanted]

    def _was_asked(self, study: Study, active: Active) -> bool:
        number, attempt = active.trial.number, active.attempt.number
        return bool(self._all_asked(study, ActionKind.STOP_TRIAL, number, attempt))

    def _all_asked(self, study: Study, kind: ActionKind, number: int, attempt: int) -> list[Action]:
        """Every card about this attempt, settled ones too; those that expired may be asked again."""
        every = [*actions.pending(self._store, study.id), *actions.settled(self._store, study.id, kind)]
        return [
            a
            for a in every
            if a.kind is kind
            and a.state is not ProposalState.EXPIRED
            and (a.body.get("trial"), a.body.get("attempt")) == (number, attempt)
        ]

    def _expire(self, action: Action, why: str) -> None:
        with contextlib.suppress(AlreadyDecidedError):
            actions.settle(self._store, action, ProposalState.EXPIRED, why)
