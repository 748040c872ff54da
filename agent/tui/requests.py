"""What the screens ask of the bridge. Each is answered by a message, if only `Said` or `Refused`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.study.agent_spec import AgentSpec
from agent.study.policy import Policy
from agent.study.spec import Budget
from agent.tui.errands import Errand
from trainers.space import Config


@dataclass(frozen=True)
class ListStudies:
    pass


@dataclass(frozen=True)
class OpenStudy:
    name: str


@dataclass(frozen=True)
class CloseStudy:
    pass


@dataclass(frozen=True)
class Approve:
    """Runs a proposal, with `params` instead of its own when they were edited."""

    proposal_id: int
    params: Config | None = None


@dataclass(frozen=True)
class Reject:
    proposal_id: int
    reason: str = ""


@dataclass(frozen=True)
class Propose:
    params: Config
    rationale: str = ""


@dataclass(frozen=True)
class Suggest:
    """Turns what a trial's diagnosis suggests into a proposal."""

    number: int


@dataclass(frozen=True)
class Stop:
    number: int
    reason: str


@dataclass(frozen=True)
class Resume:
    """Takes a pruned or stopped trial up again."""

    number: int


@dataclass(frozen=True)
class SetPolicy:
    policy: Policy


@dataclass(frozen=True)
class SetBudget:
    budget: Budget


@dataclass(frozen=True)
class SetSearch:
    search: str


@dataclass(frozen=True)
class SetAgent:
    """Another model, language or limit."""

    agent: AgentSpec


@dataclass(frozen=True)
class AskAgent:
    """A question; the answer grows in the chat."""

    question: str


@dataclass(frozen=True)
class Interrupt:
    """Breaks off the answer that is being written."""


@dataclass(frozen=True)
class Explain:
    number: int


@dataclass(frozen=True)
class Reshape:
    """Asks whether the space should be narrowed or widened."""


@dataclass(frozen=True)
class SettleAction:
    """Lets the agent do what it asked for, or not."""

    action_id: int
    approve: bool
    reason: str = ""


@dataclass(frozen=True)
class FindModels:
    """Asks what models are at hand."""


@dataclass(frozen=True)
class Export:
    format: str
    path: Path | None
    force: bool = False


@dataclass(frozen=True)
class WatchCurves:
    """Send these curves, and what is added to them, until told otherwise."""

    trial_ids: tuple[int, ...]
    metrics: tuple[str, ...]


@dataclass(frozen=True)
class WatchLog:
    """Send the end of a trial's log, and what is added; with `line`, the stretch around that line."""

    trial_id: int | None
    line: int | None = None


@dataclass(frozen=True)
class ReadTrial:
    number: int


@dataclass(frozen=True)
class Remember:
    """Keeps plain JSON for the next time this study is opened."""

    key: str
    value: Any


Request = (
    ListStudies
    | OpenStudy
    | CloseStudy
    | Approve
    | Reject
    | Propose
    | Suggest
    | Stop
    | Resume
    | SetPolicy
    | SetBudget
    | SetSearch
    | SetAgent
    | AskAgent
    | Interrupt
    | Explain
    | Reshape
    | SettleAction
    | FindModels
    | Export
    | WatchCurves
    | WatchLog
    | ReadTrial
    | Remember
    | Errand
)
