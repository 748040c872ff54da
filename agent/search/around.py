"""Choices of which the portfolio says nothing: each is tried once before a model goes on, which would take long to
leave those of the first config."""

from __future__ import annotations

from agent.search.draws import repair, unseen
from agent.search.history import History
from agent.search.start import likely_first
from agent.study.nouns import Draft, Source
from trainers.parameters import CategoricalParameter, Value
from trainers.space import Config

_MOST = 6  # choices: with more of them it would cost more trials than it is worth


def draw(history: History) -> Draft | None:
    """The best config so far with a choice that nobody has tried, of every parameter that has one; None without one."""
    new = {name: left[0] for name in unheard(history) if (left := _untried(history, name))}
    if not new:
        return None
    rng, best = history.rng("around"), history.ranking[0] if history.ranking else None
    base = best.params if best is not None and history.space.allows(best.params) else history.first_config
    every = [{**base, **new}, *({**base, name: choice} for name, choice in new.items())]
    every += [{**history.space.sample(rng), **new} for _ in range(8)]
    made = [repair(history.space, history.space.snap(config), rng) for config in every]
    config = unseen(history, likely_first(history, [c for c in made if _tells(c, new)]))
    if config is None:
        return None
    told = ", ".join(f"{name} = {choice}" for name, choice in new.items() if _is(config, name, choice))
    where = f"the rest as in t{best.number}, the best" if best is not None else "the rest as in the first config"
    text = f"Tries {told} for the first time, of which the portfolio says nothing; {where}, where that goes together."
    return Draft(source=Source.RANDOM, params=config, rationale=text)


def unheard(history: History) -> list[str]:
    """The parameters with a few choices of which no config of the portfolio speaks."""
    silent = [set(s.unheard) for s in history.portfolio]
    names = set.intersection(*silent) if silent else set()
    parameters = history.space.parameters
    return [
        n for n, p in parameters.items() if n in names and isinstance(p, CategoricalParameter) and p.count() <= _MOST
    ]


def _untried(history: History, name: str) -> list[Value]:
    parameter = history.space.parameters[name]
    assert isinstance(parameter, CategoricalParameter)
    known = (*history.pending, *(r.params for r in history.rejections))
    return [
        choice
        for choice in parameter.choices
        if not any(_is(t.params, name, choice) for t in history.trials)
        and not any(_is(config, name, choice) for config in known)
    ]


def _tells(config: Config, new: Config) -> bool:
    return any(_is(config, name, choice) for name, choice in new.items())


def _is(config: Config, name: str, choice: Value) -> bool:
    """Whether it is that very choice: True is not 1."""
    return name in config and config[name] == choice and type(config[name]) is type(choice)
