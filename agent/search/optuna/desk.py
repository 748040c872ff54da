"""Where a language model is asked on behalf of an Optuna study: a store of its own, in a temporary folder, holding the
study as the model is to see it, and an event loop in a thread, so that it also works within a notebook's."""

from __future__ import annotations

import asyncio
import json
import tempfile
import threading
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

from agent.llm.models import Models
from agent.llm.seat import Seat
from agent.search import wire
from agent.search.history import History
from agent.search.llm.job import propose
from agent.store import studies
from agent.store.connection import Store, open_store
from agent.store.studies import Study
from agent.study.agent_spec import AgentSpec
from agent.study.nouns import Draft, Trial
from agent.study.spec import StudySpec

Found = TypeVar("Found")


class Desk:
    """One model, kept loaded until `close`, and the ledger of its calls."""

    def __init__(self, agent: AgentSpec) -> None:
        self._agent = agent
        self._folder = tempfile.TemporaryDirectory(prefix="tunewright-", ignore_cleanup_errors=True)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="tunewright-model", daemon=True)
        self._thread.start()
        self._models = Models()

    def drafts(self, history: History, n: int) -> list[Draft]:
        """Up to `n` configs of the model's. Raises LLMError where it gives none of use."""
        return self._run(self._drafts(history, n))

    def close(self) -> None:
        """Frees the model and forgets the ledger."""
        self._run(self._models.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        self._folder.cleanup()

    def _run(self, work: Coroutine[Any, Any, Found]) -> Found:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    async def _drafts(self, history: History, n: int) -> list[Draft]:
        with open_store(Path(self._folder.name) / "store.sqlite") as store:
            study = _stored(store, history, self._agent)
            model = await self._models.of(store, study)
            answer = await propose(Seat(store, study, model), number=history.number, n=n)
        return [wire.draft_from_dict(draft) for draft in answer["drafts"]]


def _stored(store: Store, history: History, agent: AgentSpec) -> Study:
    """The history as a study with its trials, written anew; the calls of earlier turns stay in the ledger."""
    spec = StudySpec(
        name="optuna",
        trainer="optuna",
        space=history.space,
        objective=history.objective,
        defaults=history.first_config,
        seed=history.seed,
        search="llm",
        agent=agent,
    )
    known = studies.find(store, spec.name)
    if known is None:
        known = studies.create(store, spec, store.folder)
    elif known.spec != spec:
        studies.update(store, known.id, spec, who="optuna", what="space")
    with store.transaction(durable=False) as conn:
        for table in ("trial", "proposal"):
            conn.execute(f"DELETE FROM {table} WHERE study_id = ?", (known.id,))
        conn.executemany(
            "INSERT INTO proposal (id, study_id, number, source, params, config_key, state, created)"
            " VALUES (?, ?, ?, ?, ?, ?, 'approved', 0)",
            [(t.id, known.id, t.number, t.source, json.dumps(t.params), t.key) for t in history.trials],
        )
        conn.executemany(
            "INSERT INTO trial (id, study_id, number, proposal_id, source, params, config_key, seed, state, value,"
            " estimate, failure, queued_at, ended_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?)",
            [_row(known.id, trial) for trial in history.trials],
        )
    return studies.by_id(store, known.id)


def _row(study_id: int, trial: Trial) -> tuple[object, ...]:
    failure = None if trial.failure is None else json.dumps(trial.failure.to_dict())
    values = (trial.seed, str(trial.state), trial.value, trial.estimate, failure, trial.ended_at)
    return (trial.id, study_id, trial.number, trial.id, trial.source, json.dumps(trial.params), trial.key, *values)
