"""What a proposer may know, read from the store."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from agent.search.history import History
from agent.search.objections import Rejection
from agent.store import proposals
from agent.store.connection import Store
from agent.store.studies import Study
from agent.study.hint import Hint
from agent.study.nouns import Proposal, Trial
from agent.study.repeats import merged

_MOST = 50  # rejections: older ones have faded


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
        rejections=rejections(store, study, trials),
        hints=hints(store, study, trials),
        unbounded=study.spec.unbounded,
        memory_limit=study.spec.engine.memory_bytes,
        portfolio=tuple(s for s in study.spec.portfolio if study.spec.space.allows(s.params))
        if study.spec.use_portfolio
        else (),
    )


def hints(store: Store, study: Study, trials: Sequence[Trial]) -> tuple[Hint, ...]:
    """What the person said to expect, and what they put in where they edited a proposal, the latest."""
    ends = sorted(t.ended_at for t in merged(trials) if t.ended_at is not None)
    found = [
        Hint(params={n: v for n, v in new.items() if old.get(n) != v or n not in old}, ended=bisect_right(ends, at))
        for old, new, at in proposals.edited(store, study.id, actor="person", most=_MOST)
    ]
    return tuple(sorted((*found, *study.spec.hints), key=lambda hint: hint.ended))


def rejections(store: Store, study: Study, trials: Sequence[Trial]) -> tuple[Rejection, ...]:
    """What the person has rejected, the latest, and how many trials had ended by then."""
    ends = sorted(t.ended_at for t in merged(trials) if t.ended_at is not None)
    found = proposals.rejected(store, study.id, actor="person", most=_MOST)
    return tuple(Rejection(params, reason, bisect_right(ends, at)) for params, reason, at in found)
