"""Gaussian process search: the config with the highest expected improvement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain

from agent.search import start, tpe
from agent.search.draws import anything, neighbours, repair, unseen
from agent.search.explain import explained
from agent.search.finite import untried
from agent.search.history import History
from agent.search.model import Acquisition, Feasibility, Surrogate
from agent.search.prior import Held, drawn, held, lean
from agent.study.nouns import Draft, Source
from trainers.space import Config

LIKELY = 0.5  # a config less likely to run is proposed only when there is no other
_POOL = 256  # configs compared beside the local search's optimum
_AROUND = 4  # of the best trials


@dataclass(frozen=True)
class Look:
    """What the model makes of the configs that could be next: `ranked`, the most promising first."""

    surrogate: Surrogate
    feasibility: Feasibility
    acquisition: Acquisition
    ranked: Sequence[Config]


def draw(history: History) -> Draft | None:
    """One config by log expected improvement; TPE's where the space has conditions, which a GP over a
    fixed rectangle cannot express."""
    if start.starting(history):
        return start.draw(history)
    if history.conditional:
        return tpe.draw(history, "TPE in place of the GP, because the space has conditions.")
    return of_look(history, look(history))


def of_look(history: History, seen: Look) -> Draft | None:
    """The most promising config that was not tried."""
    config = chosen(history, seen)
    if config is None:
        return None
    head = f"GP over {len(seen.surrogate.trials)} completed trials."
    return explained(history, config, Source.GP, head, seen.surrogate)


def chosen(history: History, seen: Look) -> Config | None:
    return unseen(history, chain(seen.ranked, anything(history, history.rng("gp"))))


def look(history: History, also: Sequence[Config] = ()) -> Look:
    """Fits the model (at least two trials must have completed) and compares a pool of configs, `also` among them."""
    surrogate, feasibility = Surrogate(history), Feasibility(history)
    beliefs = held(history)
    prior = partial(lean, history, beliefs) if beliefs else None
    acquisition = Acquisition(surrogate, feasibility, history.waiting, history.rng("gp").getrandbits(30), prior)
    also = [*also, *_hinted(history, beliefs)]
    pool = untried(history) or [c for c in (*_pool(history, acquisition), *also) if history.beyond(c) is None]
    return Look(surrogate, feasibility, acquisition, _ranked(pool, acquisition, feasibility))


def _hinted(history: History, beliefs: Sequence[Held]) -> list[Config]:
    """Configs where the person expects good ones, which local search does not look for."""
    rng = history.rng("hints")
    found = [drawn(history, beliefs, history.space.sample(rng), rng) for _ in range(_POOL // 4 if beliefs else 0)]
    if found and history.ranking:
        found += [drawn(history, beliefs, t.params, rng) for t in history.ranking[:_AROUND] for _ in range(4)]
    return [config for config in found if history.space.allows(config)]


def _pool(history: History, acquisition: Acquisition) -> list[Config]:
    """The optimum that local search finds and valid configs beside it, so that a constraint or a repeat
    costs a little value and not the turn. Over conditions there is no rectangle to search."""
    rng, space = history.rng("pool"), history.space
    pool = [] if history.conditional else [repair(space, acquisition.maximum(rng.getrandbits(30)), rng)]
    pool += (space.sample(rng) for _ in range(_POOL))
    for trial in history.ranking[:_AROUND]:
        if space.allows(trial.params):
            pool += neighbours(space, trial.params, rng, _POOL // 8)
    return pool


def _ranked(pool: list[Config], acquisition: Acquisition, feasibility: Feasibility) -> list[Config]:
    """`pool` by acquisition value, what probably fails behind the rest. Near the edge of what runs the
    product of improvement and probability alone keeps betting on long shots."""
    if not pool:  # nothing of it would fit memory
        return []
    values, chances = acquisition(pool), feasibility.probability(pool)
    order = sorted(range(len(pool)), key=lambda i: (-min(float(chances[i]), LIKELY), -float(values[i]), i))
    return [pool[i] for i in order]
