"""A store and the scripted endpoint; no key of the machine these tests run on."""

from __future__ import annotations

import asyncio

import pytest

from agent.llm import keys
from agent.llm.backend import Request
from agent.llm.hosted import HostedBackend
from agent.llm.names import parse_model
from agent.store.connection import open_store
from tests.agent.llm import steps
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
    """Called once before any test: litellm's first call takes a second and more, and tests here count tenths."""
    with Endpoint([steps.say("hello")]) as endpoint:
        backend = HostedBackend(parse_model(endpoint.url))
        asyncio.run(_read(backend.stream(Request(messages=({"role": "user", "content": "hello"},), max_tokens=8))))
        yield endpoint


async def _read(stream):
    async for _ in stream:
        pass


@pytest.fixture
def endpoint(running_endpoint):
    running_endpoint.reset()
    return running_endpoint


@pytest.fixture
def desk(store, endpoint):
    return Desk(store, endpoint)
