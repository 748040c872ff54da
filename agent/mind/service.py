"""The agent's process: `python -m agent.mind.service STORE [MODEL]`; MODEL speaks instead of the studies' own.

One JSON job a line on stdin (`{id, job, study, args}`, or `{cancel: id}`), one JSON answer a line on stdout
(`{id, result}` or `{id, error}`), until stdin ends; then what is under way is cancelled. Jobs run side by side.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TextIO

from agent import faults
from agent.llm.errors import LLMError, LLMErrorKind
from agent.llm.keys import redact
from agent.llm.models import Models
from agent.llm.seat import Seat
from agent.mind import jobs
from agent.store import studies, turns
from agent.store.connection import Store, open_store
from agent.store.studies import Study
from trainers.errors import TunewrightError

_LONGEST = 1 << 24  # bytes of one job


class Service:
    """Jobs under way, by id. `answers` takes one JSON line an answer."""

    def __init__(self, store: Store, answers: TextIO, model: str = "") -> None:
        self._store, self._answers, self._model = store, answers, model
        self._models = Models()
        self._tasks: dict[int, asyncio.Task[None]] = {}

    async def serve(self, lines: asyncio.StreamReader) -> None:
        while line := await lines.readline():
            message = json.loads(line)
            if "cancel" in message:
                if task := self._tasks.get(message["cancel"]):
                    task.cancel()
                continue
            self._tasks[message["id"]] = asyncio.create_task(self._run(message))
        await self.close()

    async def close(self) -> None:
        """Cancels what is under way and lets it leave things in order."""
        under_way = tuple(self._tasks.values())
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)
        await self._models.close()

    async def _run(self, message: Mapping[str, Any]) -> None:
        try:
            answer = {"result": await self._work(message)}
        except asyncio.CancelledError:
            answer = {"error": _told(LLMError(LLMErrorKind.CANCELLED, "cancelled"))}
        except TunewrightError as error:
            answer = {"error": _told(error)}
        except Exception as error:  # noqa: BLE001 – a fault of ours ends one job, not the others
            what = f"unexpected {type(error).__name__}: {redact(str(error))}"
            answer = {"error": {"kind": "", "what": what, "where": "", "remedy": faults.keep(error)}}
        self._tasks.pop(message["id"], None)
        self._answers.write(json.dumps({"id": message["id"], **answer}) + "\n")
        self._answers.flush()

    async def _work(self, message: Mapping[str, Any]) -> dict[str, Any]:
        is_draft = message["study"] == studies.DRAFT
        study = studies.draft(self._store.folder) if is_draft else studies.by_id(self._store, message["study"])
        study = _spoken_for(study, self._model)
        if not is_draft:
            turns.cut_orphans(self._store, study.id)
        work = jobs.job(message["job"])
        model = await self._models.of(self._store, study)
        return await work(Seat(self._store, study, model), **message["args"])


def _spoken_for(study: Study, model: str) -> Study:
    """The study as another model sees it; the address of its own one goes with that."""
    if not model:
        return study
    agent = replace(study.spec.agent, model=model, api_base="")
    return replace(study, spec=study.spec.replace(agent=agent))


def _told(error: TunewrightError) -> dict[str, str]:
    kind = str(error.kind) if isinstance(error, LLMError) else ""
    return {"kind": kind, "what": redact(error.what), "where": redact(error.where), "remedy": redact(error.remedy)}


async def _main(store_path: str, model: str, answers: TextIO) -> None:
    reader = asyncio.StreamReader(limit=_LONGEST)
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    with open_store(store_path, create=False, check=False) as store:
        await Service(store, answers, model).serve(reader)


def main() -> None:
    # Libraries that print would break the protocol: their stdout is our stderr from here on.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    try:
        asyncio.run(_main(sys.argv[1], "".join(sys.argv[2:3]), answers))
    except BrokenPipeError:
        pass  # the front is gone, and what was under way has been cancelled


if __name__ == "__main__":
    main()
