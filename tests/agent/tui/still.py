"""A session that starts nothing: decisions go to the store, and no process is behind them.

It lets a screen be tested on a study that stands still. What the real session does is tested
with it, and one test of the app runs on the real one.
"""

from __future__ import annotations

from agent import settling, summary
from agent.standing import Status
from agent.store import actions, calls, diagnoses, proposals, studies, trials
from agent.store.connection import Store
from agent.study.agent_spec import AgentSpec
from agent.study.nouns import Action, Draft, Proposal, ProposalState, Source, Trial
from agent.study.policy import Policy
from agent.study.spec import Budget, StudySpec
from agent.thinking import Thinking
from trainers.space import Config, SearchSpace


class StillSession:
    def __init__(self, store: Store, name: str) -> None:
        self.store, self.study = store, studies.get(store, name)
        self.thinking = Thinking(store)  # its process starts with the first question only
        self.rounds = 0

    @property
    def spec(self) -> StudySpec:
        return self.study.spec

    def tick(self) -> Status:
        self.thinking.round(self.study)
        self.rounds += 1
        known = trials.all_trials(self.store, self.study.id)
        waiting = proposals.pending(self.store, self.study.id)
        live = [t for t in known if not t.state.ended]
        return Status(
            state="running" if live else "waiting",
            reason=", ".join(f"t{t.number} {t.state}" for t in live) or f"{len(waiting)} wait for you",
            advice=summary.advice(known, self.spec.objective, self.spec.space),
            spent_seconds=4680.0,
            queued=0,
            running=len(live),
            pending=len(waiting),
            ended=len(known) - len(live),
            jobs=2,
            thinking=self.thinking.busy,
            spent=calls.spent(self.store, self.study.id) if self.spec.agent.has_model else None,
        )

    def approve(self, proposal: Proposal, params: Config | None = None) -> int:
        edited = None if params is None else self.spec.space.validate(params)
        return proposals.approve(self.store, proposal, actor="person", params=edited)

    def reject(self, proposal: Proposal, reason: str = "") -> str:
        proposals.reject(self.store, proposal, actor="person", reason=reason)
        return ""

    def propose(self, params: Config, rationale: str = "") -> Proposal:
        config = self.spec.space.validate({**self.spec.first_config(), **params})
        draft = Draft(source=Source.PERSON, params=config, rationale=rationale)
        return proposals.add(self.store, self.study.id, [draft])[0]

    def suggest(self, trial: Trial) -> Proposal | None:
        found = diagnoses.get(self.store, trial.id)
        if found is None or not found.suggested_params:
            return None
        return self.propose(found.suggested_params, found.suggested_reason)

    def stop(self, trial: Trial, reason: str = "stopped by person") -> None:
        trials.request_stop(self.store, trial, reason)

    def resume(self, trial: Trial, reason: str = "a person wants it", *, who: str = "person") -> str:
        return settling.resume(self.store, self.study, trial, reason, who=who)

    def edit_space(self, space: SearchSpace) -> list[Proposal]:
        self.study, expired = settling.change_space(self.store, self.study, space)
        return expired

    def set_policy(self, policy: Policy) -> None:
        self.replace_spec(self.spec.replace(policy=policy), f"policy {policy.describe()}")

    def set_budget(self, budget: Budget) -> None:
        self.replace_spec(self.spec.replace(budget=budget), "budget")

    def set_search(self, search: str) -> None:
        self.replace_spec(self.spec.replace(search=search), f"search {search}")

    def set_agent(self, agent: AgentSpec) -> None:
        self.replace_spec(self.spec.replace(agent=agent), f"model {agent.model}")

    def settle(self, action: Action, *, approve: bool, reason: str = "") -> None:
        actions.settle(self.store, action, ProposalState.APPROVED if approve else ProposalState.REJECTED, reason)

    def replace_spec(self, spec: StudySpec, what: str) -> None:
        studies.update(self.store, self.study.id, spec, who="person", what=what)
        self.study = studies.by_id(self.store, self.study.id)

    def close(self) -> None:
        self.thinking.close()
