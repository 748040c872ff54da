"""The loop that the app, the REPL and headless runs share: propose, decide, run, diagnose, again."""

from __future__ import annotations

import time
from functools import cached_property

from agent import calibration, settling, summary
from agent.diagnosis.of_trial import diagnose_trial
from agent.gpu_hours import GpuHours
from agent.preparation import Preparation
from agent.runner.client import RunnerClient
from agent.search.objections import Rejection, heard_as
from agent.standing import Status, missing_gpus, width
from agent.store import calls, diagnoses, events, narratives, proposals, studies, trials
from agent.store.connection import Store
from agent.store.proposals import AlreadyDecidedError
from agent.store.studies import Study
from agent.study.agent_spec import AgentSpec
from agent.study.budget import busy_seconds
from agent.study.nouns import Action, Diagnosis, Draft, Narrative, Proposal, Source, Trial, TrialState
from agent.study.policy import Policy, rule
from agent.study.spec import Budget, StudySpec
from agent.thinking import Thinking
from trainers.errors import TunewrightError
from trainers.space import Config, SearchSpace

_SPENT_EVERY = 0.5  # seconds between looks at the clock budget


class Session:
    """One study, driven by one front. All calls from one thread; nothing here waits for a trial or a sampler.

    `ahead` is how many proposals are kept ready beyond the free slots, so that a person never waits
    for one; with 0 each proposal knows every result before it. Several sessions may drive one study:
    the store lets one of them add a proposal, and one settle it.
    """

    def __init__(self, store: Store, study: Study, *, ahead: int = 0) -> None:
        self.store, self.study = store, study
        self._runner = RunnerClient(store.path)
        self.thinking = Thinking(store)
        self._gpu = GpuHours(store)
        self._preparation = Preparation(store, ahead, self.thinking)
        self._cursor = events.last_id(store, study.id)  # before the trials are read: what happens between is told again
        self._undiagnosed = diagnoses.missing(store, study.id)
        self._spent = (0.0, -_SPENT_EVERY)
        self._held: dict[int, int] = {}  # proposals the policy holds back, and the journal's end when it said so
        self._advised = self._scored = (-1, "")
        self.width = width(self.spec)

    @cached_property
    def _trials(self) -> dict[int, Trial]:
        return {t.id: t for t in trials.all_trials(self.store, self.study.id)}  # not before a front has shown them

    @property
    def spec(self) -> StudySpec:
        return self.study.spec

    @property
    def trials(self) -> list[Trial]:
        """The study's trials in order of number, as of the last tick."""
        return sorted(self._trials.values(), key=lambda t: t.number)

    def tick(self) -> Status:
        """One round; call it about ten times a second. Takes some milliseconds at most."""
        self.thinking.round(self.study)
        self._gpu.look(self.study)
        self._preparation.receive(self.study, self.trials)
        number = proposals.next_number(self.store, self.study.id)
        self._catch_up()
        self._diagnose_next()
        pending = self._rule(proposals.pending(self.store, self.study.id))
        if self.spent_seconds() >= (self.spec.budget.total_seconds or float("inf")):
            pending = settling.close_books(self.store, pending, self._in(TrialState.QUEUED))
        else:
            self._preparation.ask(self.study, self.trials, pending, self.width, number)
        if pending or self._open():
            self._runner.ensure()
        return self._status(pending)

    # -- what a person does ------------------------------------------------------

    def approve(self, proposal: Proposal, params: Config | None = None) -> int:
        """Queues the proposal, with edited `params` if given. Returns the trial's number.

        Raises SpaceError when the edit does not fit the space, AlreadyDecidedError when it is settled.
        """
        edited = None if params is None else self.spec.space.validate(params)
        number = proposals.approve(self.store, proposal, actor="person", params=edited)
        self._runner.ensure()
        return number

    def reject(self, proposal: Proposal, reason: str = "") -> str:
        """Settles it without a trial; its config is not proposed again. Returns what was read in the reason."""
        proposals.reject(self.store, proposal, actor="person", reason=reason)
        return heard_as(self.spec.space, Rejection(proposal.params, reason))

    def propose(self, params: Config, rationale: str = "") -> Proposal:
        """The person's own config, pending. What `params` leaves out comes from the best trial so far.

        Raises SpaceError when a value does not fit, TunewrightError when the config was tried.
        """
        top = summary.best(self.trials, self.spec.objective)
        base = self.spec.first_config() if top is None else top.params
        config = self.spec.space.validate({**self.spec.space.snap({**base, **params}), **params})
        for trial in self.trials:
            if trial.params == config:
                raise TunewrightError(f"t{trial.number} has already tried this config", remedy="Change a value.")
        draft = Draft(source=Source.PERSON, params=config, rationale=rationale)
        return proposals.add(
            self.store, self.study.id, [draft], expected_seconds=summary.expected_seconds(self.trials)
        )[0]

    def suggest(self, trial: Trial) -> Proposal | None:
        """Turns the suggestion of a trial's explanation, or else of its diagnosis, into a pending proposal; None when
        neither has one."""
        said: Narrative | Diagnosis | None = narratives.get(self.store, trial.id)
        if said is None or not said.suggested_params:
            said = diagnoses.get(self.store, trial.id) or self._diagnose(trial)
        reason = f"after t{trial.number}: {said.suggested_reason}"
        return self.propose(said.suggested_params, reason) if said.suggested_params else None

    def stop(self, trial: Trial, reason: str = "stopped by person") -> None:
        """Asks for a trial to end: gently, and after the grace period hard."""
        if trial.state.ended:
            raise TunewrightError(f"t{trial.number} has already ended ({trial.state})")
        trials.request_stop(self.store, trial, reason)
        self._runner.ensure()

    def resume(self, trial: Trial, reason: str = "a person wants it", *, who: str = "person") -> str:
        """Takes a pruned or stopped trial up again, from its checkpoint where it left one; says so in words."""
        said = settling.resume(self.store, self.study, trial, reason, who=who)
        self._runner.ensure()
        return said

    def settle(self, action: Action, *, approve: bool, reason: str = "") -> None:
        """Does what the agent asked for, or lets it be. Raises TunewrightError when it cannot be done."""
        if approve:
            settling.approve(self, action)
        else:
            settling.decline(self, action, reason)

    def edit_space(self, space: SearchSpace) -> list[Proposal]:
        """Gives the study another space. Returns the pending proposals that no longer fit; they have expired."""
        self.study, expired = settling.change_space(self.store, self.study, space)
        return expired

    def set_agent(self, agent: AgentSpec) -> None:
        """Another model, language or limit; from the next call on."""
        self.replace_spec(self.spec.replace(agent=agent), self.spec.agent.changes(agent))

    def set_policy(self, policy: Policy) -> None:
        self.replace_spec(self.spec.replace(policy=policy), f"policy {policy.describe()}")

    def set_budget(self, budget: Budget) -> None:
        self.replace_spec(self.spec.replace(budget=budget), "budget")

    def set_search(self, search: str) -> None:
        self.replace_spec(self.spec.replace(search=search), f"search {search}")

    def replace_spec(self, spec: StudySpec, what: str) -> None:
        """Stores `spec`; `what` says in the journal what is different."""
        studies.update(self.store, self.study.id, spec, who="person", what=what)
        self.study = studies.by_id(self.store, self.study.id)

    def close(self) -> None:
        """Lets go of the proposer and the agent's process; trials run on."""
        self._preparation.close()
        self.thinking.close()

    # -- one round ---------------------------------------------------------------

    def _catch_up(self) -> None:
        """Takes in what any process has changed since the last round."""
        changed: set[int] = set()
        for event in events.since(self.store, self.study.id, self._cursor):
            self._cursor = event.id
            if event.kind is events.EventKind.STUDY_CHANGED:
                self.study = studies.by_id(self.store, self.study.id)
                self.width = width(self.spec)
            if event.trial_id is not None:
                changed.add(event.trial_id)
            if event.kind is events.EventKind.TRIAL_ENDED and event.trial_id is not None:
                self._undiagnosed.append(event.trial_id)
        self._trials.update((trial_id, trials.by_id(self.store, trial_id)) for trial_id in changed)

    def _diagnose_next(self) -> None:
        """One a round, so that a long backlog does not stop the screen."""
        if self._undiagnosed and (trial := self._trials[self._undiagnosed.pop(0)]).state.ended:
            self._diagnose(trial)  # unless it runs again meanwhile

    def _diagnose(self, trial: Trial) -> Diagnosis:
        diagnosis = diagnose_trial(self.store, self.study, trial, self.trials)
        if diagnoses.put(self.store, trial, diagnosis):
            self.thinking.diagnosed(self.study, trial, diagnosis)
        return diagnosis

    def _rule(self, pending: list[Proposal]) -> list[Proposal]:
        """Lets the policy settle what it may; returns what still waits."""
        if self._gpu.said:
            return pending
        waiting = []
        for proposal in pending:
            if self._held.get(proposal.id) == self._cursor:  # nothing has happened since
                waiting.append(proposal)
                continue
            ruling = rule(self.spec.policy, proposal, self.trials, self.spec.space, self.spec.objective)
            if ruling.approve and self._open() >= self.width:
                waiting.append(proposal)  # one of a batch: its turn comes when there is a place for it
                continue
            if not ruling.approve:
                self._held[proposal.id] = self._cursor
                waiting.append(proposal)
                continue
            try:
                proposals.approve(self.store, proposal, actor="policy", clause=ruling.clause)
            except AlreadyDecidedError:
                continue  # another front was quicker
            self._catch_up()
        return waiting

    # -- how it stands -----------------------------------------------------------

    def spent_seconds(self) -> float:
        """Seconds during which at least one trial ran."""
        now = time.monotonic()
        if now - self._spent[1] >= _SPENT_EVERY:
            spans = trials.busy_intervals(self.store, self.study.id, time.time())
            self._spent = (busy_seconds(spans), now)
        return self._spent[0]

    def _in(self, *states: TrialState) -> list[Trial]:
        return [t for t in self._trials.values() if t.state in states]

    def _open(self) -> int:
        return len(self._in(TrialState.QUEUED, TrialState.RUNNING))

    def _ended(self) -> int:
        return len(self._trials) - self._open()

    def _status(self, pending: list[Proposal]) -> Status:
        state, reason = self._state(pending)
        return Status(
            state=state,
            reason=reason,
            advice=self._advice(),
            spent_seconds=self.spent_seconds(),
            gpu_seconds=self._gpu.seconds,
            queued=len(self._in(TrialState.QUEUED)),
            running=len(self._in(TrialState.RUNNING)),
            pending=len(pending),
            ended=self._ended(),
            jobs=self.width,
            thinking=self.thinking.busy,
            spent=calls.spent(self.store, self.study.id) if self.spec.agent.has_model else None,
            calibration=self._calibration() if self.spec.agent.has_model else "",
        )

    def _advice(self) -> str:
        if self._advised[0] != self._cursor:
            self._advised = (self._cursor, summary.advice(self.trials, self.spec.objective, self.spec.space))
        return self._advised[1]

    def _calibration(self) -> str:
        """How the model's predictions fared, worked out when another trial has ended."""
        if self._scored[0] != (ended := self._ended()):
            made = [p for who in calibration.MODELS for p in proposals.from_source(self.store, self.study.id, who)]
            self._scored = (ended, calibration.summary(made, self.trials, calibration.MODELS))
        return self._scored[1]

    def _state(self, pending: list[Proposal]) -> tuple[str, str]:
        if running := self._in(TrialState.RUNNING, TrialState.QUEUED):
            if not self._in(TrialState.RUNNING) and (missing := missing_gpus(self.spec)):
                return "finished", missing
            return "running", ", ".join(f"t{t.number} {t.state}" for t in running[:4])
        if pending:
            return "waiting", self._gpu.said or f"proposal {pending[0].number} waits for you"
        if self._undiagnosed or self._preparation.busy:
            return "running", "preparing the next proposal"
        if end := self._end():
            learns = self.thinking.learns(self.study, self.trials)
            return ("running", "writing down what was learnt") if learns else ("finished", end)
        return "idle", "about to propose"

    def _end(self) -> str:
        """Why the study is at its end; empty while it is not."""
        budget = self.spec.budget
        if budget.trials is not None and len(self._trials) >= budget.trials:
            return f"the budget of {budget.trials} trials is spent"
        if budget.total_seconds is not None and self.spent_seconds() >= budget.total_seconds:
            return "the total time is spent"
        if self._preparation.exhausted(self.study, self.trials):
            return f"the search '{self.spec.search}' has nothing more to propose"
        return ""


def open_session(store: Store, name: str, *, ahead: int = 0) -> Session:
    """A session on the study called `name`. Raises TunewrightError naming the nearest when there is none."""
    return Session(store, studies.get(store, name), ahead=ahead)
