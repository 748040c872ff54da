"""Carries requests out on the session. Runs in the bridge's thread."""

from __future__ import annotations

from typing import Protocol

from agent.store import proposals, settings, trials
from agent.store.connection import Store
from agent.store.studies import Study
from agent.study.nouns import Proposal, Trial
from agent.study.policy import Policy
from agent.study.spec import Budget, StudySpec
from agent.tui import requests as ask
from agent.tui.messages import Exported, News, Said
from trainers.errors import TunewrightError
from trainers.space import Config


class Standing(Protocol):
    """What a session's tick answers; see agent.session.Status."""

    @property
    def state(self) -> str: ...
    @property
    def reason(self) -> str: ...
    @property
    def advice(self) -> str: ...
    @property
    def spent_seconds(self) -> float: ...


class Driver(Protocol):
    """What the bridge needs of agent.session.Session."""

    study: Study

    @property
    def spec(self) -> StudySpec: ...
    def tick(self) -> Standing: ...
    def approve(self, proposal: Proposal, params: Config | None = None) -> int: ...
    def reject(self, proposal: Proposal, reason: str = "") -> None: ...
    def propose(self, params: Config, rationale: str = "") -> Proposal: ...
    def suggest(self, trial: Trial) -> Proposal | None: ...
    def stop(self, trial: Trial, reason: str = "stopped by person") -> None: ...
    def set_policy(self, policy: Policy) -> None: ...
    def set_budget(self, budget: Budget) -> None: ...
    def close(self) -> None: ...


def scope(study: str) -> str:
    """Where the settings of this front for a study lie."""
    return f"tui:{study}"


def carry_out(store: Store, session: Driver, request: ask.Request) -> News | None:
    """Does what was asked and says what came of it. Raises TunewrightError when it cannot be done."""
    match request:
        case ask.Approve(proposal_id, params):
            proposal = proposals.get(store, proposal_id)
            edited = params is not None and params != proposal.params
            number = session.approve(proposal, params)
            return Said(
                f"proposal {proposal.number} approved{' with your edits' if edited else ''}: t{number} is queued"
            )
        case ask.Reject(proposal_id, reason):
            proposal = proposals.get(store, proposal_id)
            session.reject(proposal, reason)
            return Said(f"proposal {proposal.number} rejected")
        case ask.Propose(params, rationale):
            return Said(f"proposal {session.propose(params, rationale).number} is yours; it waits for your approval")
        case ask.Suggest(number):
            return _suggest(session, trials.get(store, session.study.id, number))
        case ask.Stop(number, reason):
            session.stop(trials.get(store, session.study.id, number), reason)
            return Said(f"t{number} was asked to stop")
        case ask.SetPolicy(policy):
            session.set_policy(policy)
            return Said(f"policy: {policy.describe()}")
        case ask.SetBudget(budget):
            session.set_budget(budget)
            return Said("the budget is changed")
        case ask.Export():
            return _export(store, session.study, request)
        case ask.Remember(key, value):
            settings.put(store, scope(session.study.name), key, value)
    return None


def _suggest(session: Driver, trial: Trial) -> Said:
    proposal = session.suggest(trial)
    if proposal is None:
        raise TunewrightError(
            f"the diagnosis of t{trial.number} suggests no change", remedy="Use /propose with your own."
        )
    return Said(f"proposal {proposal.number} takes up what t{trial.number} taught; it waits for your approval")


def _export(store: Store, study: Study, request: ask.Export) -> News:
    from agent.exports import export

    made = export(store, study, request.format, output=request.path, force=request.force)
    if made.path is not None:
        return Said(f"exported to {made.path}")
    return Exported(made.text or "")
