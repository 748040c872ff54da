"""What a trainer is, what it is given, and how it may fail."""

from __future__ import annotations

import math
import signal
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from trainers.space import Config, SearchSpace


class FailureKind(StrEnum):
    """Why a trial failed. The names are stored and shown."""

    IMPORT_ERROR = "import_error"
    BAD_ARGUMENT = "bad_argument"
    COMMAND_NOT_FOUND = "command_not_found"
    NONZERO_EXIT = "nonzero_exit"
    EXCEPTION = "exception"
    SIGNAL = "signal"
    CUDA_OUT_OF_MEMORY = "cuda_out_of_memory"
    HOST_OUT_OF_MEMORY = "host_out_of_memory"
    DEVICE_LOST = "device_lost"  # a GPU it had been given is gone, or broken
    TIMEOUT = "timeout"
    NO_METRIC = "no_metric"
    NON_FINITE = "non_finite_objective"
    LOST = "lost"  # the worker vanished and left no exit.json


# Metrics that say how fast a trial went, not how well: shown, but left out of curves, prompts and diagnoses.
SAMPLES_PER_SECOND = "samples_per_second"
TELEMETRY = frozenset({SAMPLES_PER_SECOND})

_SENT_BY_OTHERS = (signal.SIGHUP, signal.SIGINT, signal.SIGTERM, signal.SIGKILL)


@dataclass(frozen=True, kw_only=True)
class Failure:
    """Why a trial failed, with what is needed to explain it.

    `details` carries a kind's own numbers, e.g. `asked_bytes` and `free_bytes` for CUDA memory.
    """

    kind: FailureKind
    message: str = ""
    exit_code: int | None = None
    signal: int | None = None
    traceback: str = ""
    stderr_tail: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def transient(self) -> bool:
        """Whether the same config may well succeed when run again; the others are deterministic."""
        if self.kind is FailureKind.SIGNAL:
            return self.signal in _SENT_BY_OTHERS
        return self.kind in (FailureKind.LOST, FailureKind.DEVICE_LOST)

    @property
    def of_memory(self) -> bool:
        """Whether memory ran out, on a device or on the host."""
        return self.kind in (FailureKind.CUDA_OUT_OF_MEMORY, FailureKind.HOST_OUT_OF_MEMORY)

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON, `transient` included for readers; `from_dict` works it out anew."""
        return {**asdict(self), "transient": self.transient}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Failure:
        fields = {key: value for key, value in data.items() if key != "transient"}
        return cls(**{**fields, "kind": FailureKind(data["kind"])})


class TrialFailed(Exception):
    """Raised by a trainer that knows what went wrong; the worker records the failure."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message)
        self.failure = failure


@dataclass(frozen=True)
class Objective:
    """The metric a study optimises. `at` takes a trial's best report, or its last one."""

    metric: str
    direction: str = "minimize"
    at: str = "best"

    @property
    def sign(self) -> float:
        """Multiply a value by this and smaller is better."""
        return 1.0 if self.direction == "minimize" else -1.0

    def better(self, a: float, b: float) -> bool:
        return self.sign * a < self.sign * b

    def value(self, values: Sequence[float]) -> float | None:
        """The trial's value given its reports in order; None when none is finite."""
        finite = [v for v in values if math.isfinite(v)]
        if not finite:
            return None
        return finite[-1] if self.at == "last" else min(finite, key=lambda v: self.sign * v)


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What a trial may use. None means no limit. `grace` is how long, in seconds, a trial that
    was asked to stop has before it is killed."""

    seconds: float | None = None
    memory_bytes: int | None = None
    grace: float = 5.0


@dataclass(frozen=True, kw_only=True)
class RunConfig:
    """Everything one trial needs to run; the content of `config.json`."""

    study: str
    trial: int
    trainer: str
    params: Config
    objective: Objective
    task: str = ""
    seed: int = 0
    attempt: int = 1
    options: Mapping[str, Any] = field(default_factory=dict)
    limits: Limits = Limits()
    threads: int = 1
    gpus: tuple[str, ...] = ()  # as CUDA_VISIBLE_DEVICES wants them; empty for the CPU
    resume_from: str | None = None  # an earlier attempt's checkpoint folder
    accumulation: int = 1  # micro-batches a step, see Trainer.accumulates

    def to_dict(self) -> dict[str, Any]:
        return {"format": 1, **asdict(self)}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> RunConfig:
        fields = {k: v for k, v in data.items() if k != "format"}
        fields["objective"] = Objective(**fields["objective"])
        fields["limits"] = Limits(**fields["limits"])
        fields["gpus"] = tuple(fields["gpus"])
        return cls(**fields)

    def replace(self, **changes: Any) -> RunConfig:
        return replace(self, **changes)


class RunContext(Protocol):
    """What a running trial may ask of its surroundings. `trainers.worker` provides it."""

    run_dir: Path
    checkpoint_dir: Path
    resume_from: Path | None
    seed: int
    threads: int
    task: str
    options: Mapping[str, Any]
    objective: Objective
    accumulation: int

    @property
    def device(self) -> str:
        """ "cpu", "cuda" or "mps"."""

    @property
    def pruned(self) -> bool:
        """Whether it was asked to end because it promises too little. It may be taken up again: what serves the end
        alone, such as a test, can be left out, and the checkpoint should be of this moment."""

    def plan(self, steps: int) -> None:
        """Says at which step the trial is to end, so that trials of different lengths can be laid side by side."""

    def report(self, step: int, **metrics: float) -> None:
        """Appends one report; durable in the run folder when it returns. Never raises for a full disk."""

    def should_stop(self) -> bool:
        """True once the person, the policy or the time limit asks the trial to end. Cheap: call it each step."""

    def out_of_time(self, reserve: float) -> bool:
        """True once at most `reserve` seconds are left: a trainer that needs as many to evaluate what it has asks this,
        and whoever reads the result is told that the time limit ended it."""

    def seconds_left(self) -> float:
        """Seconds until the time limit; infinity without one."""


@runtime_checkable
class Trainer(Protocol):
    """One kind of trial. Instances hold no state between runs.

    A trainer whose several configs can train as one batched model is a `PackingTrainer`. One that can work through a
    batch in `ctx.accumulation` micro-batches, one after the other, and then take the very step the whole batch would
    have given, has `accumulates`: the name of the parameter that is the batch size. A trial of it that runs out of
    memory is tried once more in micro-batches.
    """

    name: str
    preload: tuple[str, ...]  # modules the warm process imports before it forks trials

    def tasks(self) -> tuple[str, ...]:
        """The built-in tasks; the first is the default. Empty when the study file says it all."""

    def space(self, task: str) -> SearchSpace:
        """The search space of `task`. Raises TunewrightError for an unknown task."""

    def objective(self, task: str) -> Objective:
        """The metric `task` optimises."""

    def defaults(self, task: str) -> Config:
        """The config a careful person would try first; the study's trial 0."""

    def run(self, config: Config, ctx: RunContext) -> None:
        """Trains with `config`, reporting through `ctx`. Raises TrialFailed or anything else on failure."""


@runtime_checkable
class DescribedTrainer(Trainer, Protocol):
    """A trainer that says what it trains and on what, for a model that proposes configs before any has run."""

    def facts(self, task: str) -> Mapping[str, Any]:
        """`{"model": "a random forest", "data": ["tabular, 178 rows", …]}`; either may be missing. Cheap."""


@runtime_checkable
class PackingTrainer(Trainer, Protocol):
    """A trainer that can train several configs as one batched model, each with the result of its own run.

    A trial's own run and its part of a pack write the same reports and checkpoints, to within rounding: a retry of a
    trial from a pack goes on by itself.
    """

    def pack_key(self, config: Config, task: str, options: Mapping[str, Any]) -> str | None:
        """Configs with the same key may train as one; None for one that cannot. Cheap, and imports nothing heavy."""

    def run_many(
        self, configs: Sequence[Config], ctxs: Sequence[RunContext]
    ) -> Iterator[tuple[int, BaseException | None]]:
        """Trains `configs`, all of one key, each reporting through its own context, and yields each trial as it ends:
        its place in `configs`, and what it failed with, if it failed.

        What is one trial's fault ends that trial alone. What is raised is nobody's in particular: the trials that have
        not ended are run again, each by itself.
        """

    def step_seconds(
        self, config: Config, task: str, options: Mapping[str, Any], device: str, sizes: Sequence[int]
    ) -> Mapping[int, float]:
        """Measures how long a training step of so many trials like `config` takes on this device; 1 is a trial's own
        run. Takes some seconds."""
