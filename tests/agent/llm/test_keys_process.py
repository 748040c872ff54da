"""Keys in the agent's own process: in the environment, and nowhere else that lasts or can be looked at."""

from __future__ import annotations

import time
from pathlib import Path

import psutil
import pytest

from agent.mind.client import Mind
from agent.store import calls
from agent.study.agent_spec import AgentSpec
from agent.study.nouns import Source
from tests.agent.llm import steps
from tests.agent.stores import add_trial, make_study

KEY = "correct horse battery staple 0123456789"


@pytest.fixture
def mind(store):
    mind = Mind(store.path)
    yield mind
    mind.close()


def test_no_key_in_store_answers_logs_or_process_list(store, endpoint, mind, tmp_path, monkeypatch):
    monkeypatch.setenv("TUNEWRIGHT_API_KEY", KEY)
    for name in ("XDG_STATE_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "HOME"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    endpoint.play(steps.status(401, f"Incorrect API key provided: {KEY}"))
    study = make_study(store, agent=AgentSpec(model=endpoint.url))
    add_trial(store, study, study.spec.first_config(), value=0.5, reports=[0.9, 0.5], source=Source.DEFAULT)
    mind.submit("propose", study.id, number=1, n=1)
    shown = ""
    until = time.monotonic() + 120
    while not (done := mind.done()) and time.monotonic() < until:
        shown += str(psutil.Process(mind._helper.pid).cmdline())
        time.sleep(0.05)
    assert endpoint.requests[0].key == KEY  # it was used
    assert [record.error for record in calls.all_of(store)] == ["auth"]
    assert "[key]" in str(done[0].error)
    assert KEY not in shown + repr(done)
    for path in tmp_path.rglob("*"):
        if path.is_file():
            assert KEY.encode() not in Path(path).read_bytes(), path
