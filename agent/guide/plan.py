"""A study in the making: what was read and tried, and what was made of it. Every change gives a new plan."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from agent.guide import interpreter, outputs
from agent.guide.command import command_of, words_of
from agent.guide.nouns import FoundMetric, Reading, Tried, Tunable
from agent.guide.reading.conditions import chosen_of, constraints_of
from agent.guide.trying import proposing
from agent.study.agent_spec import AgentSpec
from agent.study.durations import format_duration
from agent.study.spec import Budget, EngineSpec, StudySpec
from trainers.contract import Objective
from trainers.errors import TunewrightError, nearest
from trainers.parameters import Parameter
from trainers.script.command import format_value, placeholders
from trainers.space import SearchSpace

_TRIALS, _TRIALS_LONG = 40, 20  # the second where one takes longer than an hour
_LONG = 3600.0
_FEW = 3  # parameters that are chosen where none is known to matter
_ROOM = 3.0  # times a whole run, after which a trial is ended
_NICE = (60, 120, 180, 300, 600, 900, 1200, 1800, 2700, 3600, 5400)  # seconds; above, whole hours
_GUESSED = FoundMetric(
    name="val_loss", spec={}, seen=(), where="nothing like a loss or a score was seen", direction="minimize", sure=False
)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """`tunables` in the order of the table, `chosen` or not; `words` follow the script in every run.

    `why` says where a field of the study is from, by its path (`objective`, `budget.trials`).
    """

    reading: Reading
    tunables: tuple[Tunable, ...]
    name: str
    metrics: tuple[FoundMetric, ...]
    objective: FoundMetric
    budget: Budget
    command: tuple[str, ...]  # the script's own, its interpreter settled
    interpreter: str
    words: tuple[str, ...] = ()
    tried: Tried | None = None
    constraints: tuple[str, ...] = ()
    agent: AgentSpec = AgentSpec()
    notes: tuple[str, ...] = ()
    why: dict[str, str] = field(default_factory=dict)

    @property
    def chosen(self) -> tuple[Tunable, ...]:
        return tuple(chosen_of(self.tunables))

    @property
    def all_constraints(self) -> tuple[str, ...]:
        """Those that follow from what is chosen (heads divide the width), then those that were given."""
        return tuple(dict.fromkeys((*constraints_of(self.chosen), *self.constraints)))

    @property
    def folder(self) -> Path:
        return self.reading.script.resolve().parent

    def replace(self, **changes: Any) -> Plan:
        return replace(self, **changes)

    def with_parameter(self, parameter: Parameter) -> Plan:
        """With another range for one parameter, as a person has given it."""
        changed = tuple(
            replace(t, parameter=parameter, sure=True, why="your range") if t.parameter.name == parameter.name else t
            for t in self.tunables
        )
        return self.replace(tunables=changed)

    def toggled(self, name: str) -> Plan:
        """With one parameter taken into the space, or out of it."""
        return self.replace(
            tunables=tuple(replace(t, chosen=not t.chosen) if t.parameter.name == name else t for t in self.tunables)
        )

    def with_objective(self, name: str, direction: str = "") -> Plan:
        """With another metric as the objective. Raises TunewrightError for one that was not seen, if any was."""
        found = next((m for m in self.metrics if m.name == name), None)
        if found is None and self.metrics:
            raise TunewrightError(f"no metric '{name}' was seen", remedy=nearest(name, [m.name for m in self.metrics]))
        found = found or replace(_GUESSED, name=name, where="as asked", direction=proposing.way(name))
        found = replace(found, direction=direction) if direction else found
        return self.replace(objective=found, why={**self.why, "objective": f"as asked; {found.where}"})

    def shares_files(self) -> bool:
        """Whether trials that run at once would write the same files, of those that are read or were seen to change."""
        specs = [m.spec.get("csv") or m.spec.get("tensorboard") or "" for m in self.read_from()]
        return any(path and not placeholders(path) for path in specs) or bool(self.tried and self.tried.wrote)

    def read_from(self) -> tuple[FoundMetric, ...]:
        """What stands in [metrics]: nothing where the objective is read from JSON lines."""
        if not self.objective.spec:
            return ()
        return tuple(m for m in self.metrics if m.spec)

    def spec(self) -> StudySpec:
        """The study. Raises TunewrightError where nothing is chosen, or parameters contradict one another."""
        if not self.chosen:
            raise TunewrightError("no parameter is chosen", where="space", remedy="Choose at least one to tune.")
        options = {
            "command": [word for line in self.command_lines() for word in line],
            "metrics": {m.name: dict(m.spec) for m in self.read_from()},
            "cwd": str(self.folder),
            "env": {},
            "params": [t.parameter.name for t in self.chosen],
        }
        return StudySpec(
            name=self.name,
            trainer="script",
            space=SearchSpace(self.parameters(), self.all_constraints),
            objective=Objective(self.objective.name, self.objective.direction),
            options=options,
            budget=self.budget,
            engine=EngineSpec(jobs=1 if self.shares_files() else None),
            agent=self.agent,
        )

    def parameters(self) -> list[Parameter]:
        """Those that are chosen; a condition on what is not chosen is settled by that one's default."""
        return [t.parameter for t in self.chosen]

    def command_lines(self) -> list[tuple[str, ...]]:
        """The command in groups of words that belong together: the script, an option and its value, folders."""
        options = [t.option for t in self.chosen]
        rest = command_of(replace(self.reading, command=self.command), options)
        own: list[tuple[str, ...]] = []
        for words in (words_of(option) for option in reversed(options)):
            if words and rest[-len(words) :] == words:
                rest, own = rest[: -len(words)], [words, *own]
        before = (
            rest[: next((i for i, word in enumerate(rest) if i and "=" not in word), 0)] if rest[0] == "env" else ()
        )
        if not before and any(t.option.variable for t in self.tunables):
            before = ("env",)  # so that a variable is switched on by a line of its own
            rest = ("env", *rest)
        tuned = {option.name for option in options}
        away = [o for o in outputs.folders(self.reading) if o.name not in tuned]
        groups = [before, rest[len(before) :], self.words, *own, *(outputs.redirected([option]) for option in away)]
        return [group for group in groups if group]


def make(
    reading: Reading,
    tunables: Sequence[Tunable],
    tried: Tried | None = None,
    *,
    printed: Sequence[FoundMetric] = (),
    name: str = "",
    python: str = "",
    words: Sequence[str] = (),
) -> Plan:
    """The plan that follows from what was found. `printed` is what the script's text says it prints."""
    command, told = interpreter.with_interpreter(reading.command, reading.script.resolve().parent, python)
    metrics = _metrics(tried, printed)
    best = proposing.objective(metrics)
    why = {"objective": best.where if best is not None else _GUESSED.where}
    budget, why_budget = _budget(tried)
    return Plan(
        reading=reading,
        tunables=_some_chosen(tunables),
        name=name or name_of(reading.script.resolve().parent),
        metrics=metrics,
        objective=best or _GUESSED,
        budget=budget,
        command=command,
        interpreter=told,
        words=tuple(words),
        tried=tried,
        notes=(*reading.notes, *(tried.notes if tried is not None else ())),
        why=why | why_budget,
    )


def _metrics(tried: Tried | None, printed: Sequence[FoundMetric]) -> tuple[FoundMetric, ...]:
    """Those seen; and those of the text that may come only later, in a run that was cut off."""
    if tried is None:
        return tuple(printed)
    seen = {metric.name: metric for metric in tried.metrics}
    late = [] if tried.ended and not tried.problem else [m for m in printed if m.name not in seen]
    return (*seen.values(), *late)


def _some_chosen(tunables: Sequence[Tunable]) -> tuple[Tunable, ...]:
    """The first few where none is chosen: a study needs at least one."""
    if any(t.chosen for t in tunables):
        return tuple(tunables)
    return tuple(replace(t, chosen=i < _FEW, sure=False) for i, t in enumerate(tunables))


def must_have(tunables: Sequence[Tunable], given: Sequence[str]) -> list[str]:
    """Words for a try: what the script cannot run without and a trial would be given, the middle of each range."""
    words: list[str] = []
    for tunable in tunables:
        option = tunable.option
        needed = option.required and option.default is None and tunable.chosen and not option.early
        if needed and option.words and option.words[0].partition("=")[0] not in given:
            middle = format_value(tunable.parameter.middle())
            words += [word.replace("{}", middle) for word in option.words]
    return words


def name_of(folder: Path) -> str:
    """A study's name from its folder's."""
    return re.sub(r"[^\w.-]+", "-", folder.name).strip("-.") or "study"


def _budget(tried: Tried | None) -> tuple[Budget, dict[str, str]]:
    """Trials, and a time for each that a run of usual length keeps."""
    full = tried.full_seconds if tried is not None and not tried.problem else None
    if full is None:
        return Budget(trials=_TRIALS), {"budget": "a usual number; how long a run takes is not known ?"}
    limit = _nice(max(_ROOM * full, _NICE[0]))
    trials = _TRIALS if full < _LONG else _TRIALS_LONG
    assert tried is not None
    why = f"a run takes about {told_seconds(full)} ({tried.full_from}); a trial is ended after three times that"
    return Budget(trials=trials, trial_seconds=limit), {"budget": why}


def _nice(seconds: float) -> float:
    for value in _NICE:
        if seconds <= value:
            return float(value)
    return math.ceil(seconds / 3600) * 3600.0


def told_rate(tried: Tried) -> str:
    """`3.1 steps/s`; empty where nothing was counted."""
    if not tried.steps_per_second:
        return ""
    return f"{tried.steps_per_second:.3g} {tried.unit}{'es' if tried.unit == 'batch' else 's'}/s"


def told_seconds(seconds: float) -> str:
    """`3.2s`, `4min`, `2h30min`: as exact as is useful."""
    if seconds < 10:
        return f"{seconds:.1f}s"
    step = 1 if seconds < 120 else 60
    return format_duration(round(seconds / step) * step)
