"""Which configs that did well elsewhere a search is told of, never from the data set it is judged on."""

from __future__ import annotations

from agent.study.suggested import Suggested
from benchmarks.portfolio.build import without
from benchmarks.search.searches import PortfolioFor
from benchmarks.search.task import Task


def _others(task: Task) -> tuple[Suggested, ...]:
    """From every other data set."""
    return without(task.name, task.space, task.default)


def _other_families(task: Task) -> tuple[Suggested, ...]:
    """From other models on other data: what there is to say where the study's own kind was never seen."""
    group, name = task.name.split("/")
    own = {group.split("-")[0], name.split("-")[0]}  # hpobench-oom/car is of hpobench, live/svm-wine of svm
    return without(task.name, task.space, task.default, families=own)


PORTFOLIOS: dict[str, PortfolioFor] = {"portfolio": _others, "foreign": _other_families}
