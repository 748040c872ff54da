"""Which parameters the values depend on, beyond chance.

Forward selection with permutation tests: the parameter that explains the scores best is kept if chance hardly ever
does as well, what it explains is taken away, and the rest is looked at again. So a parameter that only moved along
with an important one, as they do under an optimiser that closes in on a place, is not taken for another. The order
of the trials runs along from the second round on, as a parameter that is never reported: values that merely got better
with time are not put down to whatever else drifted. Holm's correction over the parameters that are left.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from agent.importance import ENOUGH
from agent.importance.encode import column, scores
from agent.study.nouns import Trial
from trainers.contract import Objective
from trainers.parameters import CategoricalParameter, Parameter
from trainers.space import SearchSpace

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

LEVEL = 0.03  # of a wrong claim in a study
_SHUFFLES = 1999
_CUBIC_FROM = 24  # trials; below, a parabola
_TIME = ""  # the name under which the order of the trials runs along


@dataclass(frozen=True)
class Driver:
    """A parameter that matters. `rest` are the scores with all stronger parameters taken away, shape (n,), its own
    effect still in them; `place` its column (nan where it does not apply)."""

    name: str
    p: float
    place: Floats
    rest: Floats


@dataclass(frozen=True)
class Found:
    """`drivers` the strongest first; `others` the p of every other parameter once the drivers are taken away, and
    `places` all columns."""

    drivers: list[Driver]
    others: dict[str, float]
    places: dict[str, Floats]


def drivers(trials: Sequence[Trial], space: SearchSpace, objective: Objective) -> Found:
    places = {p.name: column(trials, p) for p in space.parameters.values()}
    tested = {name: place for name, place in places.items() if _varies(place)}
    rest, found = scores(trials, objective), []
    shuffles = _shuffles(len(trials))
    while True:
        chances = {name: _chance(rest, place, _kind(space, name), shuffles) for name, place in tested.items()}
        name = min(chances, key=lambda n: chances[n]) if chances else _TIME
        if not chances or chances[name][0] * len(chances) > LEVEL:
            break
        place = tested.pop(name)
        if name != _TIME:
            found.append(Driver(name, chances[name][0], place, rest))
            if len(found) == 1:
                tested[_TIME] = np.linspace(0.0, 1.0, len(trials))
        rest = rest - (_trend(rest, place) if name == _TIME else _explained(rest, place, _kind(space, name)))
    return Found(found, {name: p for name, (p, _) in chances.items() if name != _TIME}, places)


def _varies(place: Floats) -> bool:
    applies = place[~np.isnan(place)]
    return len(applies) >= ENOUGH and len(set(applies)) > 1


def _kind(space: SearchSpace, name: str) -> type[Parameter] | None:
    return type(space.parameters[name]) if name in space.parameters else None


def _shuffles(n: int) -> NDArray[np.int64]:
    """Orders of `n` trials, the real one first, shape (_SHUFFLES + 1, n); the same in every run."""
    rng = np.random.default_rng(0)
    return np.stack([np.arange(n), *(rng.permutation(n) for _ in range(_SHUFFLES))])


def _chance(
    rest: Floats, place: Floats, kind: type[Parameter] | None, shuffles: NDArray[np.int64]
) -> tuple[float, float]:
    """How often a shuffled order is explained as well, and minus by how many deviations the real one beats them:
    among parameters that no shuffle matched, the strongest comes first."""
    applies = ~np.isnan(place)
    held = rest[applies]
    if applies.all():
        values = held[shuffles]
    else:
        values = np.stack([held, *np.random.default_rng(0).permuted(np.tile(held, (_SHUFFLES, 1)), axis=1)])
    q = basis(place[applies], kind)
    explained = (((values - held.mean()) @ q) ** 2).sum(axis=1)
    by_chance = explained[1:]
    p = (1 + int((by_chance >= explained[0] - 1e-9).sum())) / len(explained)
    return p, -float((explained[0] - by_chance.mean()) / (by_chance.std() or 1.0))


def basis(place: Floats, kind: type[Parameter] | None) -> Floats:
    """Orthonormal columns that a smooth effect of the parameter lies in, shape (n, degree); a column a choice."""
    if kind is CategoricalParameter:
        columns = [place == choice for choice in sorted(set(place))[1:]]
    else:
        columns = [place**k for k in range(1, degree(len(place)) + 1)]
    raw = np.stack(columns, axis=1).astype(np.float64)
    q, r = np.linalg.qr(raw - raw.mean(axis=0))
    return np.asarray(q[:, np.abs(np.diag(r)) > 1e-9], dtype=np.float64)


def degree(n: int) -> int:
    return 2 if n < _CUBIC_FROM else 3


def _explained(rest: Floats, place: Floats, kind: type[Parameter] | None) -> Floats:
    """What the parameter explains of `rest`: the means of neighbours, four to a group, as a curve of few degrees
    would leave a remainder of a steep one that others could be taken for."""
    out = np.zeros_like(rest)
    for group in _groups(place, kind):
        out[group] = rest[group].mean()
    return out


def _trend(rest: Floats, time: Floats) -> Floats:
    """Smooth, unlike what a parameter explains: groups of neighbours in time are neighbours in all that the optimiser
    has settled, and would take every other effect along."""
    q = basis(time, None)
    return np.asarray(q @ (q.T @ (rest - rest.mean())), dtype=np.float64)


def _groups(place: Floats, kind: type[Parameter] | None) -> Iterator[NDArray[np.bool_]]:
    applies = ~np.isnan(place)
    if kind is CategoricalParameter:
        labels = place
    else:
        count = max(3, int(applies.sum()) // 4)
        edges = np.unique(np.quantile(place[applies], np.linspace(0, 1, count + 1)[1:-1]))
        labels = np.where(applies, np.searchsorted(edges, place, side="right"), np.nan)
    for label in set(labels[applies]):
        yield labels == label
    if not applies.all():
        yield ~applies
