"""A store and the scripted endpoint; no key of the machine these tests run on."""

from __future__ import annotations

import pytest

from agent.llm import keys
from agent.store.connection import open_store
from tests.agent.llm.endpoint import Endpoint
from tests.agent.llm.kit import Desk


@pytest.fixture(autouse=True)
def no_keys(monkeypatch):
    for name in keys.VARIABLES:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def store(tmp_path):
    with open_store(tmp_path / "store.sqlite") as store:
        yield store


@pytest.fixture(scope="session")
def running_endpoint():
    with Endpoint() as endpoint:
        yield endpoint


@pytest.fixture
def endpoint(running_endpoint):
    running_endpoint.reset()
    return running_endpoint


@pytest.fixture
def desk(store, endpoint):
    return Desk(store, endpoint)
