"""What a proposer sees: the study so far, as plain data."""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice

from agent.search.objections import Objection, Rejection, objections
from agent.study.hint import Hint
from agent.study.memory_bound import MemoryBound, memory_bounds
from agent.study.nouns import Draft, Trial, TrialState
from agent.study.repeats import merged
from agent.study.suggested import Suggested
from trainers.contract import Objective
from trainers.space import Config, SearchSpace, config_key

_RANKED = 3  # times as many of the best as are kept are looked at for such as lie apart
_FOREMOST = 3  # of the best are taken wherever they lie
ENOUGH = 5  # trials with a value before the best of them contradicts a person


@dataclass(frozen=True, kw_only=True)
class History:
    """Everything a proposal may depend on. The same history gives the same proposal. What is modelled are configs: the
    runs of one count as one trial, with their mean.

    `taken` holds the config keys of every earlier proposal, whatever became of it; `pending` the
    configs of proposals that nobody has settled yet; `number` is the index of the next proposal; `rejections`
    say what the person did not want, and why.
    """

    space: SearchSpace
    objective: Objective
    first_config: Config
    seed: int = 0
    trials: Sequence[Trial] = ()
    taken: frozenset[str] = frozenset()
    pending: tuple[Config, ...] = ()
    number: int = 0
    rejections: tuple[Rejection, ...] = ()  # a person's, oldest first
    hints: tuple[Hint, ...] = ()  # where the person expects good values, oldest first
    unbounded: tuple[int, ...] = ()  # trials that ran out of memory and bound nothing all the same
    memory_limit: int | None = None  # bytes of host memory that a trial may take
    portfolio: tuple[Suggested, ...] = ()  # the most promising first; the same for the whole study
    advice: tuple[Draft, ...] = ()  # what an adviser, such as a language model, proposes for this turn

    @cached_property
    def objections(self) -> tuple[Objection, ...]:
        """What the person's rejections still say."""
        return objections(self.space, self.rejections, len(self.ended), self.bests) if self.rejections else ()

    @cached_property
    def bests(self) -> tuple[tuple[int, Config], ...]:
        """Each config that was the best once enough had completed, and how many configs had ended with it."""
        found: list[tuple[int, Config]] = []
        best, completed = math.inf, 0
        for ended, trial in enumerate(self.by_end, start=1):
            if not has_value(trial):
                continue
            completed += 1
            if self.loss(trial) < best:
                best = self.loss(trial)
                if completed <= ENOUGH:
                    found.clear()
                found.append((ended, trial.params))
        return tuple(found) if completed >= ENOUGH else ()

    @cached_property
    def configs(self) -> tuple[Trial, ...]:
        """One trial a config, by number: what was run with several seeds counts once, with the mean of those that have
        ended so far."""
        return tuple(merged(self.trials))

    @cached_property
    def bounds(self) -> tuple[MemoryBound, ...]:
        """What the trials that ran out of memory say of larger configs."""
        return memory_bounds(self.space, self.trials, dropped=self.unbounded, limit=self.memory_limit)

    def beyond(self, config: Config) -> MemoryBound | None:
        """The bound that says `config` would run out of memory; None when it may fit."""
        return next((bound for bound in self.bounds if bound.holds(self.space, config)), None)

    @cached_property
    def ended(self) -> tuple[Trial, ...]:
        """The completed and the failed configs, by number. A stopped trial says nothing either way."""
        states = (TrialState.COMPLETED, TrialState.PRUNED, TrialState.FAILED)
        ended = [t for t in self.configs if t.state in states]
        return tuple(t for t in ended if has_value(t) or t.state is not TrialState.PRUNED)

    @cached_property
    def by_end(self) -> tuple[Trial, ...]:
        """The configs that have ended in whatever way, in the order in which they did."""
        return tuple(sorted((t for t in self.configs if t.state.ended), key=lambda t: (t.ended_at or 0.0, t.number)))

    @cached_property
    def completed(self) -> tuple[Trial, ...]:
        """Trials with a finite objective value, by number. A pruned trial's value was measured too."""
        return tuple(t for t in self.ended if has_value(t))

    @cached_property
    def failed(self) -> tuple[Trial, ...]:
        """Trials that came to an end without a usable value, by number."""
        return tuple(t for t in self.ended if not has_value(t))

    @cached_property
    def ranking(self) -> tuple[Trial, ...]:
        """The completed trials, best first; of equals the earlier one."""
        return tuple(sorted(self.completed, key=lambda t: (self.loss(t), t.number)))

    @cached_property
    def waiting(self) -> tuple[Config, ...]:
        """Configs of the space whose outcome is not known yet: queued, running, or not settled."""
        running = sorted((t for t in self.trials if not t.state.ended), key=lambda t: t.number)
        params = {t.key: t.params for t in running}
        return tuple(c for c in (*params.values(), *self.pending) if self.space.allows(c))

    @cached_property
    def tried(self) -> frozenset[str]:
        """The keys of every config proposed or run. An edited proposal's trial has another key than it had."""
        return self.taken | {t.key for t in self.trials}

    @property
    def conditional(self) -> bool:
        """Whether some parameter applies to some configs only."""
        return any(p.when is not None for p in self.space.parameters.values())

    def seen(self, config: Config) -> bool:
        """Whether the canonical `config` was proposed or run before, or is about to be."""
        key = config_key(config)
        # Comparing params finds the same as `tried` without hashing ten thousand of them.
        return key in self.taken or any(t.params == config and t.key == key for t in self.trials)

    def loss(self, trial: Trial) -> float:
        """The value of a completed trial with its sign such that smaller is better; of a pruned one what it would have
        come to: what it had reached when it was cut would make its part of the space look worse than it is."""
        assert trial.judged is not None
        return self.objective.sign * trial.judged

    def after(self, draft: Draft) -> History:
        """The history once `draft` has been proposed: taken, and pending."""
        return replace(
            self,
            taken=self.taken | {config_key(draft.params)},
            pending=(*self.pending, draft.params),
            number=self.number + 1,
        )

    def rng(self, purpose: str) -> random.Random:
        """A generator for this proposal alone, seeded from the study's seed and the proposal's number:
        what it gives does not depend on what was drawn in this process before."""
        return random.Random(f"{self.seed}/{self.number}/{purpose}")

    @property
    def sobol_seed(self) -> int:
        """The seed of the study's one Sobol sequence; SciPy takes 32 bits."""
        return self.seed % 2**32


def has_value(trial: Trial) -> bool:
    """Whether the trial came to an end with a finite objective value."""
    ended = trial.state in (TrialState.COMPLETED, TrialState.PRUNED)
    return ended and trial.judged is not None and math.isfinite(trial.judged)


def subset(history: History, trials: Sequence[Trial], keep: int, *, apart: float = 0.0) -> list[Trial]:
    """At most `keep` of `trials`, by number, so that a model's cost stays flat as a study grows.

    Half of them the best, a quarter the latest, and of the rest every second, fourth, eighth … trial:
    a spread that changes little from one proposal to the next. Failures have no best; half of theirs
    are the latest. Trials that do not fit the space, as it may have been edited, are left out. Of the best, after the
    first three, only such are taken as lie `apart` (SearchSpace.distance) from better ones: a long search piles them up
    in one place.
    """
    chosen = _chosen(history, trials, keep, apart)
    fitting = [t for t in chosen if history.space.allows(t.params)]
    if len(fitting) < len(chosen) < len(trials):  # only after an edit is it worth looking at every trial
        fitting = _chosen(history, [t for t in trials if history.space.allows(t.params)], keep, apart)
    return sorted(fitting, key=lambda t: t.number)


def _chosen(history: History, trials: Sequence[Trial], keep: int, apart: float) -> list[Trial]:
    if len(trials) <= keep:
        return list(trials)
    numbers = {t.number for t in trials}
    ranking = (t for t in history.ranking if t.number in numbers)
    best = list(islice(_apart(history.space, islice(ranking, _RANKED * keep), apart) if apart else ranking, keep // 2))
    latest = trials[len(trials) - (keep // 4 if best else keep // 2) :]
    chosen = {t.number: t for t in (*best, *latest)}
    free = keep - len(chosen)
    gap = 2 ** math.ceil(math.log2(len(trials) / free)) if free else len(trials)
    return list(({t.number: t for t in trials[::gap][:free]} | chosen).values())


def _apart(space: SearchSpace, trials: Iterable[Trial], apart: float) -> Iterator[Trial]:
    taken: list[Trial] = []
    for trial in trials:
        if len(taken) < _FOREMOST or all(space.distance(trial.params, other.params) >= apart for other in taken):
            taken.append(trial)
            yield trial
