"""A study whose model has proposed every config there is comes to its end, as with any other search."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from agent.runner.lock import runner_pid
from agent.session import Session
from agent.store import studies
from agent.store.connection import open_store
from agent.study.agent_spec import AgentSpec
from agent.study.policy import Policy, PolicyKind
from agent.study.spec import StudySpec
from tests.agent.llm.endpoint import Endpoint
from tests.agent.search.llm.advising import Advisor
from trainers import catalog
from trainers.space import CategoricalParameter, SearchSpace


def test_it_ends_and_asks_no_more(tmp_path: Path) -> None:
    parts = [CategoricalParameter(name="x", choices=(0.0, 0.5, 1.0)), CategoricalParameter(name="y", choices=(0.25,))]
    space, path = SearchSpace(parts), tmp_path / "store.sqlite"
    with Endpoint(Advisor(space)) as endpoint, open_store(path) as store:
        spec = StudySpec(
            name="small",
            trainer="quick",
            task="fine",
            space=space,
            objective=catalog.load("quick").objective("fine"),
            policy=Policy(kind=PolicyKind.WATCH),
            agent=AgentSpec(model=endpoint.url),
            search="llm",
        )
        session = Session(store, studies.create(store, spec, tmp_path))
        end = time.monotonic() + 90
        while (status := session.tick()).state != "finished":
            assert time.monotonic() < end, f"waited in vain: {status}"
            time.sleep(0.02)
        assert status.reason == "the search 'llm' has nothing more to propose"
        assert sorted(t.params["x"] for t in session.trials) == [0.0, 0.5, 1.0]
        calls = len(endpoint.requests)
        for _ in range(20):
            assert session.tick().state == "finished"
        assert len(endpoint.requests) == calls and not session.thinking.busy
        session.close()
    if pid := runner_pid(path):
        os.kill(pid, signal.SIGTERM)
