"""The table of trials as data: columns that fit, cells, order, filter."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from agent.study.nouns import Trial, TrialState
from agent.tui.looks import look, source
from agent.tui.model import StudyModel
from agent.tui.text import Part, fit, number, param, seconds, signed, steps
from trainers.errors import TunewrightError, nearest


@dataclass(frozen=True)
class Column:
    """`name` is its heading and the word to sort by."""

    name: str
    width: int
    right: bool = False


_FIXED = (Column("#", 5, True), Column("state", 12), Column("by", 7))
_TAIL = (Column("Δbest", 7, True), Column("step", 6, True), Column("time", 8, True))
_OPTIONAL = ("by", "Δbest", "step", "time")  # left out, last first, where there is no room for a parameter


def columns(model: StudyModel, width: int) -> list[Column]:
    """Those that fit in `width` cells with a space between: state and value always, then parameters."""
    value = Column(model.spec.objective.metric, max(min(len(model.spec.objective.metric), 12), 7), True)
    params = [Column(n, _param_width(model, n), True) for n in model.varying()]
    found = [*_FIXED, value, *_TAIL]
    for name in reversed(_OPTIONAL):
        if _total(found) + (1 + params[0].width if params else 0) <= width:
            break
        found = [c for c in found if c.name != name]
    place = next(i for i, c in enumerate(found) if c is value)
    for column in params:
        if _total(found) + 1 + column.width > width:
            break
        found.insert(place, column)
        place += 1
    return found


def _total(found: Sequence[Column]) -> int:
    return 2 + sum(c.width for c in found) + len(found)


def _param_width(model: StudyModel, name: str) -> int:
    """As wide as its heading or its longest value among the last trials, within reason."""
    recent = list(model.trials.values())[-200:]
    longest = max((len(param(t.params[name])) for t in recent if name in t.params), default=1)
    return max(min(len(name), 10), min(longest, 12), 3)


def heading(found: Sequence[Column], sort: str, descending: bool) -> list[Part]:
    parts: list[Part] = [("  ", "")]
    for column in found:
        arrow = ("↓" if descending else "↑") if column.name == sort else ""
        role = "strong" if arrow else "muted"
        parts.append((fit(column.name[: column.width - len(arrow)] + arrow, column.width, right=column.right), role))
        parts.append((" ", ""))
    return parts


def cells(trial: Trial, model: StudyModel, found: Sequence[Column], now: float, colour: int | None) -> list[Part]:
    """One row. `colour` is the trial's curve colour when its curve is shown."""
    best = model.best is not None and model.best.number == trial.number
    parts: list[Part] = [("★ " if best else "  ", "best")]
    for column in found:
        text, role = _cell(trial, model, column.name, now, colour)
        parts += [(fit(text, column.width, right=column.right), role), (" ", "")]
    return parts


def _cell(trial: Trial, model: StudyModel, name: str, now: float, colour: int | None) -> Part:
    match name:
        case "#":
            return f"{trial.number}", f"curve:{colour}+bold" if colour is not None else "text"
        case "state":
            seen = look(trial)
            return f"{seen.glyph} {seen.word}", seen.role
        case "by":
            return source(trial.source), "muted"
        case "Δbest":
            return _delta(trial, model)
        case "step":
            return steps(trial.last_step), "muted"
        case "time":
            return _time(trial, model, now), "muted"
    if name == model.spec.objective.metric and name not in trial.params:
        return _value(trial)
    return (param(trial.params[name]), "text") if name in trial.params else ("", "")


def _value(trial: Trial) -> Part:
    """The trial's value; while it runs, the latest, in the colour of running."""
    if trial.value is not None:
        return number(trial.value), "strong" if trial.state is TrialState.COMPLETED else "muted"
    if trial.last_value is not None:
        return number(trial.last_value), "bad" if trial.state.ended else "run"
    return "", ""


def _delta(trial: Trial, model: StudyModel) -> Part:
    value = trial.value if trial.state.ended else trial.last_value
    if value is None or model.best is None or model.best.value is None or value != value:
        return "", ""
    if trial.number == model.best.number:
        return "–", "muted"
    better = model.spec.objective.better(value, model.best.value)
    return signed(value - model.best.value), "good" if better else "muted"


def _time(trial: Trial, model: StudyModel, now: float) -> str:
    """How long it took; of a running trial what is left by its limit or its predecessors, or how long it has run."""
    if trial.state.ended:
        return seconds(trial.seconds)
    if trial.started_at is None or trial.state is not TrialState.RUNNING:
        return ""
    gone = max(now - trial.started_at, 0.0)
    limit = model.spec.budget.trial_seconds
    typical = model.typical_seconds if model.typical_seconds is not None and model.typical_seconds > gone else None
    left = [x - gone for x in (limit, typical) if x is not None and x > gone]
    return f"eta {seconds(min(left))}" if left and min(left) >= 1 else seconds(gone)


# -- order and filter -------------------------------------------------------------


def sort_names(model: StudyModel) -> list[str]:
    return ["#", "state", "by", *model.varying(), model.spec.objective.metric, "step", "time"]


def sort_key(model: StudyModel, name: str) -> Callable[[Trial], tuple[int, Any]]:
    """A key that puts trials without the value last, whichever the direction."""
    objective = model.spec.objective

    def value_of(trial: Trial) -> Any:
        match name:
            case "#":
                return trial.number
            case "state":
                return look(trial).word
            case "by":
                return str(trial.source)
            case "step":
                return trial.last_step
            case "time":
                return trial.seconds
        if name == objective.metric and name not in trial.params:
            return trial.value if trial.value is not None else None
        value = trial.params.get(name)
        return value if isinstance(value, int | float) else None if value is None else str(value)

    def key(trial: Trial) -> tuple[int, Any]:
        value = value_of(trial)
        kind = 1 if isinstance(value, str) else 0
        return (2, 0) if value is None or value != value else (kind, value)

    return key


def ordered(model: StudyModel, name: str, descending: bool, keep: Callable[[Trial], bool]) -> list[int]:
    """Numbers of the trials that pass the filter, in order."""
    key = sort_key(model, name)
    kept = [t for t in model.trials.values() if keep(t)]
    having = [t for t in kept if key(t)[0] < 2]
    having.sort(key=key, reverse=descending)
    return [t.number for t in having] + [t.number for t in kept if key(t)[0] == 2]


_TEST = re.compile(r"([^<>=!]+)(<=|>=|!=|==|=|<|>)(.+)")
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "<": lambda a, b: a < b,
    ">": lambda a, b: a > b,
    "<=": lambda a, b: a <= b,
    ">=": lambda a, b: a >= b,
    "=": lambda a, b: a == b,
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
}


def keeper(model: StudyModel, text: str) -> Callable[[Trial], bool]:
    """A filter from words such as `failed gp lr>1e-3`: all must hold.

    A word without a comparison must occur in the trial's number, state, source or parameters.
    Raises TunewrightError naming the nearest column for a comparison with none of ours.
    """
    tests = [_word_test(model, word) for word in text.split()]
    return lambda trial: all(test(trial) for test in tests)


def _word_test(model: StudyModel, word: str) -> Callable[[Trial], bool]:
    matched = _TEST.fullmatch(word)
    if matched is None:
        lowered = word.lower()
        return lambda trial: lowered in _haystack(trial)
    name, operator, wanted = matched.groups()
    known = [*sort_names(model), *model.spec.space.parameters]
    if name not in known:
        raise TunewrightError(f"no column is called '{name}'", where="filter", remedy=nearest(name, known))
    key, compare = sort_key(model, name), _COMPARE[operator]
    try:
        number_wanted: float | None = float(wanted)
    except ValueError:
        number_wanted = None

    def test(trial: Trial) -> bool:
        kind, value = key(trial)
        if kind == 2:
            return False
        if isinstance(value, str) or number_wanted is None:
            return compare(str(value).lower(), wanted.lower())
        return compare(value, number_wanted)

    return test


def _haystack(trial: Trial) -> str:
    values = " ".join(f"{k}={param(v)}" for k, v in trial.params.items())
    return f"t{trial.number} {look(trial).word} {trial.state} {trial.source} {values}".lower()
