"""Where each trial of a study lies on each axis: worked out once a trial, kept while the study grows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from agent.scales import Scale, scale, ticks, wants_log
from agent.study.noise import valued
from agent.study.nouns import Trial
from agent.tui.text import param
from trainers.contract import Objective
from trainers.parameters import CategoricalParameter, NumberParameter, Parameter
from trainers.space import SearchSpace

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

ROLES = ("faint", "muted", "link", "good", "best", "strong", "bad")  # by what a trial came to; FAINT to BAD index them
FAINT, MUTED, LINK, GOOD, BEST, STRONG, BAD = range(len(ROLES))
LEGEND = (
    (BEST, "best tenth"),
    (GOOD, "to a quarter"),
    (LINK, "to half"),
    (MUTED, "the rest"),
    (BAD, "no value"),
    (FAINT, "running"),
)
_REACH = 4.0  # how far beyond the median a value is told from others, in units of what the best twentieth gained


@dataclass(frozen=True)
class Axis:
    """One dimension. `marks` are the places (0 to 1, upward) with their words; of choices all of them."""

    name: str
    log: bool
    levels: bool  # choices, not numbers
    marks: tuple[tuple[float, str], ...]


@dataclass(frozen=True)
class Placed:
    """`units` has a row a trial and a column an axis, 0 to 1, nan where the parameter does not apply. `heights` are
    places on the objective's own axis, nan without a value; `shades` index ROLES; `order` draws the best last."""

    axes: tuple[Axis, ...]
    objective: Axis
    numbers: Ints
    units: Floats
    heights: Floats
    shades: Ints
    order: Ints
    ranked: tuple[int, ...]  # numbers of those with a value, the best first

    def column(self, name: str) -> Floats:
        found: Floats = self.units[:, [a.name for a in self.axes].index(name)]
        return found


class Placer:
    """Places trials as they come; those known already are not looked at again."""

    def __init__(self, space: SearchSpace, objective: Objective) -> None:
        self._space, self._objective = space, objective
        self._known: dict[int, tuple[float, ...]] = {}

    def place(self, trials: Sequence[Trial]) -> Placed:
        for trial in trials:
            if trial.number not in self._known:
                parameters = self._space.parameters.values()
                self._known[trial.number] = tuple(_unit(p, trial) for p in parameters)
        axes = tuple(_axis(p) for p in self._space.parameters.values())
        ranking = sorted(valued(trials), key=lambda t: (self._objective.sign * (t.value or 0.0), t.number))
        heights, axis = _heights(trials, ranking, self._objective)
        shades = _shades(trials, ranking)
        places = {t.number: i for i, t in enumerate(ranking)}
        late = [-places.get(t.number, len(places)) for t in trials]  # those without a value first
        return Placed(
            axes,
            axis,
            np.array([t.number for t in trials], dtype=np.int64),
            np.array([self._known[t.number] for t in trials], dtype=np.float64).reshape(len(trials), len(axes)),
            heights,
            shades,
            np.argsort(np.array(late, dtype=np.int64), kind="stable"),
            tuple(t.number for t in ranking),
        )


def _unit(parameter: Parameter, trial: Trial) -> float:
    """nan where it does not apply, or is a choice that an edit of the space took away."""
    if parameter.name not in trial.params:
        return math.nan
    value = trial.params[parameter.name]
    if isinstance(parameter, CategoricalParameter):
        if parameter.problem(value) is not None:
            return math.nan
        return (parameter.unit(value) * max(len(parameter.choices) - 1, 1) + 0.5) / len(parameter.choices)
    try:
        return min(max(parameter.unit(value), 0.0), 1.0)
    except (TypeError, ValueError, OverflowError):
        return math.nan


def _axis(parameter: Parameter) -> Axis:
    if isinstance(parameter, CategoricalParameter):
        size = len(parameter.choices)
        marks = tuple(((i + 0.5) / size, param(choice)) for i, choice in enumerate(parameter.choices))
        return Axis(parameter.name, False, True, marks)
    assert isinstance(parameter, NumberParameter)
    if parameter.low == parameter.high:
        return Axis(parameter.name, False, False, ((0.5, param(parameter.low)),))
    of = Scale(float(parameter.low), float(parameter.high), parameter.log)
    return Axis(parameter.name, parameter.log, False, _marks(of))


def _marks(of: Scale) -> tuple[tuple[float, str], ...]:
    found = [(of.unit(v), param(v)) for v in (*ticks(of, 6), of.low, of.high)]
    return tuple((unit, text) for unit, text in found if unit is not None)


def _heights(trials: Sequence[Trial], ranking: Sequence[Trial], objective: Objective) -> tuple[Floats, Axis]:
    """Losses that exploded lie at the end of the axis, which says so: they would leave no room for the others."""
    values = [t.value for t in ranking if t.value is not None]
    if not values:
        return np.full(len(trials), np.nan), Axis(objective.metric, False, False, ())
    losses = np.array([objective.sign * v for v in values])
    median, reach = float(np.median(losses)), float(np.median(losses) - np.quantile(losses, 0.05))
    worst = min(float(losses[-1]), median + _REACH * reach) if reach > 0 else float(losses[-1])
    ends = sorted((objective.sign * float(losses[0]), objective.sign * worst))
    lowest = min((v for v in values if v > 0), default=math.inf)
    log = objective.direction == "minimize" and wants_log(lowest, *ends)
    of = scale(*ends, log=log)
    cut = worst < float(losses[-1])
    held = {t.number: of.unit(min(max(t.value or 0.0, ends[0]), ends[1])) for t in ranking}
    heights = np.array([held.get(t.number, math.nan) for t in trials], dtype=np.float64)
    marks = [(u, s) for v in ticks(of, 6) if (u := of.unit(v)) is not None for s in [param(v)]]
    if cut:
        edge = of.unit(ends[1] if objective.sign > 0 else ends[0])
        sign = "≥" if objective.sign > 0 else "≤"
        marks.append((edge if edge is not None else 1.0, sign + param(float(f"{objective.sign * worst:.2g}"))))
    return heights, Axis(objective.metric, log, False, tuple(marks))


def _shades(trials: Sequence[Trial], ranking: Sequence[Trial]) -> Ints:
    shade = {}
    for place, trial in enumerate(ranking):
        share = place / len(ranking)
        shade[trial.number] = BEST if share < 0.1 else GOOD if share < 0.25 else LINK if share < 0.5 else MUTED
    ended = {True: BAD, False: FAINT}
    return np.array([shade.get(t.number, ended[t.state.ended]) for t in trials], dtype=np.int64)
