"""What a proposer may know, read from the store."""

from __future__ import annotations

from collections.abc import Sequence

from agent.search.history import History
from agent.store import proposals
from agent.store.connection import Store
from agent.store.studies import Study
from agent.study.nouns import Proposal, Trial


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
