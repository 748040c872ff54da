"""Portfolios and spaces for tests."""

from __future__ import annotations

from agent.lessons.families import families
from agent.lessons.lesson import Conditions, GoodConfig, Lesson, LessonEvidence, LessonSource, Portfolio
from agent.search.portfolio.suggest import suggested
from agent.study.suggested import Suggested
from trainers.space import CategoricalParameter, Config, FloatParameter, IntParameter, Parameter, SearchSpace

NETWORK = (
    FloatParameter(name="lr", low=1e-5, high=1.0, log=True),
    FloatParameter(name="alpha", low=1e-8, high=1.0, log=True),
    IntParameter(name="batch_size", low=4, high=256, log=True),
    IntParameter(name="width", low=16, high=1024, log=True),
    IntParameter(name="depth", low=1, high=3),
)
GOOD: tuple[Config, ...] = (
    {"lr": 5e-4, "alpha": 1e-5, "batch_size": 64, "width": 256, "depth": 2},
    {"lr": 6e-3, "alpha": 2e-3, "batch_size": 101, "width": 101, "depth": 3},
    {"lr": 4e-5, "alpha": 3e-4, "batch_size": 6, "width": 645, "depth": 1},
)
FOREST = (
    IntParameter(name="n_estimators", low=50, high=500),
    FloatParameter(name="max_features", low=0.01, high=0.99),
    IntParameter(name="min_samples_leaf", low=1, high=50, log=True),
)


def portfolio(
    parameters: tuple[Parameter, ...] = NETWORK,
    good: tuple[Config, ...] = GOOD,
    words: str = "mlp tabular",
    *,
    uid: str = "shipped:portfolio-test",
    weights: dict[str, float] | None = None,
    **more: object,
) -> Lesson:
    told = tuple(GoodConfig(params=config, told=f"number {n} of the cover") for n, config in enumerate(good, start=1))
    held = Conditions(
        families=tuple(sorted(families(words, [p.name for p in parameters]))),
        parameters={p.name: p.to_dict() for p in parameters},
        **more,  # type: ignore[arg-type]
    )
    kept = Portfolio(configs=told, weights=weights or {})
    return Lesson(uid=uid, text=f"Begin with {uid}.", source=LessonSource.SHIPPED, conditions=held, portfolio=kept)


def of_study(lesson: Lesson, name: str = "earlier") -> Lesson:
    """The same as a study of the person's own would have taught it."""
    from dataclasses import replace

    return replace(lesson, source=LessonSource.RULES, evidence=(LessonEvidence(study=name, key=name),))


def conditions(space: SearchSpace, words: str = "mlp", **more: object) -> Conditions:
    return Conditions(
        families=tuple(sorted(families(words, space.parameters))),
        parameters=space.to_dict()["parameters"],
        **more,  # type: ignore[arg-type]
    )


def ask(
    *parameters: Parameter,
    lessons: tuple[Lesson, ...] | None = None,
    words: str = "mlp",
    constraints: tuple[str, ...] = (),
) -> tuple[Suggested, ...]:
    """What a study of these parameters begins with after its default."""
    space = SearchSpace(parameters, constraints)
    given = (portfolio(),) if lessons is None else lessons
    return suggested(space, space.default(), conditions(space, words), given)


def floating(name: str, low: float, high: float, *, log: bool = False, **more: object) -> Parameter:
    return FloatParameter(name=name, low=low, high=high, log=log, **more)  # type: ignore[arg-type]


def whole(name: str, low: int, high: int, *, log: bool = False, **more: object) -> Parameter:
    return IntParameter(name=name, low=low, high=high, log=log, **more)  # type: ignore[arg-type]


def one_of(name: str, *choices: object, **more: object) -> Parameter:
    return CategoricalParameter(name=name, choices=choices, **more)  # type: ignore[arg-type]
