"""Driving a study to its end without a screen."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from agent.plain.asking import Asker
from agent.plain.interrupts import Interrupts
from agent.plain.news import News
from agent.plain.progress import Progress
from agent.runner.client import RunnerClient
from agent.session import Session
from agent.standing import Status
from agent.store import actions, proposals, trials
from agent.store.connection import StoreError
from agent.study.nouns import Action, Proposal, Trial, TrialState

_ROUND = 0.05  # seconds
_PATIENCE = 60.0  # seconds of trouble with the store before giving up
_RECOVERED = 10.0  # seconds without, after which it is new trouble
_WAITS = "no one is here to answer; go on with 'tunewright run {name}' in a terminal, or 'tunewright repl {name}'"


@dataclass(frozen=True)
class Outcome:
    """How a headless run ended: `state` is finished, waiting, interrupted (Ctrl-C) or left (trials run on)."""

    state: str
    reason: str
    signal: int = 0


class Headless:
    """One run of one session. Without an `asker`, proposals that need a person end the run."""

    def __init__(self, session: Session, progress: Progress, asker: Asker | None) -> None:
        self._session, self._progress, self._asker = session, progress, asker
        self._news = News(session.store, session.study, cards=asker is None)
        self._ours_from = len(session.trials)
        self._asking = False
        self._asked_for: list[Action] = []  # by the agent
        self._pending: list[Proposal] = []
        self._advice = ""
        self._trouble_since = self._trouble_last = float("-inf")

    def run(self, interrupts: Interrupts) -> Outcome:
        """Until the study is finished, waits for a person who is not here, or is interrupted."""
        while True:
            if interrupts.leaving:
                return Outcome("left", "told to end by a signal", interrupts.leaving)
            if interrupts.presses:
                return self._stop_ours(interrupts)
            status = self._tick()
            if status is None:
                continue
            if status.state == "finished":
                return Outcome(status.state, status.reason)
            if self._asker is not None and (action := self._action_next(self._asker)) is not None:
                self._settle_down(asking=True)
                if not self._asker.ask_action(action, _ROUND):
                    return Outcome("left", "you left")
            elif not status.pending:
                self._settle_down(asking=False)
                time.sleep(_ROUND)
            elif self._asker is not None:
                if not self._ask(self._asker):
                    return Outcome("left", "you left")
            elif status.state == "waiting":
                return Outcome(status.state, f"{status.reason}; {_WAITS.format(name=self._session.study.name)}")
            else:
                time.sleep(_ROUND)

    def _action_next(self, asker: Asker) -> Action | None:
        """What the agent asks for; not while a proposal is shown: a line that answers one is taken for no other."""
        if not self._asked_for or any(asker.is_asking(p) for p in self._pending):
            return None
        return self._asked_for[0]

    def _tick(self) -> Status | None:
        """One round, shown. None where the store could not be used just now: a full disk or a long lock
        may pass, and trials run on meanwhile. Raises StoreError when it has not passed for a minute."""
        try:
            status = self._session.tick()
            self._show(status)
            if self._asker is not None:
                store, study = self._session.store, self._session.study
                self._asked_for, self._pending = actions.pending(store, study.id), proposals.pending(store, study.id)
        except StoreError as error:
            self._bear(error)
            return None
        return status

    def _bear(self, error: StoreError) -> None:
        now = time.monotonic()
        if now - self._trouble_last > _RECOVERED:
            self._trouble_since = now
            self._progress.news([f"{error} Trying again for a minute."])
        if now - self._trouble_since > _PATIENCE:
            raise error
        self._trouble_last = now
        time.sleep(1.0)

    def _ask(self, asker: Asker) -> bool:
        if not self._pending:
            return True
        self._settle_down(asking=True)
        return asker.ask(self._pending[0], _ROUND)

    def _settle_down(self, *, asking: bool) -> None:
        if asking != self._asking:
            self._asking = asking
            self._progress.pause() if asking else self._progress.resume()

    def _show(self, status: Status) -> None:
        lines = self._news.lines()
        if status.advice and status.advice != self._advice:
            lines.append(f"advice: {status.advice}")
        self._advice = status.advice
        self._progress.news(lines)
        if self._asking and self._asker is not None and lines:
            self._asker.remind()
        elif not self._asking:
            self._progress.status(self._session.study, status, self._now())

    def _now(self) -> list[Trial]:
        """The session's trials, the running ones with what they have reported since."""
        store = self._session.store
        return [trials.by_id(store, t.id) if t.state is TrialState.RUNNING else t for t in self._session.trials]

    def _stop_ours(self, interrupts: Interrupts) -> Outcome:
        """Stops the trials that came up in this run, and waits for them unless told not to. No more is proposed."""
        self._settle_down(asking=False)
        for trial in self._open_ones():
            self._session.stop(trial, "interrupted (Ctrl-C)")
        self._progress.news(["stopping the trials of this run; Ctrl-C again leaves at once"])
        runner = RunnerClient(self._session.store.path)
        while self._open_ones():
            if interrupts.presses > 1:
                return Outcome("interrupted", "the runner stops the trials of this run")
            runner.ensure()
            self._progress.news(self._news.lines())
            time.sleep(_ROUND)
        self._progress.news(self._news.lines())
        return Outcome("interrupted", "the trials of this run were stopped")

    def _open_ones(self) -> Sequence[Trial]:
        found = trials.all_trials(self._session.store, self._session.study.id)
        return [t for t in found if t.number >= self._ours_from and not t.state.ended]
