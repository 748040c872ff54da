"""A store, and a model on the loopback endpoint; no key of the machine these tests run on."""

from __future__ import annotations

import pytest

from agent.llm import keys
from agent.store.connection import open_store
from tests.agent.llm import steps
from tests.agent.llm.endpoint import Endpoint


@pytest.fixture(autouse=True)
def no_keys(monkeypatch):
    for name in keys.VARIABLES:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def store(tmp_path):
    with open_store(tmp_path / "store.sqlite") as store:
        yield store


@pytest.fixture
def endpoint():
    with Endpoint([steps.status(500)]) as endpoint:
        yield endpoint
