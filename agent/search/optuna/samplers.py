"""A search of ours as an Optuna sampler.

Optuna asks a sampler for the parameters it knows to belong together (`sample_relative`), once a trial, and for others
one by one as the objective asks for them (`sample_independent`). Here the first are whatever the study's trials, or the
`space` that was given, say of the space; the second what is new, or depends on what cannot be told.
"""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypedDict, Unpack

from optuna.distributions import BaseDistribution
from optuna.samplers import BaseSampler, TPESampler
from optuna.samplers._base import _process_constraints_after_trial
from optuna.study import Study
from optuna.trial import FrozenTrial, TrialState

from agent.search import catalog
from agent.search.history import History
from agent.search.optuna.memory import Memories, Memory
from agent.search.optuna.telling import trimmed
from agent.search.optuna.translation import Translation
from agent.search.optuna.trials import RATIONALE, SOURCE, fixed, lacking, marks
from agent.study.nouns import Draft, Source, Trial
from trainers.contract import Objective
from trainers.errors import TunewrightError, nearest
from trainers.space import SearchSpace

_log = logging.getLogger("optuna.tunewright")
_SEED = "tunewright:seed"  # system attribute of a study
_SEEDS = 2**32
_SHOWN = 2_000  # characters of a rationale

Constraints = Callable[[FrozenTrial], Sequence[float]]


class SamplerError(TunewrightError, ValueError):
    """What is asked of the sampler it cannot do. A ValueError too, as Optuna's own samplers raise."""


class Common(TypedDict, total=False):
    """The arguments that all our samplers take, explained at SearchSampler."""

    seed: int | None
    space: SearchSpace | Mapping[str, BaseDistribution] | None
    defaults: Mapping[str, Any] | None
    constraints_func: Constraints | None


class SearchSampler(BaseSampler):
    """The search called `search` (guided, gp, tpe, cmaes, random) as a sampler.

    `space` is the search space where it is known before the first trial: distributions by name, or a SearchSpace with
    conditions and constraints. Without one it is read off the study's trials as they come. `defaults` is the first
    config, else the middle of each range. A trial is infeasible, and counts as one that failed, where a constraint set
    by `trial.set_constraint`, or a value of `constraints_func`, is above 0. Without a `seed` the study is given one of
    its own, which is stored with it, so that every worker and a resumed study have the same.
    """

    def __init__(self, search: str = "guided", **common: Unpack[Common]) -> None:
        catalog.proposer(search)  # raises for a name that is none
        self.search = search
        seed, space = common.get("seed"), common.get("space")
        self._seed = None if seed is None else seed % _SEEDS
        self._given = None if space is None else _of_space(space)
        self._defaults = dict(common.get("defaults") or {})
        if self._given is not None:
            self._fitting_defaults(self._given)
            self._warn_of_strangers(self._given.distributions, "the space has")
        self._constraints_func = common.get("constraints_func")
        self._reset()

    def _reset(self) -> None:
        self._memories, self._lock = Memories(), threading.RLock()

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name not in ("_memories", "_lock")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self._reset()

    # -- what Optuna calls ---------------------------------------------------------

    def reseed_rng(self) -> None:
        """Nothing: what is proposed depends on the seed and the trial's number, which no two workers share."""

    def infer_relative_search_space(self, study: Study, trial: FrozenTrial) -> dict[str, BaseDistribution]:
        self._refuse_many_objectives(study)
        with self._lock:
            return dict(self._translation(study).distributions)

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        self._refuse_many_objectives(study)
        if not search_space:
            return {}
        with self._lock:  # threads of one study: each sees what those before it were given
            translation = self._translation(study).restricted(search_space)
            history = self._history(study, trial, translation)
            draft = self._draft(history) or _again(history)
            self._note(study, trial, translation, draft)
        return translation.params(draft.params)

    def sample_independent(
        self, study: Study, trial: FrozenTrial, param_name: str, param_distribution: BaseDistribution
    ) -> Any:
        """The default of a parameter that is new, then Optuna's TPE for it alone."""
        self._refuse_many_objectives(study)
        alone = Translation({param_name: param_distribution})
        parameter = next(iter(alone.space.parameters.values()))
        others = _trials(study)
        if not any(param_name in t.params for t in others if t.number != trial.number):
            first = trial.number == 0 or all(t.state.is_finished() for t in others if t.number != trial.number)
            if first:
                self._note_source(study, trial, Source.DEFAULT)
            if param_name in self._defaults:
                return _checked(param_name, self._defaults[param_name], param_distribution)
            if first:
                return alone.params({parameter.name: parameter.middle()})[param_name]
        modelled = any(t.state is TrialState.COMPLETE for t in others)
        self._note_source(study, trial, Source.TPE if modelled else Source.RANDOM)
        seed = random.Random(f"{self._seed_of(study)}/{trial.number}/{param_name}").randrange(_SEEDS)
        return TPESampler(seed=seed).sample_independent(study, trial, param_name, param_distribution)

    def after_trial(self, study: Study, trial: FrozenTrial, state: TrialState, values: Sequence[float] | None) -> None:
        memory = self._memory(study)
        if self._given is None and not memory.warned and state is not TrialState.FAIL:
            memory.warned = True
            self._warn_of_strangers(trial.distributions, "the first trial asked for")
        if state is not TrialState.FAIL and (rationale := trial.user_attrs.get(RATIONALE)):
            told = trimmed(rationale, lacking(trial))  # one that failed may have ended before it asked for all
            study._storage.set_trial_user_attr(trial._trial_id, RATIONALE, told)
        if self._constraints_func is not None:
            _process_constraints_after_trial(self._constraints_func, study, trial, state)

    # -- proposing -----------------------------------------------------------------

    def _draft(self, history: History) -> Draft | None:
        """What the search proposes; None where every config of the space has been tried."""
        return next(iter(catalog.proposer(self.search).propose(history, 1)), None)

    def _history(self, study: Study, trial: FrozenTrial, translation: Translation) -> History:
        objective = Objective(_metric(study), "maximize" if study.direction.name == "MAXIMIZE" else "minimize")
        trials = self._memory(study).trials(_trials(study), translation, objective.sign, trial.number)
        space, defaults = translation.space, self._fitting_defaults(translation)
        return History(
            space=space,
            objective=objective,
            first_config=space.snap(defaults) if defaults else space.default(),
            seed=self._seed_of(study),
            trials=trials,
            number=trial.number,
        )

    def _fitting_defaults(self, translation: Translation) -> dict[str, Any]:
        known = {n: v for n, v in self._defaults.items() if n in translation.distributions}
        for name, value in known.items():
            _checked(name, value, translation.distributions[name])
        return translation.config(known)

    def _warn_of_strangers(self, known: Mapping[str, BaseDistribution], whose: str) -> None:
        """Of defaults that nothing has asked for: misspelt, or of a branch that comes later."""
        for name in self._defaults:
            if name not in known:
                _log.warning("defaults: %s no parameter '%s'. %s", whose, name, nearest(name, known))

    def _note(self, study: Study, trial: FrozenTrial, translation: Translation, draft: Draft) -> None:
        """Tells other workers what is about to run, and people why."""
        config = draft.params | {n: v for n, v in translation.config(fixed(trial)).items() if n in draft.params}
        for name, piece in marks(config).items():
            study._storage.set_trial_system_attr(trial._trial_id, name, piece)
        study._storage.set_trial_user_attr(trial._trial_id, SOURCE, str(draft.source))
        study._storage.set_trial_user_attr(trial._trial_id, RATIONALE, draft.rationale[:_SHOWN])

    def _note_source(self, study: Study, trial: FrozenTrial, source: Source) -> None:
        """Of a trial whose parameters are drawn one by one; what the first of them says stays."""
        if SOURCE not in study._storage.get_trial_user_attrs(trial._trial_id):
            study._storage.set_trial_user_attr(trial._trial_id, SOURCE, str(source))

    # -- the study -----------------------------------------------------------------

    def _memory(self, study: Study) -> Memory:
        return self._memories.of(study._storage, study._study_id)

    def _translation(self, study: Study) -> Translation:
        if self._given is not None:
            return self._given
        memory = self._memory(study)
        memory.tell(_trials(study))
        return memory.inference.translation()

    def _seed_of(self, study: Study) -> int:
        if self._seed is not None:
            return self._seed
        memory = self._memory(study)
        if memory.seed is None:
            stored = study._storage.get_study_system_attrs(study._study_id).get(_SEED)
            memory.seed = random.SystemRandom().randrange(_SEEDS) if stored is None else int(stored)
            if stored is None:
                study._storage.set_study_system_attr(study._study_id, _SEED, memory.seed)
        return memory.seed

    def _refuse_many_objectives(self, study: Study) -> None:
        if study._is_multi_objective():
            raise SamplerError(
                f"{type(self).__name__} optimises one objective, and this study has {len(study.directions)}",
                where=f"study '{study.study_name}'",
                remedy="Return one value, with the others as constraints (trial.set_constraint), or use"
                " optuna.samplers.TPESampler or NSGAIISampler.",
            )


def _of_space(space: Any) -> Translation:
    """Raises SamplerError naming the entry that is no distribution."""
    remedy = "Write it as study.optimize would: FloatDistribution(1e-5, 1e-1, log=True), of optuna.distributions."
    if not isinstance(space, SearchSpace | Mapping):
        raise SamplerError(f"{space!r} is no search space", where="space", remedy="Give distributions by name.")
    for name, one in space.items() if isinstance(space, Mapping) else ():
        if not isinstance(one, BaseDistribution):
            raise SamplerError(f"{one!r} is no distribution", where=f"space, parameter '{name}'", remedy=remedy)
    return Translation.of(space)


def _checked(name: str, value: Any, distribution: BaseDistribution) -> Any:
    if not _holds(distribution, value):
        where, remedy = f"defaults, parameter '{name}'", f"Its distribution is {distribution}."
        raise SamplerError(f"{value!r} is not a value it can take", where=where, remedy=remedy)
    return value


def _trials(study: Study) -> list[FrozenTrial]:
    """As the storage has them now, not as they were when this trial began: other threads have been busy."""
    return study._get_trials(deepcopy=False, use_cache=False)


def _metric(study: Study) -> str:
    names = study._storage.get_study_system_attrs(study._study_id).get("study:metric_names") or ["value"]
    return str(names[0])


def _holds(distribution: BaseDistribution, value: Any) -> bool:
    try:
        return distribution._contains(distribution.to_internal_repr(value))
    except (TypeError, ValueError):
        return False


def _again(history: History) -> Draft:
    """A config run before: the best of those run least often. A study may ask for more trials than its space has."""
    times: dict[str, int] = {}
    for trial in history.trials:
        times[trial.key] = times.get(trial.key, 0) + 1
    fitting: list[Trial] = [t for t in history.ranking if history.space.allows(t.params)]
    if not fitting:
        params = history.space.sample(history.rng("again"))
        return Draft(source=Source.RANDOM, params=params, rationale="Nothing is left to try, and nothing ran.")
    trial = min(fitting, key=lambda t: times[t.key])
    said = f"Every config has been tried: t{trial.number} once more, the best of those run least often."
    return Draft(source=trial.source, params=trial.params, rationale=said)
