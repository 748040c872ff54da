"""The job `expect`: what may be expected of a config that somebody is writing."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from agent.llm.seat import Seat
from agent.search.appraise import Appraiser, appraiser
from agent.search.from_store import history
from agent.store import trials
from agent.store.aside import aside
from agent.store.connection import Store
from trainers.space import Config

_fitted: dict[int, tuple[object, Appraiser | None]] = {}  # by study: what it was fitted to, and the fit


async def expect(seat: Seat, *, params: Config) -> dict[str, Any]:
    """`{low, high, confidence, runs, beats, trials}`; empty where nothing can be said."""

    def work(store: Store) -> dict[str, Any]:
        known = trials.all_trials(store, seat.study.id)
        state = (sum(t.state.ended for t in known), seat.study.spec.space.to_dict())
        if _fitted.get(seat.study.id, (None, None))[0] != state:
            _fitted[seat.study.id] = (state, appraiser(history(store, seat.study, known, (), 0)))
        fit = _fitted[seat.study.id][1]
        return {} if fit is None or not seat.study.spec.space.allows(params) else asdict(fit(params))

    return await aside(seat.store, work)
