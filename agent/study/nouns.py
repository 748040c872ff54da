"""Proposal, Decision, Trial, Report, Diagnosis: the words of DESIGN, as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any

from trainers.contract import Failure
from trainers.space import Config, config_key

SPARED = "like t"  # how the reason begins for which a trial need not run: "like t12, which failed"


class Source(StrEnum):
    """Who proposed a config."""

    DEFAULT = "default"
    PORTFOLIO = "portfolio"
    RANDOM = "random"
    TPE = "tpe"
    GP = "gp"
    CMAES = "cmaes"
    LLM = "llm"
    LLAMBO = "llambo"
    PERSON = "person"


class ProposalState(StrEnum):
    PENDING = "pending"
    APPROVED = "approved"
    EDITED = "edited"  # approved with changed params
    REJECTED = "rejected"
    EXPIRED = "expired"


class TrialState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    PRUNED = "pruned"
    STOPPED = "stopped"

    @property
    def ended(self) -> bool:
        return self not in (TrialState.QUEUED, TrialState.RUNNING)


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """One fact behind a claim. `step` points into a metric's curve, `line` (1-based) into log.txt,
    `trial` to another trial of the study."""

    kind: str  # metric, log, config, resource, trial
    text: str
    metric: str | None = None
    step: int | None = None
    line: int | None = None
    trial: int | None = None


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What a proposer returns: a config with its reasons, not yet in the store.

    `expected` is the interval (low, high) in the objective's units the value should fall in.
    `insight` is plain JSON about how it came about: {"entropy": {parameter: nats a token}}. `seeds` is how many runs
    it asks for, None as many as its study gives every config.
    """

    source: Source
    params: Config
    rationale: str = ""
    evidence: tuple[Evidence, ...] = ()
    expected: tuple[float, float] | None = None
    confidence: float | None = None
    call_id: int | None = None  # the model's call it came from
    insight: Mapping[str, Any] = field(default_factory=dict)
    seeds: int | None = None


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """A config that waits for a decision, or had one. `number` counts a study's proposals from 0."""

    id: int
    study_id: int
    number: int
    source: Source
    params: Config
    state: ProposalState
    rationale: str = ""
    evidence: tuple[Evidence, ...] = ()
    expected: tuple[float, float] | None = None
    expected_seconds: float | None = None
    confidence: float | None = None
    created: float = 0.0
    call_id: int | None = None
    insight: Mapping[str, Any] = field(default_factory=dict)
    seeds: int | None = None  # how many runs; None as many as its study gives every config


@dataclass(frozen=True, kw_only=True)
class Decision:
    """Who settled a proposal: `actor` is "person" or "policy"; `clause` the policy's words."""

    proposal_id: int
    actor: str
    action: ProposalState
    clause: str = ""
    params: Config | None = None  # the edited config
    reason: str = ""
    at: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Trial:
    """A run of an accepted proposal. Times are Unix seconds.

    `value` is the objective, final once ended; `last_value` and `last_step` follow the running trial.
    `cut_short` marks a completed trial that its time limit ended. An `accumulation` above 1 says that memory ran
    out before, and that the batch is worked through in so many pieces since. Where `runs` is more than 1, this stands
    for so many runs of its config (agent.study.repeats): `value` is their mean, `deviation` their standard deviation.
    `planned_steps` is where the trainer means to end, None where it does not say. `pruning`: the stop asked for is one
    that a rule found; `estimate` is then what the objective would have come to, as judged from the other trials.
    `kept`: a person wants it to run to its end.
    """

    id: int
    study_id: int
    number: int
    proposal_id: int
    source: Source
    params: Config
    seed: int
    state: TrialState
    value: float | None = None
    last_value: float | None = None
    last_step: int | None = None
    attempts: int = 0
    queued_at: float = 0.0
    started_at: float | None = None
    ended_at: float | None = None
    stop_requested: str | None = None
    cut_short: bool = False
    planned_steps: int | None = None
    estimate: float | None = None
    pruning: bool = False
    kept: bool = False
    failure: Failure | None = None
    accumulation: int = 1  # micro-batches a step in its latest attempt
    cpu_seconds: float | None = None  # of all its attempts, as are the device's; None before the first has ended
    device_seconds: float | None = None  # seconds times GPUs, a part of one counting as that part
    peak_host_bytes: int | None = None  # the most any attempt held
    peak_device_bytes: int | None = None
    runs: int = 1
    deviation: float | None = None

    @cached_property
    def key(self) -> str:
        """What all runs of its config share."""
        return config_key(self.params)

    @property
    def spared(self) -> bool:
        """Whether it never began because another run of its config had told enough: it tells nothing itself."""
        return self.stop_requested is not None and self.stop_requested.startswith(SPARED)

    @property
    def judged(self) -> float | None:
        """What it tells a search: its value, or where it was pruned what it would have come to."""
        return self.estimate if self.state is TrialState.PRUNED and self.estimate is not None else self.value

    @property
    def seconds(self) -> float | None:
        """Wall seconds from its (latest attempt's) start to its end; None before it has ended."""
        if self.started_at is None or self.ended_at is None:
            return None
        return max(self.ended_at - self.started_at, 0.0)  # somebody may have set the clock back


@dataclass(frozen=True)
class Report:
    """One value of one metric at one step of a trial. `value` may be nan or infinite."""

    step: int
    metric: str
    value: float
    at: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Diagnosis:
    """What happened to a trial. `suggestion` is a change of params with its reason, or None."""

    verdict: str
    healthy: bool
    confidence: float
    explanation: str
    evidence: tuple[Evidence, ...] = ()
    suggested_params: Config | None = None
    suggested_reason: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Claim:
    """One sentence of an explanation, and what it points at. One that points at nothing there is not kept."""

    text: str
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Narrative:
    """What a model made of a diagnosis, held to its evidence. `dropped` claims cited what does not exist."""

    text: str
    claims: tuple[Claim, ...] = ()
    dropped: int = 0
    suggested_params: Config | None = None
    suggested_reason: str = ""
    model: str = ""
    call_id: int | None = None


class TurnState(StrEnum):
    WRITING = "writing"
    WHOLE = "whole"
    CUT = "cut"  # interrupted, or its writer died: what there is stays, marked
    UNDONE = "undone"  # taken back by the person: it stays, and is no part of what follows


@dataclass(frozen=True, kw_only=True)
class Turn:
    """One thing said in a study's chat: `role` is "person" or "agent".

    Text may cite `[t17]`, `[t17 log:412]`, `[t17 val_loss@300]` and name commands such as `/suggest 17`.
    """

    id: int
    study_id: int
    at: float
    role: str
    text: str
    state: TurnState = TurnState.WHOLE
    model: str = ""
    note: str = ""  # what went wrong, or what it cost: one line


class ActionKind(StrEnum):
    """What the agent may ask for, besides proposals. Each waits for a person."""

    EDIT_SPACE = "edit_space"  # {"changes": {name: {low, high, …}}}
    STOP_TRIAL = "stop_trial"  # {"trial": number}; pruning also {"prune": true, "attempt": n, "estimate": value}
    RESUME_TRIAL = "resume_trial"  # {"trial": number, "attempt": n}
    REMEMBER = "remember"  # {"lesson": {…}}
    SET_BUDGET = "set_budget"  # {"trials": n, …}
    SPEND = "spend"  # {"limit": "money", "share": 0.8, "raised": …}: asked when a limit of the agent's is near


@dataclass(frozen=True, kw_only=True)
class Action:
    """A change the agent asks for; nothing happens before a person approves it."""

    id: int
    study_id: int
    number: int
    kind: ActionKind
    body: Mapping[str, Any]
    reason: str
    state: ProposalState
    created: float = 0.0
    decided_at: float | None = None


@dataclass(frozen=True, kw_only=True)
class CallRecord:
    """One call of a model, for the ledger. Unknown figures are None, never 0; `cost` in US dollars.

    `state` is running, ok, failed or cancelled; `error` the kind of failure.
    """

    id: int
    study_id: int | None
    at: float
    purpose: str
    model: str
    template: str
    state: str
    error: str = ""
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    cost: float | None = None
    seconds: float | None = None
    first_token_seconds: float | None = None
