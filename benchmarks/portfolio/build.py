"""Builds the portfolio of a family, with or without a data set that is to judge it."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from agent.lessons.families import families as families_of
from agent.lessons.lesson import Conditions, GoodConfig, Lesson, LessonSource, Portfolio
from agent.search.portfolio import LENGTH
from agent.search.portfolio.suggest import suggested
from agent.study.aliases import common
from agent.study.suggested import Suggested
from benchmarks.portfolio.cover import Floats, eccentricity, greedy, influence, places, regrets, steadied
from benchmarks.portfolio.families import FAMILIES
from benchmarks.portfolio.tables import Table, tables
from trainers.space import Config, SearchSpace

_CLOSE = (0.01, 0.02, 0.05, 0.1, 0.2)  # of the way from the best config to the worst that is no outlier
_HALF = 0.5
KEPT = 10  # configs of a portfolio: some will not fit a study's space
_FEW = 5  # configs of which the text speaks


def build(over: Sequence[Table], leave_out: Collection[str] = (), most: int = KEPT) -> Lesson | None:
    """The portfolio of one family's tables as a lesson. `leave_out` names data sets, tables or the whole family; None
    where nothing is left to build it from."""
    over = [t for t in over if not {t.data, t.name, t.family} & set(leave_out)]
    if not over:
        return None
    family = FAMILIES[over[0].family]
    configs = over[0].configs
    regrets_TC = np.array([regrets(table.losses) for table in over])
    places_CD = places(family.space, configs)
    chosen = greedy(steadied(regrets_TC, places_CD), eccentricity(places_CD), most)
    weights = dict(zip(family.space.parameters, influence(regrets_TC, places_CD).tolist(), strict=True))
    kept = [GoodConfig(params={**configs[i], **family.fixed}, told=_told(regrets_TC, i, family.model)) for i in chosen]
    return Lesson(
        uid=f"shipped:portfolio-{over[0].family}",
        text=_text(family.model, kept, regrets_TC[:, chosen], over),
        source=LessonSource.SHIPPED,
        subjects=tuple(common(name) for name in sorted(weights, key=lambda n: -weights[n])[:3]),
        conditions=Conditions(
            trainer=family.trainer, task=family.task, families=tuple(sorted(family.kinds)), parameters=family.told
        ),
        portfolio=Portfolio(configs=tuple(kept), weights={name: round(w, 2) for name, w in weights.items()}),
        confidence=0.7,
        citation=family.citation,
        tags=("portfolio", "first configs"),
    )


def without(
    task: str, space: SearchSpace, first: Config, *, families: Collection[str] = (), most: int = LENGTH
) -> tuple[Suggested, ...]:
    """What a study of `space` on `task` (`hpobench/car`) would begin with, had Tunewright never seen that data: every
    portfolio is built without it, and without any of `families`."""
    group, data = task.split("/")
    built = (build(tables(name), leave_out=(data, *families)) for name in FAMILIES)
    mine = Conditions(families=_kinds(group, data, space), parameters=space.to_dict()["parameters"])
    return suggested(space, first, mine, (lesson for lesson in built if lesson is not None), most)


def _kinds(group: str, data: str, space: SearchSpace) -> tuple[str, ...]:
    """Of a published table what it is of, of others (`live/svm-wine`) what the name and the parameters say."""
    family = group.split("-")[0]
    known = FAMILIES[family].kinds if family in FAMILIES else families_of(data, space.parameters)
    return tuple(sorted(known))


def _text(model: str, kept: Sequence[GoodConfig], regrets_TK: Floats, over: Sequence[Table]) -> str:
    """What the first config is, and how far one comes with the first few."""
    values = ", ".join(f"{name} {_short(kept[0].params[name])}" for name in FAMILIES[over[0].family].space.parameters)
    text = f"Start {model} with {values}: {kept[0].told.split(', ')[0]}."
    if len(kept) == 1:
        return text
    few = min(_FEW, len(kept))
    best_T = regrets_TK[:, :few].min(axis=1)
    close = next((x for x in _CLOSE if (best_T <= x).sum() >= 0.75 * len(best_T)), _CLOSE[-1])
    count = int((best_T <= close).sum())
    return f"{text} The best of the first {few} of its configs came within {close:.0%} on {count} of {len(over)}."


def _short(value: object) -> str:
    return f"{value:.2g}" if isinstance(value, float) else str(value)


def _told(regrets_TC: Floats, config: int, model: str) -> str:
    """`within 5% of the best on 6 of 8 data sets, an MLP`: for the closest that holds on half of them."""
    total, tried = regrets_TC.shape
    counts = [(close, int((regrets_TC[:, config] <= close).sum())) for close in _CLOSE]
    close, count = next(((x, n) for x, n in counts if n >= _HALF * total), counts[-1])
    if total == 1 and count:
        return f"within {close:.0%} of the best of {tried} configs, {model}"
    if not count:
        return f"completes the configs before it on {total} data sets, {model}"
    return f"within {close:.0%} of the best on {count} of {total} data sets, {model}"
