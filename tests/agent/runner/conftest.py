"""A store with a study of the `quick` trainer, and a real runner process over it."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from agent.runner.client import RunnerClient
from agent.runner.lock import runner_pid
from agent.store import proposals, studies, trials
from agent.store.connection import Store, open_store
from agent.store.studies import Study
from agent.study.nouns import Draft, Source, Trial
from agent.study.policy import Policy, PolicyKind
from agent.study.spec import Budget, EngineSpec, StudySpec
from trainers import catalog


class Bench:
    """Drives a runner through the store only, as fronts do."""

    def __init__(self, folder: Path) -> None:
        self.store: Store = open_store(folder / "store.sqlite")
        self.client = RunnerClient(self.store.path)
        self.study: Study | None = None

    def make_study(
        self, task: str = "fine", *, trainer_name: str = "quick", budget: Budget | None = None, **engine: Any
    ) -> Study:
        trainer = catalog.load(trainer_name)
        spec = StudySpec(
            name=f"{trainer_name} {task}",
            trainer=trainer_name,
            task=task,
            space=trainer.space(task),
            objective=trainer.objective(task),
            options=engine.pop("options", {}),
            budget=budget or Budget(),
            policy=Policy(kind=engine.pop("policy", PolicyKind.ASK)),
            engine=EngineSpec(**{"grace_seconds": 0.5, **engine}),
        )
        self.study = studies.create(self.store, spec, self.store.folder)
        return self.study

    def queue(self, n: int = 1, **params: Any) -> list[int]:
        """Queues n trials with configs of their own, or with these params; returns their numbers."""
        assert self.study is not None
        first = proposals.next_number(self.store, self.study.id)
        configs = [params or {"x": 0.01 * (first + i), "y": 0.0} for i in range(n)]
        drafts = [Draft(source=Source.PERSON, params=config) for config in configs]
        added = proposals.add(self.store, self.study.id, drafts)
        numbers = [proposals.approve(self.store, p, actor="person") for p in added]
        self.client.ensure()
        return numbers

    def trial(self, number: int) -> Trial:
        assert self.study is not None
        return trials.get(self.store, self.study.id, number)

    def wait(self, condition: Callable[[], Any], seconds: float = 30.0) -> Any:
        """Keeps the runner alive until `condition` holds; its value."""
        until = time.monotonic() + seconds
        while not (value := condition()):
            assert time.monotonic() < until, "waited in vain"
            self.client.ensure()
            time.sleep(0.01)
        return value

    def wait_ended(self, *numbers: int, seconds: float = 30.0) -> list[Trial]:
        self.wait(lambda: all(self.trial(n).state.ended for n in numbers), seconds)
        return [self.trial(n) for n in numbers]

    def run_dir(self, number: int) -> Path:
        return self.store.folder / trials.attempts(self.store, self.trial(number).id)[-1]["run_dir"]

    def kill_runner(self) -> None:
        pid = runner_pid(self.store.path)
        if pid:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            self.wait_gone()

    def finish(self) -> None:
        """Ends the runner and closes the store."""
        if pid := runner_pid(self.store.path):
            os.kill(pid, signal.SIGTERM)
            self.wait_gone()
        self.store.close()

    def wait_gone(self) -> None:
        until = time.monotonic() + 5
        while runner_pid(self.store.path) is not None and time.monotonic() < until:
            time.sleep(0.01)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(tmp_path)
    yield bench
    bench.finish()
