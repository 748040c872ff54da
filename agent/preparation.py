"""Keeps as many proposals ready as a study has room for, without anybody waiting for a sampler."""

from __future__ import annotations

from collections.abc import Sequence

from agent import summary
from agent.search.client import ProposerClient, ProposerError
from agent.search.history import History
from agent.store import events, proposals
from agent.store.connection import Store
from agent.store.studies import Study
from agent.study.nouns import Proposal, Trial
from agent.study.policy import PolicyKind

STAND_IN = "random"


class Preparation:
    """Asks the proposer process for one proposal at a time, each with all that is known by then.

    A proposal's number is fixed when it is asked for. Should another front have added one meanwhile,
    the store refuses it and it is asked for anew, so that two fronts never spend the budget twice.
    """

    def __init__(self, store: Store, ahead: int) -> None:
        self._store = store
        self._ahead = ahead
        self._client = ProposerClient()
        self._asked: int | None = None
        self._exhausted_at: tuple[str, int] | None = (
            None  # search and number of ended trials when it had nothing to say
        )

    @property
    def busy(self) -> bool:
        """Whether a proposal is being prepared."""
        return self._asked is not None

    def receive(self, study: Study, trials: Sequence[Trial]) -> None:
        """Stores a proposal that has become ready. A search that cannot make one gives its turn to `random`,
        and the journal says so. Raises ProposerError when that fails too."""
        try:
            drafts = self._client.take() if self.busy else None
        except ProposerError as error:
            return self._stand_in(study, trials, error)
        if drafts is None:
            return None
        asked, self._asked = self._asked, None  # first: should the store not take it now, it is asked for anew
        if drafts:
            seconds = summary.expected_seconds(trials)
            most = study.spec.budget.trials
            proposals.add(self._store, study.id, drafts, number=asked, most_trials=most, expected_seconds=seconds)
        else:
            self._exhausted_at = (study.spec.search, _ended(trials))
        return None

    def _stand_in(self, study: Study, trials: Sequence[Trial], error: ProposerError) -> None:
        assert self._asked is not None
        with self._store.transaction(durable=False):
            text = f"{study.spec.search} could not propose ({error}); random takes this turn."
            events.record(self._store, study.id, events.EventKind.ADVISED, text=text)
        pending = proposals.pending(self._store, study.id)
        asked, self._asked = self._asked, None
        if study.spec.search == STAND_IN:
            raise error
        self._client.ask(STAND_IN, history(self._store, study, trials, pending, asked))
        self._asked = asked

    def ask(self, study: Study, trials: Sequence[Trial], pending: Sequence[Proposal], width: int, number: int) -> None:
        """Asks for proposal `number` where there is room for one. `number` must have been free before
        `trials` and `pending` were read, so that what is asked with knows of all before it."""
        if self.busy or len(pending) >= self._wanted(study, trials, width) or self.exhausted(study, trials):
            return
        self._client.ask(study.spec.search, history(self._store, study, trials, pending, number))
        self._asked = number

    def exhausted(self, study: Study, trials: Sequence[Trial]) -> bool:
        """Whether the search had nothing to propose, and nothing has ended since that might change that."""
        return self._exhausted_at == (study.spec.search, _ended(trials))

    def _wanted(self, study: Study, trials: Sequence[Trial], width: int) -> int:
        """How many proposals should be pending now, within the budget of trials."""
        open_trials = len(trials) - _ended(trials)
        asks = study.spec.policy.kind in (PolicyKind.ASK, PolicyKind.ASK_UNLESS_SAFE)
        wanted = max(width - open_trials, self._ahead if asks else 0)
        budget = study.spec.budget.trials
        return wanted if budget is None else min(wanted, budget - len(trials))

    def close(self) -> None:
        self._client.close()


def history(store: Store, study: Study, trials: Sequence[Trial], pending: Sequence[Proposal], number: int) -> History:
    """What the proposer of proposal `number` may know now."""
    return History(
        space=study.spec.space,
        objective=study.spec.objective,
        seed=study.spec.seed,
        first_config=study.spec.first_config(),
        trials=tuple(trials),
        taken=proposals.taken_keys(store, study.id),
        pending=tuple(p.params for p in pending),
        number=number,
    )


def _ended(trials: Sequence[Trial]) -> int:
    return sum(t.state.ended for t in trials)
