"""The table of trials as data: columns that fit, cells, order, filter."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from agent.study.nouns import Trial, TrialState
from agent.tui.ink.looks import look, source
from agent.tui.model import StudyModel
from agent.tui.text import Part, fit, number, param, seconds, signed, steps
from trainers.errors import TunewrightError, nearest


@dataclass(frozen=True)
class Column:
    """`name` is its heading and the word to sort by."""

    name: str
    width: int
    right: bool = False


_NUMBER, _STATE, _BY = Column("#", 5, True), Column("state", 12), Column("by", 9)
_SPREAD, _BY_SHORT = Column("±", 7, True), Column("by", 7)  # which cuts `portfolio` with an ellipsis
_DELTA, _STEP, _TIME = Column("Δbest", 7, True), Column("step", 6, True), Column("time", 8, True)


def columns(model: StudyModel, width: int) -> list[Column]:
    """Those that fit in `width` cells, a space between: number, state and value always; then two
    parameters, the rest of the parameters, and what else there is, each where there is room."""
    metric = model.spec.objective.metric
    value = Column(metric, max(min(len(metric), 12), 7), True)
    params = _param_columns(model, width - _total([_NUMBER, _STATE, value, _DELTA, _TIME, _STEP, _BY_SHORT]))
    taken = [_NUMBER, _STATE, value]
    spread = (_SPREAD,) if model.groups.any else ()
    for column in (*spread, *params[:2], _DELTA, _TIME, *params[2:], _STEP, _BY, _BY_SHORT):
        if _total([*taken, column]) <= width and not (column is _BY_SHORT and _BY in taken):
            taken.append(column)
    return [c for c in (_NUMBER, _STATE, _BY, _BY_SHORT, *params, value, _SPREAD, _DELTA, _STEP, _TIME) if c in taken]


def _total(found: Sequence[Column]) -> int:
    return 2 + sum(c.width + 1 for c in found)


def _param_columns(model: StudyModel, room: int) -> list[Column]:
    """As wide as their values among the last trials; headings are cut until all fit in `room`, within reason."""
    recent = list(model.trials.values())[-200:]
    names = model.varying()
    longest = {n: max((len(param(t.params[n])) for t in recent if n in t.params), default=1) for n in names}
    found: list[Column] = []
    for most in (18, 12, 10, 8, 6):
        found = [Column(n, max(min(len(n), most), min(longest[n], 12), 3), True) for n in names]
        if sum(c.width + 1 for c in found) <= room:
            break
    return found


def heading(found: Sequence[Column], sort: str, descending: bool) -> list[Part]:
    parts: list[Part] = [("  ", "")]
    for column in found:
        arrow = ("↓" if descending else "↑") if column.name == sort else ""
        role = "strong" if arrow else "muted"
        name = fit(column.name, min(len(column.name), column.width - len(arrow))) + arrow
        parts.append((fit(name, column.width, right=column.right), role))
        parts.append((" ", ""))
    return parts


def cells(
    trial: Trial,
    model: StudyModel,
    found: Sequence[Column],
    now: float,
    colour: int | None,
    *,
    marked: bool = False,
    single: bool = True,
) -> list[Part]:
    """One row. `colour` is the trial's curve colour when its curve is shown; `marked` that it is to be compared. Not
    `single`: the row stands for every run of the trial's config."""
    best = model.best is not None and (
        model.best.number == trial.number or (model.groups.any and model.best.key == trial.key)
    )
    parts: list[Part] = [
        (("★" if best else " ") + ("+" if marked else " "), "best" if best else "ask" if marked else "muted")
    ]
    for column in found:
        text, role = _cell(trial, model, column.name, now, colour, single or not model.groups.any)
        parts += [(fit(text, column.width, right=column.right), role), (" ", "")]
    return parts


def _cell(trial: Trial, model: StudyModel, name: str, now: float, colour: int | None, single: bool) -> Part:
    match name:
        case "#":
            return (
                f"{trial.number}{_times(trial, model, single)}",
                f"curve:{colour}+bold" if colour is not None else "text",
            )
        case "state":
            seen = look(trial)
            done, of = (1, 1) if single else model.groups.progress(trial.number)
            return f"{seen.glyph} {seen.word if done == of or of == 1 else f'{done} of {of}'}", seen.role
        case "by":
            return source(trial.source), "muted"
        case "±":
            return ("" if trial.deviation is None else number(trial.deviation, 2)), "muted"
        case "Δbest":
            return _delta(trial, model)
        case "step":
            return steps(trial.last_step), "muted"
        case "time":
            return _time(trial, model, now), "muted"
    if name == model.spec.objective.metric and name not in trial.params:
        return _value(trial)
    return (param(trial.params[name]), "text") if name in trial.params else ("", "")


def _times(trial: Trial, model: StudyModel, single: bool) -> str:
    """`×3` behind the number of a line that stands for three runs."""
    count = 1 if single else len(model.groups.of(trial.number))
    return f"×{count}" if count > 1 else ""


def _value(trial: Trial) -> Part:
    """The trial's value; while it runs, the latest, in the colour of running."""
    if trial.value is not None:
        return number(trial.value), "strong" if trial.state is TrialState.COMPLETED else "muted"
    if trial.last_value is not None:
        return number(trial.last_value), "bad" if trial.state.ended else "run"
    return "", ""


def _delta(trial: Trial, model: StudyModel) -> Part:
    value = trial.value if trial.value is not None or trial.state.ended else trial.last_value
    if value is None or model.best is None or model.best.value is None or value != value:
        return "", ""
    if trial.number == model.best.number or (trial.runs > 1 and trial.key == model.best.key):
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


_Keyed = list[tuple[tuple[int, Any], int]]  # a sort key with its trial's number


class Order:
    """Numbers of the trials that pass a filter, in order. Those that have ended are looked at again only when another
    one has: a column that changes with every report, such as `step`, costs what runs, not what was ever run."""

    def __init__(self) -> None:
        self._known: object = None
        self._ended: list[int] = []  # in order; those without a value stand in `_missing`
        self._keys: list[tuple[int, Any]] = []  # of `_ended`, rising
        self._missing: list[int] = []

    def numbers(
        self,
        model: StudyModel,
        name: str,
        descending: bool,
        keep: Callable[[Trial], bool],
        *,
        single: bool = True,
    ) -> list[int]:
        """Not `single`: those of the first run of each config."""
        key = sort_key(model, name)
        known = (model, model.shape, name, descending, model.spec, keep, single)
        if known != self._known:
            having, self._missing = _split([t for t in model.ended_lines(single=single) if keep(t)], key)
            having.sort(key=itemgetter(0), reverse=descending)
            self._known, self._ended = known, [number for _, number in having]
            self._keys = [k for k, _ in (reversed(having) if descending else having)]
        live, missing = _split([t for t in model.live_lines(single=single) if keep(t)], key)
        live.sort(key=itemgetter(0), reverse=descending)
        return [*self._with(live, descending), *self._missing, *missing]

    def _with(self, live: _Keyed, descending: bool) -> list[int]:
        """The ended ones with `live` among them, behind those with the same key."""
        found, taken, total = list[int](), 0, len(self._ended)
        for key, trial in live:
            place = total - bisect_left(self._keys, key) if descending else bisect_right(self._keys, key)
            found += self._ended[taken:place]
            found.append(trial)
            taken = place
        return found + self._ended[taken:]


def _split(trials: Iterable[Trial], key: Callable[[Trial], tuple[int, Any]]) -> tuple[_Keyed, list[int]]:
    """Those that have a value, with their keys, and the numbers of those that have none."""
    keyed = [(key(trial), trial.number) for trial in trials]
    return [pair for pair in keyed if pair[0][0] < 2], [number for (kind, _), number in keyed if kind == 2]


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
