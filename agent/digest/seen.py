"""What a digest is made of, read from the store once."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from agent.store import diagnoses, narratives, proposals, trials
from agent.store.connection import Store
from agent.store.studies import Study
from agent.study.nouns import Decision, Diagnosis, Narrative, Proposal, Trial, TrialState
from agent.study.repeats import merged, ranked
from agent.study.spec import StudySpec
from trainers.contract import Objective
from trainers.space import SearchSpace


@dataclass(frozen=True)
class Seen:
    """A study as it stood at one moment. Trials and proposals in order of number; the rest by id."""

    store: Store
    study: Study
    trials: Sequence[Trial]
    proposals: Sequence[Proposal]
    decisions: Mapping[int, Decision]  # a person's, by proposal id
    diagnoses: Mapping[int, Diagnosis]
    narratives: Mapping[int, Narrative]

    @property
    def spec(self) -> StudySpec:
        return self.study.spec

    @property
    def space(self) -> SearchSpace:
        return self.spec.space

    @property
    def objective(self) -> Objective:
        return self.spec.objective

    @cached_property
    def ranking(self) -> tuple[Trial, ...]:
        """Configs with a value, each as one trial with the mean of its runs, the best first; those that were pruned
        last."""
        done = ranked(self.trials, self.objective)
        pruned = [t for t in merged(self.trials) if t.state is TrialState.PRUNED and self.value(t) is not None]
        return (*done, *sorted(pruned, key=lambda t: (self.objective.sign * (t.value or 0.0), t.number)))

    @cached_property
    def best(self) -> Trial | None:
        return self.ranking[0] if self.ranking else None

    @staticmethod
    def value(trial: Trial) -> float | None:
        """The value of a trial that came to an end with a finite one."""
        ended = trial.state in (TrialState.COMPLETED, TrialState.PRUNED)
        return trial.value if ended and trial.value is not None and math.isfinite(trial.value) else None

    def verdict(self, trial: Trial) -> str:
        """What its diagnosis calls it; empty for a healthy trial and for one not diagnosed."""
        found = self.diagnoses.get(trial.id)
        return "" if found is None or found.healthy else found.verdict

    def expected(self, trial: Trial) -> tuple[float, float] | None:
        """The interval its proposal gave; None once the person had edited it."""
        proposal = self._by_id.get(trial.proposal_id)
        return proposal.expected if proposal is not None and proposal.params == trial.params else None

    def proposal(self, trial: Trial) -> Proposal | None:
        return self._by_id.get(trial.proposal_id)

    @cached_property
    def _by_id(self) -> dict[int, Proposal]:
        return {p.id: p for p in self.proposals}


def see(store: Store, study: Study) -> Seen:
    return Seen(
        store,
        study,
        trials.all_trials(store, study.id),
        proposals.all_of(store, study.id),
        {d.proposal_id: d for d in proposals.decisions(store, study.id, actor="person")},
        diagnoses.all_of(store, study.id),
        narratives.all_of(store, study.id),
    )
