"""Ways to draw a config, whoever asks: evenly, at random, nearby, repaired, and never twice."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Any

from agent.search.finite import untried
from agent.search.history import History
from trainers.dimension import ENUMERABLE, is_number
from trainers.parameters import CategoricalParameter, FloatParameter, Parameter, Value
from trainers.space import Config, SearchSpace

PATIENCE = 400  # candidates looked at instead of one a person has objected to
_RESOLUTION = 5e-4  # of a parameter's range: no training run can tell values closer than that apart

# -- one config -----------------------------------------------------------------


def settle(space: SearchSpace, config: Mapping[str, Any], *, exactly: bool = False) -> Config | None:
    """`config` in canonical form, its numbers shortened unless `exactly`; None when it does not fit."""
    if not space.allows(config):
        return None
    canonical = space.canonical(config)
    short = {name: _shorten(space.parameters[name], value) for name, value in canonical.items()}
    return canonical if exactly or not space.allows(short) else short


def _shorten(parameter: Parameter, value: Any) -> Any:
    """The number with the fewest digits within 1/2000 of the range: 3.2e-4 for 0.000319874.

    Easier to read, and the same on two machines whose BLAS differ in the last bits.
    """
    if not _is_fine(parameter):
        return value
    assert isinstance(parameter, FloatParameter)
    for digits in range(2, 12):
        short = float(f"{value:.{digits}g}")
        inside = parameter.low <= short <= parameter.high
        if inside and abs(parameter.unit(short) - parameter.unit(value)) <= _RESOLUTION:
            return short
    return value


def repair(space: SearchSpace, config: Mapping[str, Any], rng: random.Random) -> Config:
    """`config` itself when it meets the constraints, else the nearest found that does.

    First only the parameters named in broken constraints are redrawn, so that the rest of what
    a model chose survives; only if that finds nothing are whole configs drawn.
    """
    if space.allows(config):
        return dict(config)
    broken = {
        name
        for constraint in space.constraints
        if constraint.names <= config.keys() and not constraint.holds(config)
        for name in constraint.names
    }
    redrawn = (
        space.snap({**config, **{name: space.parameters[name].sample(rng) for name in sorted(broken)}})
        for _ in range(64 if broken else 0)
    )
    valid = [c for c in redrawn if space.allows(c)] or [space.sample(rng) for _ in range(8)]
    return min(valid, key=lambda other: space.distance(config, other))


def at(parameter: Parameter, quantile: float) -> Value:
    """The value below which a share `quantile` (0 to 1) of the parameter's uniform draws lies."""
    if isinstance(parameter, CategoricalParameter):
        return parameter.choices[min(int(quantile * len(parameter.choices)), len(parameter.choices) - 1)]
    return parameter.sample(_Quantile(quantile))


class _Quantile(random.Random):
    """A generator that always gives the same number, to read off what a parameter makes of it."""

    def __init__(self, number: float) -> None:
        super().__init__(0)
        self._number = number

    def random(self) -> float:
        return self._number


# -- many configs ---------------------------------------------------------------


def even(space: SearchSpace, seed: int, index: int) -> Config:
    """Point `index` of a scrambled Sobol sequence over the space; it may break constraints."""
    from scipy.stats import qmc

    sequence = qmc.Sobol(max(len(space), 1), scramble=True, seed=seed)
    if index:  # SciPy cannot skip nothing
        sequence.fast_forward(index)
    point = sequence.random(1)[0]
    return space.active({p.name: at(p, float(u)) for p, u in zip(space.parameters.values(), point, strict=False)})


def anything(history: History, rng: random.Random) -> Iterator[Config]:
    """Uniform draws, and when those keep repeating, everything not yet tried, in random order."""
    yield from (history.space.sample(rng) for _ in range(64))
    rest = untried(history, ENUMERABLE)
    if rest is None:
        yield from (history.space.sample(rng) for _ in range(1_000))
    else:
        rng.shuffle(rest)
        yield from rest


def unseen(
    history: History, candidates: Iterable[Config], *, strictly: bool = False, converging: bool = False
) -> Config | None:
    """The first of `candidates` that fits the space, and memory as far as is known, and was never proposed, nor what
    no run can tell from it, settled; None without one.

    What a person has objected to is passed over as likely as the objection still counts; where nothing else turns up
    among the next PATIENCE candidates, it is taken nevertheless. So is what can hardly be told from one proposed
    before, unless `strictly`: a small space is full of it one day. `converging` takes it at once, for a search that
    knows by how close its configs come that it has converged.
    """
    rng, passed, close, left = history.rng("objections"), None, None, PATIENCE
    for candidate in candidates:
        if passed is not None or close is not None:
            left -= 1
            if not left:
                break
        for config in (settle(history.space, candidate), settle(history.space, candidate, exactly=True)):
            if config is None or history.seen(config) or history.beyond(config) is not None:
                continue
            if not converging and _known(history, config):
                close = close or config
                continue
            weight = max((o.weight for o in history.objections if o.meets(history.space, config)), default=0.0)
            if not weight or rng.random() >= weight:
                return config
            passed = passed or config
            break
    return passed or (None if strictly else close)


def _known(history: History, config: Config) -> bool:
    """Whether one that was run, waits or was rejected lies within _RESOLUTION of every range of `config`, which was not
    seen itself."""
    ends = {n: _ends(p, v) for n, v in config.items() if _is_fine(p := history.space.parameters[n])}
    if not ends:
        return False
    name, (low, high) = next(iter(ends.items()))  # comparing one number leaves few of ten thousand to look at
    earlier = chain((t.params for t in history.trials), history.pending, (r.params for r in history.rejections))
    near = (o for o in earlier if type(v := o.get(name)) in (float, int) and low <= v <= high)  # type: ignore[operator]
    return any(_alike(config, other, ends) for other in near)


def _alike(config: Config, other: Config, ends: Mapping[str, tuple[float, float]]) -> bool:
    if config.keys() != other.keys():
        return False
    return all(_within(other[n], ends[n]) if n in ends else other[n] == value for n, value in config.items())


def _within(value: Any, ends: tuple[float, float]) -> bool:
    return is_number(value) and bool(ends[0] <= value <= ends[1])


def _is_fine(parameter: Parameter) -> bool:
    """Whether its values can lie closer than any run can tell apart: not those of integers and grids."""
    return isinstance(parameter, FloatParameter) and parameter.step is None


def _ends(parameter: Parameter, value: Any) -> tuple[float, float]:
    """The values that lie _RESOLUTION of the range below and above."""
    assert isinstance(parameter, FloatParameter)
    if parameter.log:
        factor = (parameter.high / parameter.low) ** _RESOLUTION
        return value / factor, value * factor
    width = _RESOLUTION * (parameter.high - parameter.low)
    return value - width, value + width


def neighbours(space: SearchSpace, config: Config, rng: random.Random, count: int) -> Iterator[Config]:
    """Configs that differ from `config` in one or two parameters, a little or a lot; they may break constraints."""
    names = list(config)
    for _ in range(count if names else 0):
        changed = dict(config)
        for name in rng.sample(names, min(len(names), rng.choice((1, 2)))):
            changed[name] = _nudge(space.parameters[name], config[name], rng)
        yield space.snap(changed)


def _nudge(parameter: Parameter, value: Any, rng: random.Random) -> Value:
    if isinstance(parameter, CategoricalParameter):
        return parameter.sample(rng)
    quantile = parameter.unit(value) + rng.gauss(0, rng.choice((0.02, 0.1, 0.3)))
    return at(parameter, min(max(quantile, 0.0), 1.0))
