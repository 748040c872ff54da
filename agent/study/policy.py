"""What may run without asking, and when that permission ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from agent.study.nouns import Proposal, Trial, TrialState
from agent.study.repeats import repeats
from trainers.contract import Objective
from trainers.space import SearchSpace


class PolicyKind(StrEnum):
    ASK = "ask"  # every proposal waits for the person
    ASK_UNLESS_SAFE = "ask-unless-safe"  # runs what resembles what has already worked, asks for the rest
    AUTO_UNTIL = "auto-until"  # runs everything until one of its stops is reached, then asks
    WATCH = "watch"  # runs everything until the budget is spent; the person watches and may stop


@dataclass(frozen=True, kw_only=True)
class Policy:
    """A policy and its stops. `trials`, `target` and `failures` (in a row) bound `auto-until`.

    `nearness` bounds `ask-unless-safe`: the distance (0 to 1, SearchSpace.distance) to the nearest
    completed trial within which a config counts as like it.
    """

    kind: str = PolicyKind.ASK
    trials: int | None = None
    target: float | None = None
    failures: int | None = 5
    nearness: float = 0.2

    def describe(self) -> str:
        """One phrase for the header: the policy and its stops."""
        if self.kind != PolicyKind.AUTO_UNTIL:
            return str(self.kind)
        stops = [
            f"{self.trials} trials" if self.trials is not None else "",
            f"target {self.target:g}" if self.target is not None else "",
            f"{self.failures} failures" if self.failures is not None else "",
        ]
        return f"auto until {' or '.join(s for s in stops if s) or 'the budget'}"


@dataclass(frozen=True)
class Ruling:
    """Whether a proposal may run, and the clause of the policy that says so."""

    approve: bool
    clause: str


def rule(
    policy: Policy, proposal: Proposal, trials: Sequence[Trial], space: SearchSpace, objective: Objective
) -> Ruling:
    """Applies `policy` to one pending proposal, given the study's trials so far."""
    match policy.kind:
        case PolicyKind.WATCH:
            return Ruling(True, "watch: everything runs within the budget")
        case PolicyKind.AUTO_UNTIL:
            stop = reached_stop(policy, trials, objective)
            return Ruling(stop is None, stop or policy.describe())
        case PolicyKind.ASK_UNLESS_SAFE:
            return _rule_safe(policy, proposal, trials, space)
    return Ruling(False, "ask: every proposal waits for you")


def reached_stop(policy: Policy, trials: Sequence[Trial], objective: Objective) -> str | None:
    """Which stop of an auto-until policy has been reached, in words; None while it may go on."""
    if policy.trials is not None and len(trials) >= policy.trials:
        return f"{len(trials)} trials reached"
    values = [v for group in repeats(trials) if not group.open and (v := group.as_one().value) is not None]
    if policy.target is not None and any(objective.sign * v <= objective.sign * policy.target for v in values):
        return f"target {policy.target:g} reached"
    ended = [t for t in trials if t.state.ended and not t.spared]
    last = ended[-policy.failures :] if policy.failures else []
    if policy.failures and len(last) == policy.failures and all(t.state is TrialState.FAILED for t in last):
        return f"{policy.failures} failures in a row"
    return None


def acts_by_itself(policy: Policy, trials: Sequence[Trial], objective: Objective) -> bool:
    """Whether the policy also ends trials early, and takes them up again, without asking: where it runs everything."""
    match policy.kind:
        case PolicyKind.WATCH:
            return True
        case PolicyKind.AUTO_UNTIL:
            return reached_stop(policy, trials, objective) is None
    return False


def _rule_safe(policy: Policy, proposal: Proposal, trials: Sequence[Trial], space: SearchSpace) -> Ruling:
    done = [(space.distance(proposal.params, t.params), t) for t in trials if t.state is TrialState.COMPLETED]
    if not done:
        return Ruling(False, "nothing has completed yet")
    near, neighbour = min(done, key=lambda pair: pair[0])
    if near > policy.nearness:
        return Ruling(False, f"outside the explored range (nearest is t{neighbour.number})")
    failed = [space.distance(proposal.params, t.params) for t in trials if t.state is TrialState.FAILED]
    if failed and min(failed) <= near:
        return Ruling(False, "closer to a failed trial than to a completed one")
    return Ruling(True, f"safe: like t{neighbour.number}, which completed")
