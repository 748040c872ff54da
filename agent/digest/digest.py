"""A study in bounded words, for prompts: the same store gives the same digest.

Every list in it has a limit, so that a thousandth trial adds hardly a token; what is left out was chosen by what
it would tell. What comes from logs, scripts, people or models is in fields of its own, which templates fence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agent import calibration, summary
from agent.digest import analyses, effects, people, space, standing
from agent.digest.rows import Table, table
from agent.digest.seen import Seen, see
from agent.digest.task import Task, task
from agent.digest.text import fold, shorten
from agent.digest.troubles import Trouble, troubles
from agent.importance import importances
from agent.store.connection import Store
from agent.store.studies import Study
from agent.study.noise import noise
from agent.study.nouns import Source

_LESSONS, _LESSON = 8, 700  # how many, and characters of each


@dataclass(frozen=True, kw_only=True)
class Digest:
    """Lines and phrases, in the order in which a reader wants them. Those marked with ! hold text of others."""

    study: str
    task: Task  # ! about, description
    parameters: Sequence[str]
    constraints: Sequence[str]
    objective: Mapping[str, str]  # metric, direction, verb, better, at
    noise: str
    budget: Sequence[str]
    counts: str
    best: str
    table: Table
    waiting: Sequence[str]
    troubles: Sequence[Trouble]  # ! message
    effects: Sequence[str]
    curves: Sequence[str]
    analyses: Sequence[str]  # !
    decisions: Sequence[str]  # !
    said: Sequence[str]  # !
    rationales: Sequence[str]  # !
    calibration: str
    advice: str
    lessons: Sequence[str]  # !

    def context(self) -> dict[str, Any]:
        """Its fields by name, as templates are given them."""
        return dict(vars(self))


def digest(store: Store, study: Study, lessons: Sequence[str] = ()) -> Digest:
    """`study` as it stands; `lessons` as texts, the most fitting first."""
    seen = see(store, study)
    shares = importances(seen.trials, seen.space, seen.objective)
    return Digest(
        study=study.name,
        task=task(study),
        parameters=space.parameters(seen.space),
        constraints=[*space.constraints(seen.space), *space.learnt(seen)],
        objective=_objective(seen),
        noise=standing.noise_words(seen, noise(seen.trials, seen.space, seen.objective)),
        budget=standing.budget(seen),
        counts=standing.counts(seen),
        best=standing.best_words(seen),
        table=table(seen, sorted(shares, key=lambda n: -shares[n]) or list(seen.space.parameters)),
        waiting=standing.waiting(seen),
        troubles=troubles(seen),
        effects=effects.effects(seen, shares),
        curves=analyses.curves(seen),
        analyses=analyses.analyses(seen),
        decisions=people.decisions(seen),
        said=people.said(seen),
        rationales=analyses.rationales(seen),
        calibration=_calibration(seen),
        advice=summary.advice(seen.trials, seen.objective, seen.space),
        lessons=[shorten(text, _LESSON) for text in fold(lessons)[:_LESSONS]],
    )


def _calibration(seen: Seen) -> str:
    """How the model's own predictions fared."""
    found = calibration.calibrations(seen.proposals, seen.trials).get(Source.LLM)
    return "" if found is None else calibration.sentence(found)


def _objective(seen: Seen) -> Mapping[str, str]:
    small = seen.objective.direction == "minimize"
    return {
        "metric": seen.objective.metric,
        "direction": seen.objective.direction,
        "verb": "minimise" if small else "maximise",
        "better": "lower" if small else "higher",
        "at": "the best value it reports" if seen.objective.at == "best" else "the last value it reports",
    }
