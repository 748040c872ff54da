"""A study, its store and a client that talks to the scripted endpoint, with a clock that does not wait."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from agent.llm.call import Call
from agent.llm.client import Client
from agent.llm.models import Models
from agent.llm.retry import Clock
from agent.store import calls
from agent.store.connection import Store
from agent.study.agent_spec import AgentSpec
from agent.study.nouns import CallRecord
from tests.agent.llm.endpoint import Endpoint
from tests.agent.stores import make_study


@dataclass
class Time:
    """Moves when somebody sleeps, or when told. `slept` lists how long."""

    at: float = 1_000.0
    chance: float = 1.0  # what the generator of random numbers always says
    slept: list[float] = field(default_factory=list)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.at += seconds

    def clock(self) -> Clock:
        return Clock(now=lambda: self.at, sleep=self.sleep, random=lambda: self.chance)


class Desk:
    """Everything a test of the client wants. `model` empty means the endpoint, by its address."""

    def __init__(self, store: Store, endpoint: Endpoint, **spec: Any) -> None:
        self.store, self.endpoint, self.time = store, endpoint, Time()
        self.models = Models(self.time.clock())
        self.study = make_study(store, agent=AgentSpec(**{"model": endpoint.url, **spec}))
        self.shown: list[str] = []

    async def client(self) -> Client:
        model = await self.models.of(self.store, self.study)
        assert isinstance(model, Client)
        return model

    async def text(self, text: str = "How is it going?", **changes: Any) -> Any:
        client = await self.client()
        return await client.text(call(text, **changes), self.shown.append)

    async def structured(self, shape: type[BaseModel], **changes: Any) -> Any:
        client = await self.client()
        return (await client.structured(call("What next?", **changes), shape))[0]

    def ledger(self) -> list[CallRecord]:
        return calls.all_of(self.store, self.study.id)

    def states(self) -> list[tuple[str, str]]:
        return [(record.state, record.error) for record in self.ledger()]

    def notes(self) -> list[Mapping[str, Any]]:
        import json

        return [json.loads(row["extra"]) for row in self.store.query("SELECT extra FROM call ORDER BY id")]


def call(text: str = "How is it going?", **changes: Any) -> Call:
    messages = ({"role": "system", "content": "You tune models."}, {"role": "user", "content": text})
    return Call(
        **{"purpose": "answer", "template": "answer@1:00000000", "messages": messages, "seconds": 20, **changes}
    )


class Config(BaseModel):
    model_config = ConfigDict(extra="forbid")
    lr: float = Field(ge=0, le=1)
    layers: int
    note: str = ""


class Configs(BaseModel):
    """Configs to try next."""

    configs: list[Config] = Field(min_length=1)


GOOD = {"configs": [{"lr": 0.1, "layers": 2}]}
