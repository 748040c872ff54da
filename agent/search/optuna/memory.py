"""What one sampler keeps of one study, so that a long one is not read anew for each proposal. All of it can be lost:
it is worked out again from the trials."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from optuna.storages import BaseStorage
from optuna.trial import FrozenTrial

from agent.search.optuna.inference import Inference
from agent.search.optuna.translation import Translation
from agent.search.optuna.trials import Others, converted
from agent.study.nouns import Trial


@dataclass
class Memory:
    """`inference` has been told the ended trials; `_trials` are theirs in terms of the translation last asked for."""

    inference: Inference = field(default_factory=Inference)
    seed: int | None = None
    warned: bool = False  # of defaults that the first trial did not ask for
    _told: set[int] = field(default_factory=set)
    _shape: object = None
    _trials: dict[int, Trial] = field(default_factory=dict)

    def tell(self, every: Sequence[FrozenTrial]) -> None:
        for trial in every:
            if trial.state.is_finished() and trial.number not in self._told:
                self._told.add(trial.number)
                self.inference.tell(trial)

    def trials(
        self, every: Sequence[FrozenTrial], translation: Translation, sign: float, asking: int
    ) -> tuple[Trial, ...]:
        """All of `every` but the one that is `asking`, by number."""
        shape = (translation.distributions, translation.space)
        if self._shape != shape:
            self._shape, self._trials = shape, {}
        found, others = [], Others(every)
        for frozen in every:
            if frozen.number == asking:
                continue
            trial = self._trials.get(frozen.number)
            if trial is None:
                trial = converted(frozen, translation, sign, others)
                if frozen.state.is_finished():
                    self._trials[frozen.number] = trial
            found.append(trial)
        return tuple(found)


class Memories:
    """By storage and study. A copy of a sampler in another process starts without them."""

    def __init__(self) -> None:
        self._by_storage: WeakKeyDictionary[BaseStorage, dict[int, Memory]] = WeakKeyDictionary()

    def of(self, storage: BaseStorage, study_id: int) -> Memory:
        return self._by_storage.setdefault(storage, {}).setdefault(study_id, Memory())
