"""Carries requests out on the session. Runs in the bridge's thread."""

from __future__ import annotations

from typing import Protocol

from agent.store import actions, proposals, settings, trials
from agent.store.calls import Spent
from agent.store.connection import Store
from agent.store.studies import Study
from agent.study import action_words
from agent.study.agent_spec import AgentSpec
from agent.study.nouns import Action, Proposal, Trial
from agent.study.policy import Policy
from agent.study.spec import Budget, StudySpec
from agent.thinking import Thinking
from agent.tui import requests as ask
from agent.tui.messages import ModelsFound, News, Printed, Said
from trainers.errors import TunewrightError
from trainers.space import Config, SearchSpace


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
    @property
    def gpu_seconds(self) -> float: ...
    @property
    def thinking(self) -> tuple[str, ...]: ...
    @property
    def spent(self) -> Spent | None: ...
    @property
    def calibration(self) -> str: ...


class Driver(Protocol):
    """What the bridge needs of agent.session.Session."""

    study: Study
    thinking: Thinking

    @property
    def spec(self) -> StudySpec: ...
    def tick(self) -> Standing: ...
    def approve(self, proposal: Proposal, params: Config | None = None) -> int: ...
    def reject(self, proposal: Proposal, reason: str = "") -> str: ...
    def propose(self, params: Config, rationale: str = "") -> Proposal: ...
    def suggest(self, trial: Trial) -> Proposal | None: ...
    def stop(self, trial: Trial, reason: str = "stopped by person") -> None: ...
    def resume(self, trial: Trial) -> str: ...
    def edit_space(self, space: SearchSpace) -> list[Proposal]: ...
    def set_policy(self, policy: Policy) -> None: ...
    def set_budget(self, budget: Budget) -> None: ...
    def set_search(self, search: str) -> None: ...
    def set_agent(self, agent: AgentSpec) -> None: ...
    def replace_spec(self, spec: StudySpec, what: str) -> None: ...
    def settle(self, action: Action, *, approve: bool, reason: str = "") -> None: ...
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
            heard = session.reject(proposal, reason)
            return Said(f"proposal {proposal.number} rejected" + (f"; {heard}" if heard else ""))
        case ask.Propose(params, rationale):
            return Said(f"proposal {session.propose(params, rationale).number} is yours; it waits for your approval")
        case ask.Suggest(number):
            return _suggest(session, trials.get(store, session.study.id, number))
        case ask.Stop(number, reason):
            session.stop(trials.get(store, session.study.id, number), reason)
            return Said(f"t{number} was asked to stop")
        case ask.Resume(number):
            return Said(session.resume(trials.get(store, session.study.id, number)))
        case ask.SetPolicy() | ask.SetBudget() | ask.SetSearch() | ask.SetAgent():
            return _set(session, request)
        case ask.SettleAction(action_id, approve, reason):
            action = actions.get(store, action_id)
            session.settle(action, approve=approve, reason=reason)
            return Said(f"{action_words.title(action)}: {'done' if approve else 'not done'}")
        case ask.AskAgent() | ask.Interrupt() | ask.Explain() | ask.Reshape() | ask.FindModels():
            return _think(store, session, request)
        case ask.Export():
            return _export(store, session.study, request)
        case ask.Remember(key, value):
            settings.put(store, scope(session.study.name), key, value)
    return None


def _set(session: Driver, request: ask.Request) -> Said | None:
    """What changes the study itself."""
    match request:
        case ask.SetPolicy(policy):
            session.set_policy(policy)
            return Said(f"policy: {policy.describe()}")
        case ask.SetBudget(budget):
            session.set_budget(budget)
            return Said("the budget is changed")
        case ask.SetSearch(search):
            session.set_search(search)
            return Said(f"search: {search}")
        case ask.SetAgent(agent):
            said = session.spec.agent.changes(agent)
            session.set_agent(agent)
            return Said(f"agent: {said}")
    return None


def _think(store: Store, session: Driver, request: ask.Request) -> News | None:
    """What goes to the agent's process; its words come by the store."""
    match request:
        case ask.AskAgent(question):
            session.thinking.ask(session.study, question)
        case ask.Interrupt():
            if not session.thinking.interrupt():
                return Said("nothing is being written")
        case ask.Explain(number):
            session.thinking.explain(trials.get(store, session.study.id, number))
            return Said(f"t{number} is being explained")
        case ask.Reshape():
            session.thinking.reshape(session.study)
            return Said("the agent looks at the space")
        case ask.FindModels():
            return models()
    return None


def models() -> ModelsFound:
    """What is at hand. Servers are looked for on this machine for a third of a second."""
    from agent.llm.detect import at_hand

    return ModelsFound(tuple((offer.model, offer.what) for offer in at_hand().offers))


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
    return Printed("Printed", made.text or "")
