"""What the guide of the first run finds in a script, and what it makes of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from trainers.parameters import Parameter


class Style(StrEnum):
    """How a script takes its options."""

    ARGPARSE = "argparse"
    CLICK = "click"
    TYPER = "typer"
    DATACLASS = "dataclass"
    PYDANTIC = "pydantic"
    HYDRA = "hydra"
    CONSTANTS = "constants"
    SHELL = "shell"
    ENVIRONMENT = "environment"


@dataclass(frozen=True)
class Candidate:
    """A file of the folder that may be the training script, and why it is thought to be."""

    path: Path
    reason: str
    score: int = 0


@dataclass(frozen=True)
class Origin:
    """Where something was found: `train.py:12`, and in what style."""

    path: Path
    line: int
    style: Style

    def __str__(self) -> str:
        return f"{self.path.name}:{self.line} ({self.style})"


@dataclass(frozen=True, kw_only=True)
class Option:
    """One thing a script can be told.

    `words` are the words of the command that set it, `{}` in place of the value: `("--lr", "{}")`, `("optim.lr={}",)`.
    Empty where nothing on the command line can. A flag has one word without `{}`, for true; `off` is its word for
    false, empty where the flag is then left out. `agent.guide.command` makes a study's command of them.
    `kind` is float, int, bool or text; `default` is the script's own, None where it has none or it cannot be known
    without running it.
    """

    name: str
    kind: str
    default: Any
    words: tuple[str, ...]
    origin: Origin
    choices: tuple[Any, ...] = ()
    choices_from: str = ""  # where the script uses them, when it does not declare them: `train.py:40`
    help: str = ""
    required: bool = False
    off: str = ""
    variable: str = ""  # of the environment, where that is how it is set
    early: bool = False  # its words stand before the subcommand
    place: int | None = None  # it takes this word's place in the command
    only: tuple[str, tuple[Any, ...]] | None = None  # an option's name, and its values under which this one exists
    low: float | None = None  # what the script itself allows
    high: float | None = None


@dataclass(frozen=True, kw_only=True)
class Reading:
    """A script as it was read, without running it. `command` starts it with its own defaults."""

    script: Path
    command: tuple[str, ...]
    options: tuple[Option, ...]
    notes: tuple[str, ...] = ()  # what the person should know: what could not be read, and why


@dataclass(frozen=True, kw_only=True)
class Tunable:
    """An option with a range. `sure` is False for a guess, shown with a `?`; `why` says where the range is from."""

    option: Option
    parameter: Parameter
    sure: bool
    why: str
    chosen: bool = True  # in the space to begin with


@dataclass(frozen=True, kw_only=True)
class FoundMetric:
    """A number the script reports. `spec` is its entry in [metrics], empty for JSON lines; `seen` its values."""

    name: str
    spec: dict[str, Any]
    seen: tuple[tuple[int, float], ...]
    where: str  # such as `stdout line 7` or `runs/events.out…`
    direction: str  # minimize or maximize, by its name and how it moved
    sure: bool


@dataclass(frozen=True, kw_only=True)
class Tried:
    """What a short run showed. `ended` is False when it was cut off, which is the usual case."""

    command: tuple[str, ...]
    seconds: float
    ended: bool
    exit_code: int | None
    metrics: tuple[FoundMetric, ...] = ()
    steps_per_second: float | None = None
    unit: str = ""  # what counts as a step here: step, batch, round, epoch
    seconds_per_epoch: float | None = None
    full_seconds: float | None = None  # of a whole run, as far as can be told
    full_from: str = ""  # by what it is told
    peak_memory: int | None = None  # bytes, of the script and all it started
    peak_device_memory: int | None = None  # likewise; None where nvidia-smi does not tell
    output: tuple[str, ...] = ()  # its last lines
    problem: str = ""  # in one sentence, when it failed
    wrote: tuple[str, ...] = ()  # files of its folder that it made or changed
    notes: tuple[str, ...] = field(default=())
