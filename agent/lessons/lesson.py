"""What a lesson is: a sentence that outlives its study, with the conditions under which it held."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from agent.digest.text import shorten
from trainers.dimension import Value

MOST_TEXT = 600  # characters of a lesson; the tool that remembers one in a chat takes as many
MOST_CONFIGS = 32  # of a portfolio


class LessonSource(StrEnum):
    """Who wrote it."""

    RULES = "rules"
    MODEL = "model"
    PERSON = "person"
    SHIPPED = "shipped"  # came with Tunewright: what the field knows


class ClaimKind(StrEnum):
    """What a lesson says, where a later study can be held against it."""

    RANGE = "range"  # the good values of `parameter` lie between `low` and `high`
    CHOICE = "choice"  # `choice` did best
    WORST = "worst"  # `choice` did worst
    FLAT = "flat"  # `parameter` made no measurable difference
    FAILS = "fails"  # trials with `parameter` between `low` and `high`, or at `choice`, fail
    REMEDY = "remedy"  # after the verdict `choice`, the change of `parameter` helped
    DEFAULTS = "defaults"  # nothing tried was better than the first config
    INDIFFERENT = "indifferent"  # no parameter of the space matters to the objective
    SECONDS = "seconds"  # a trial takes between `low` and `high` seconds


@dataclass(frozen=True, kw_only=True)
class Claim:
    """An end that is None is open. `parameter` is named as its study named it."""

    kind: ClaimKind
    parameter: str = ""
    low: float | None = None
    high: float | None = None
    choice: Value = None


@dataclass(frozen=True, kw_only=True)
class Conditions:
    """Under which it held; what is empty holds for all.

    `families` are kinds of models and tasks (agent.lessons.families), `about` the script or the data in words,
    `parameters` the space as SearchSpace.to_dict has it under "parameters", `when` what else must be so, in words.
    """

    trainer: str = ""
    task: str = ""
    families: tuple[str, ...] = ()
    about: str = ""
    metric: str = ""
    direction: str = ""
    parameters: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    when: str = ""


@dataclass(frozen=True, kw_only=True)
class LessonEvidence:
    """What it rests on: trials of a study, and how much it made, in words. `study` is its name, `key` the same for
    the same study only."""

    study: str
    trials: tuple[int, ...] = ()
    effect: str = ""
    key: str = ""


@dataclass(frozen=True, kw_only=True)
class GoodConfig:
    """`params` by the names that the lesson's conditions have; `told` says in words where it did well, and how well."""

    params: Mapping[str, object]
    told: str


@dataclass(frozen=True, kw_only=True)
class Portfolio:
    """Configs for a study of the same kind to begin with, in the order in which to try them.

    `weights` is how much each parameter matters where that is known, by its name; only their ratios count.
    """

    configs: tuple[GoodConfig, ...]
    weights: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Lesson:
    """`uid` is the same wherever the lesson is copied to; `id` its number in one file, 0 before it is in one.

    `subjects` are the parameters it speaks of. `citation` is where it can be read up: of shipped ones always given.
    `edited` by a person: no later study rewrites its text. Times are Unix seconds.
    """

    uid: str
    text: str
    source: LessonSource
    id: int = 0
    subjects: tuple[str, ...] = ()
    conditions: Conditions = Conditions()
    claim: Claim | None = None
    portfolio: Portfolio | None = None
    evidence: tuple[LessonEvidence, ...] = ()
    confidence: float = 0.5
    citation: str = ""
    tags: tuple[str, ...] = ()
    created: float = 0.0
    changed: float = 0.0
    edited: bool = False
    used: int = 0
    confirmed: int = 0
    contradicted: int = 0

    @property
    def trust(self) -> float:
        """Its confidence, weighed as one study, with what later studies said: 0 to 1."""
        return (self.confidence + self.confirmed) / (1 + self.confirmed + self.contradicted)

    @property
    def told(self) -> str:
        """Its text and where it comes from, as a prompt or a person is shown it."""
        when = f" Holds {self.conditions.when}." if self.conditions.when else ""
        return f"{shorten(self.text, MOST_TEXT)}{when} ({self.origin})"

    @property
    def origin(self) -> str:
        """`study etth1, 24 trials; confirmed by 2 later studies`."""
        if self.source is LessonSource.SHIPPED:
            parts = [f"common knowledge: {self.citation}"]
        elif self.evidence:
            first = self.evidence[0]
            more = f" and {len(self.evidence) - 1} more" if len(self.evidence) > 1 else ""
            parts = [f"study {shorten(first.study, 60)}{more}"]
        else:
            parts = ["a person's" if self.source is LessonSource.PERSON else "a model's"]
        counts = (("confirmed", self.confirmed), ("contradicted", self.contradicted))
        parts += [f"{what} by {n} later stud{'y' if n == 1 else 'ies'}" for what, n in counts if n]
        return "; ".join(parts)
