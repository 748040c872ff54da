"""Where the values tried of one parameter lie in its range: a histogram of a few cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from agent.study.nouns import Trial, TrialState
from trainers.dimension import is_number
from trainers.parameters import CategoricalParameter, Parameter


@dataclass(frozen=True)
class Tried:
    """`cells` counts trials from low to high (a cell a choice, for choices), `failed` those of them that failed.
    `below` and `above` count values beyond the range; choices that are none any more are in `above`."""

    cells: tuple[int, ...]
    failed: tuple[int, ...]
    below: int = 0
    above: int = 0
    best: int | None = None  # the cell of the best trial

    @property
    def total(self) -> int:
        return sum(self.cells) + self.below + self.above

    @property
    def failures(self) -> float:
        """The share of the trials inside that failed."""
        inside = sum(self.cells)
        return sum(self.failed) / inside if inside else 0.0


def tried(parameter: Parameter, trials: Sequence[Trial], best: Trial | None, width: int) -> Tried:
    """Over the trials that have a value for the parameter, in at most `width` cells."""
    wide = min(width, int(min(parameter.count(), width)))
    cells, failed = [0] * wide, [0] * wide
    below = above = 0
    marked = None
    for trial in trials:
        if parameter.name not in trial.params:
            continue
        place = _cell(parameter, trial.params[parameter.name], wide)
        if place is None or place >= wide:
            above += 1
        elif place < 0:
            below += 1
        else:
            cells[place] += 1
            failed[place] += trial.state is TrialState.FAILED
            marked = place if best is not None and trial.id == best.id else marked
    return Tried(tuple(cells), tuple(failed), below, above, marked)


def _cell(parameter: Parameter, value: object, wide: int) -> int | None:
    """-1 below the range, `wide` above it; None for what is no value of it at all."""
    if isinstance(parameter, CategoricalParameter):
        if parameter.problem(value) is not None:
            return None
        index = round(parameter.unit(value) * max(len(parameter.choices) - 1, 1))
        return min(index * wide // len(parameter.choices), wide - 1)
    if not is_number(value):
        return None
    unit = parameter.unit(value)
    if unit < -1e-9:
        return -1
    return wide if unit > 1 + 1e-9 else min(max(int(unit * wide), 0), wide - 1)
