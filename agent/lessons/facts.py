"""What a study shows, worked out once: for the lessons it teaches and for those it is held against."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from agent.importance import ENOUGH, Effect, effects
from agent.lessons.conditions import conditions, key_of
from agent.lessons.lesson import Conditions
from agent.lessons.regions import Region, judged, regions
from agent.lessons.remedies import Remedy, remedies
from agent.store import diagnoses, trials
from agent.store.connection import Store
from agent.store.studies import Study
from agent.study.aliases import common
from agent.study.noise import Noise, noise
from agent.study.nouns import Diagnosis, Source, Trial, TrialState
from agent.study.repeats import merged, ranked
from trainers.contract import Objective


@dataclass(frozen=True)
class Facts:
    """Trials in order of number, diagnoses by trial id. `held` are the study's conditions."""

    study: Study
    trials: Sequence[Trial]
    diagnoses: Mapping[int, Diagnosis]
    held: Conditions

    @property
    def objective(self) -> Objective:
        return self.study.spec.objective

    @property
    def key(self) -> str:
        return key_of(self.study)

    @cached_property
    def completed(self) -> list[Trial]:
        """Configs with a finite value, each as one trial with the mean of its runs, by number."""
        done = (t for t in merged(self.trials) if t.state is TrialState.COMPLETED)
        return [t for t in done if t.value is not None and math.isfinite(t.value)]

    @cached_property
    def ranking(self) -> list[Trial]:
        """The same, best first."""
        return ranked(self.completed, self.objective)

    @cached_property
    def effects(self) -> list[Effect]:
        return effects(self.trials, self.study.spec.space, self.objective)

    @cached_property
    def by_name(self) -> Mapping[str, Effect]:
        """Effects by the common name of their parameter."""
        return {common(effect.parameter): effect for effect in self.effects}

    @cached_property
    def regions(self) -> list[Region]:
        return regions(self.trials, self.diagnoses, self.study.spec.space)

    @cached_property
    def judged(self) -> list[tuple[Trial, str]]:
        """Trials that went well, or wrong by their config; each with what went wrong, or nothing."""
        return judged(self.trials, self.diagnoses)

    @cached_property
    def noise(self) -> Noise:
        return noise(self.trials, self.study.spec.space, self.objective)

    @cached_property
    def remedies(self) -> list[Remedy]:
        return remedies(self.trials, self.diagnoses, self.objective, self.noise)

    @property
    def indifferent(self) -> bool:
        """Whether enough configs were tried and all came to the same value."""
        values = [t.value or 0.0 for t in self.completed]
        scale = max((abs(v) for v in values), default=0.0)
        return len(values) >= ENOUGH and max(values) - min(values) <= 1e-6 * max(scale, 1e-12)

    @property
    def first(self) -> Trial | None:
        """The trial of the study's default config, if it came to a value."""
        return next((t for t in self.completed if t.source is Source.DEFAULT), None)


def facts(store: Store, study: Study) -> Facts:
    return Facts(study, trials.all_trials(store, study.id), diagnoses.all_of(store, study.id), conditions(study))
