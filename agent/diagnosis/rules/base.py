"""What a rule is given and what it returns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from agent.diagnosis.log import Line
from agent.diagnosis.record import TrialRecord
from agent.diagnosis.signals import Signals, View
from agent.diagnosis.suggest import Wish, show
from agent.diagnosis.trace import Raised, last_exception
from agent.study.nouns import Evidence, TrialState
from agent.study.roles import Role, having
from trainers.contract import FailureKind
from trainers.parameters import CategoricalParameter, NumberParameter

_SHOWN = 240  # characters of a log line that are quoted


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What one rule says. `wishes` are changes of params, the best first; `advice` is said when none
    of them can be granted or none would help."""

    verdict: str
    confidence: float
    explanation: str
    evidence: tuple[Evidence, ...] = ()
    healthy: bool = False
    wishes: tuple[Wish, ...] = ()
    advice: str = ""


@dataclass(frozen=True, eq=False)
class Case:
    """One trial under judgement: the record, its signals, and what the log says."""

    record: TrialRecord
    signals: Signals

    @property
    def failed(self) -> bool:
        return self.record.state is TrialState.FAILED

    @property
    def kind(self) -> FailureKind | None:
        return self.record.failure.kind if self.record.failure else None

    @cached_property
    def raised(self) -> Raised | None:
        """The exception that ended the trial; None for one that did not fail."""
        failure = self.record.failure
        if not self.failed:
            return None
        return last_exception(self.record.log, failure.traceback or failure.stderr_tail if failure else "")

    def param(self, role: Role) -> tuple[str, float] | None:
        """The first numeric parameter with this role, and its value."""
        for name in having(role, self.record.params):
            value = self.record.params[name]
            if isinstance(value, int | float) and not isinstance(value, bool):
                return name, float(value)
        return None

    def place(self, name: str) -> float | None:
        """Where the trial's value of a numeric parameter lies in its range, 0 to 1; None without a range."""
        space = self.record.space
        parameter = space.parameters.get(name) if space else None
        if isinstance(parameter, CategoricalParameter):
            return _place_among(parameter.choices, self.record.params[name])
        if not isinstance(parameter, NumberParameter) or parameter.low == parameter.high:
            return None
        return parameter.unit(self.record.params[name])


def _place_among(choices: Sequence[object], value: object) -> float | None:
    """The rank of a number among choices that are all numbers."""
    numbers = sorted(float(c) for c in choices if isinstance(c, int | float) and not isinstance(c, bool))
    if len(numbers) != len(choices) or len(numbers) < 2 or not isinstance(value, int | float):
        return None
    return sum(n < value for n in numbers) / (len(numbers) - 1)


Rule = Callable[[Case], Finding | None]


def at_line(line: Line, words: str = "") -> Evidence:
    text = quoted(line.text)
    return Evidence(kind="log", line=line.number, text=f"{words}: {text}" if words else text)


def last_line(case: Case) -> tuple[Evidence, ...]:
    """The last line of the log that says anything."""
    line = next((line for line in case.record.log.backwards() if line.text.strip()), None)
    return (at_line(line, "last line"),) if line else ()


def quoted(text: str) -> str:
    """A line as part of a sentence: short, and without its full stop."""
    text = text.strip().rstrip(".")
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def at_value(v: View, index: int, words: str = "") -> Evidence:
    """A finite value of a curve. A negative index counts from the end."""
    index = index % len(v)
    text = f"{v.name} = {v.raw(index):.5g}" + (f", {words}" if words else "")
    return Evidence(kind="metric", metric=v.name, step=v.step(index), text=text)


def of_raised(raised: Raised | None) -> tuple[Evidence, ...]:
    """The exception's line, then the script's own line that led to it."""
    if raised is None:
        return ()
    first = at_line(raised.line) if raised.line else Evidence(kind="log", text=quoted(raised.text))
    return (first, at_line(raised.frame)) if raised.frame else (first,)


def of_config(case: Case, names: Iterable[str]) -> tuple[Evidence, ...]:
    return tuple(
        Evidence(kind="config", text=f"{name} = {show(case.record.params[name])}{_range(case, name)}") for name in names
    )


def _range(case: Case, name: str) -> str:
    parameter = case.record.space.parameters.get(name) if case.record.space else None
    if not isinstance(parameter, NumberParameter):
        return ""
    return f" in {parameter.low:g} … {parameter.high:g}{' (log)' if parameter.log else ''}"


def resource(text: str) -> Evidence:
    return Evidence(kind="resource", text=text)


def judged(case: Case) -> bool:
    """Whether the curves of this trial tell about its config: it ended by itself, or at its time limit."""
    return case.record.state is TrialState.COMPLETED
