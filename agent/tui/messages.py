"""What the bridge tells the screens: immutable, past tense, without an open store behind them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.store.calls import Spent
from agent.study.noise import Noise
from agent.study.nouns import Action, Decision, Diagnosis, Narrative, Proposal, Trial, Turn
from agent.study.spec import StudySpec
from agent.tui.errands import ErrandDone
from agent.tui.text import Part
from trainers.errors import sentences

if TYPE_CHECKING:
    from agent.tui.back.journal import Place


@dataclass(frozen=True)
class Note:
    """One block of the chat: `lead` is its glyph and colour; `source` is Markdown, `parts` the text after it.

    A part whose role ends in `#target` can be followed: `#t17`, `#t17:log:412`, `#t17:step:412`. More of `source` is
    still to come where it is `growing`.
    """

    at: float
    lead: Part
    parts: tuple[Part, ...] = ()
    source: str = ""
    growing: bool = False

    @property
    def said(self) -> str:
        """What is copied of it."""
        return self.source or "".join(part for part, _ in self.parts)


@dataclass(frozen=True, kw_only=True)
class StudyLine:
    """A study as the list shows it."""

    name: str
    trainer: str
    task: str
    metric: str
    states: Mapping[str, int]
    best: float | None
    pending: int
    changed: float
    money: float = 0.0  # what the calls of models cost, in dollars
    busy: float = 0.0  # seconds in which at least one trial ran
    policy: str = ""
    away: str = ""  # what went on since it was last open here
    archived: bool = False


@dataclass(frozen=True)
class StudiesListed:
    studies: tuple[StudyLine, ...]
    opened: str | None = None  # the one the person had open last


@dataclass(frozen=True, kw_only=True)
class StudyOpened:
    """Everything a screen needs to show a study; later messages only add to it."""

    spec: StudySpec
    trials: tuple[Trial, ...]
    pending: tuple[Proposal, ...]
    diagnoses: Mapping[int, Diagnosis]  # by trial id
    notes: tuple[Note, ...]
    remembered: Mapping[str, Any]  # draft, view
    turns: tuple[Turn, ...] = ()
    actions: tuple[Action, ...] = ()
    place: Place | None = None  # where notes and turns begin


@dataclass(frozen=True)
class SpecChanged:
    spec: StudySpec


@dataclass(frozen=True)
class TrialsChanged:
    trials: tuple[Trial, ...]


@dataclass(frozen=True)
class PendingChanged:
    """All proposals that wait, oldest first."""

    pending: tuple[Proposal, ...]


@dataclass(frozen=True)
class TrialDiagnosed:
    trial_id: int
    diagnosis: Diagnosis


@dataclass(frozen=True)
class TurnsChanged:
    """Turns of the chat that are new or have grown, oldest first."""

    turns: tuple[Turn, ...]


@dataclass(frozen=True)
class ActionsChanged:
    """All that the agent asks for and that waits, oldest first."""

    actions: tuple[Action, ...]


@dataclass(frozen=True)
class Noted:
    notes: tuple[Note, ...]


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Where the study stands, as the session says it."""

    state: str = "idle"  # running, waiting, idle, finished
    reason: str = ""
    advice: str = ""
    spent_seconds: float = 0.0
    gpu_seconds: float = 0.0
    thinking: tuple[str, ...] = ()  # what the agent's process is at
    spent: Spent | None = None  # by the model's calls
    calibration: str = ""  # how the predictions fared, such as 7/9


@dataclass(frozen=True)
class StandingChanged:
    standing: Standing


@dataclass(frozen=True)
class CurveLoaded:
    """A curve from its start; replaces what was known of it."""

    trial_id: int
    metric: str
    steps: tuple[int, ...]
    values: tuple[float, ...]
    ats: tuple[float, ...]


@dataclass(frozen=True)
class CurveGrew:
    trial_id: int
    metric: str
    steps: tuple[int, ...]
    values: tuple[float, ...]
    ats: tuple[float, ...]


@dataclass(frozen=True)
class MetricsFound:
    names: tuple[str, ...]


@dataclass(frozen=True)
class LogLoaded:
    """A stretch of a log; `first` is the 1-based number of its first line, `line` the one asked for."""

    trial_id: int
    path: Path | None
    first: int
    lines: tuple[str, ...]
    at_end: bool  # what is printed next will follow these lines
    line: int | None = None
    counted: bool = True  # the line numbers are the file's own; else they begin with what was read
    problem: str = ""  # why there is nothing to read


@dataclass(frozen=True)
class LogGrew:
    """Lines that have ended, and the one still being written."""

    trial_id: int
    lines: tuple[str, ...]
    partial: str


@dataclass(frozen=True, kw_only=True)
class TrialRead:
    """A trial in full, for its own page."""

    trial: Trial
    diagnosis: Diagnosis | None
    proposal: Proposal
    decision: Decision | None
    narrative: Narrative | None = None
    attempts: tuple[Mapping[str, Any], ...]
    metrics: Mapping[str, tuple[int, float]] = field(default_factory=dict)  # last step and value
    files: tuple[tuple[Path, int], ...] = ()  # with sizes in bytes
    more_files: int = 0  # that are not listed
    noise: Noise = Noise()


@dataclass(frozen=True)
class Said:
    """A request was carried out; `text` says what came of it."""

    text: str


@dataclass(frozen=True)
class ModelsFound:
    """What --model and /model could be given: names, each with what it is."""

    offers: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Printed:
    """Something asked for, to be read in the chat: an export without a file, the models at hand, the ledger."""

    title: str
    text: str


@dataclass(frozen=True)
class Refused:
    """A request, or the round behind it, failed. `fatal`: there is no store to go on with."""

    what: str
    where: str = ""
    remedy: str = ""
    fatal: bool = False
    code: int = 1

    def __str__(self) -> str:
        head = f"{self.where}: {self.what}" if self.where else self.what
        return sentences(head, self.remedy)


News = (
    StudiesListed
    | StudyOpened
    | SpecChanged
    | TrialsChanged
    | PendingChanged
    | TrialDiagnosed
    | TurnsChanged
    | ActionsChanged
    | Noted
    | StandingChanged
    | CurveLoaded
    | CurveGrew
    | MetricsFound
    | LogLoaded
    | LogGrew
    | TrialRead
    | Said
    | ModelsFound
    | Printed
    | ErrandDone
    | Refused
)
