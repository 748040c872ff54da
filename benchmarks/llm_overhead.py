"""What our client adds to a call of a model, over a plain HTTP call to the same endpoint.

The endpoint runs in a process of its own on a loopback socket and streams the same reply at once to all: a prompt of
8 KB, a reply of 40 pieces. Ours: budget, breaker, keys taken out of prompt and reply, the ledger's two entries on the
disk, retries at the ready. Peers, in turns: litellm alone, set up as we set it up
(over httpx, counting no tokens), and instructor over litellm for a structured reply, which cannot stream one.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from pydantic import BaseModel

from agent.llm import litellm_quiet
from agent.llm.call import Call
from agent.llm.models import Models
from agent.store import studies
from agent.store.connection import Store, open_store
from agent.study.agent_spec import AgentSpec
from agent.study.spec import StudySpec
from benchmarks.harness import Figure
from trainers.contract import Objective
from trainers.space import FloatParameter, SearchSpace

_SERVE = """
import sys
from tests.agent.llm.endpoint import Endpoint
from tests.agent.llm import steps
def script(asked):
    return steps.reply({"answer": "word " * 95}, piece=12) if asked.tool else steps.say("word " * 96, piece=12)
with Endpoint(script) as endpoint:
    print(endpoint.url, flush=True)
    sys.stdin.read()
"""
MESSAGES = (
    {"role": "system", "content": "You tune models."},
    {"role": "user", "content": "loss 0.312 step 400\n" * 400},
)


class Answer(BaseModel):
    """An answer."""

    answer: str


def figures(*, quick: bool) -> list[Figure]:
    repeats = 5 if quick else 101
    with _endpoint() as url, tempfile.TemporaryDirectory() as folder, open_store(Path(folder) / "s.sqlite") as store:
        return asyncio.run(_measure(store, url, repeats))


async def _measure(store: Store, url: str, repeats: int) -> list[Figure]:
    model = await Models().of(store, _study(store, url))
    assert model is not None
    litellm = await litellm_quiet.load()
    import instructor

    over_litellm = instructor.from_litellm(litellm.acompletion, mode=instructor.Mode.TOOLS)
    asked = {"model": "openai/scripted", "api_base": url, "api_key": "none", "messages": list(MESSAGES)}
    call = Call(purpose="benchmark", messages=MESSAGES)
    tool = {"type": "function", "function": {"name": "Answer", "parameters": Answer.model_json_schema()}}
    forced = {"tools": [tool], "tool_choice": {"type": "function", "function": {"name": "Answer"}}}
    async with httpx.AsyncClient(timeout=30) as http:
        plain, alone, ours = await _in_turns(
            repeats, lambda: _plain(http, url, {}), lambda: _litellm(litellm, asked), lambda: model.text(call)
        )
        plain_tool, by_instructor, structured = await _in_turns(
            repeats,
            lambda: _plain(http, url, forced),
            lambda: over_litellm.chat.completions.create(response_model=Answer, max_retries=0, **asked),
            lambda: model.structured(call, Answer),
        )
    ours, alone = (ours - plain) * 1e3, (alone - plain) * 1e3
    structured, by_instructor = (structured - plain_tool) * 1e3, (by_instructor - plain_tool) * 1e3
    goal, near = "≤ 10 ms over litellm", alone + 10
    return [
        Figure("a call, over plain HTTP", ours, alone, "ms", "litellm alone", goal, ours <= near, repeats),
        Figure(
            "a structured reply, over plain HTTP",
            structured,
            by_instructor,
            "ms",
            "instructor over litellm, not streamed",
            goal,
            structured <= near,
            repeats,
        ),
    ]


async def _in_turns(repeats: int, *calls: Callable[[], Awaitable[object]]) -> list[float]:
    """The median seconds of each, taken in turns. What litellm does after a reply is let end, and not counted."""
    taken: list[list[float]] = [[] for _ in calls]
    for turn in range(repeats + 2):
        for seconds, call in zip(taken, calls, strict=True):
            start = time.perf_counter()
            await call()
            if turn >= 2:  # the first ones open connections and import
                seconds.append(time.perf_counter() - start)
            await asyncio.sleep(0.02)
    return [statistics.median(seconds) for seconds in taken]


async def _plain(http: httpx.AsyncClient, url: str, more: dict[str, object]) -> str:
    body = {
        "model": "scripted",
        "messages": MESSAGES,
        "stream": True,
        "stream_options": {"include_usage": True},
        **more,
    }
    text = ""
    async with http.stream("POST", f"{url}/chat/completions", json=body) as response:
        async for line in response.aiter_lines():
            if line.startswith("data: {"):
                for choice in json.loads(line[6:])["choices"]:
                    text += choice["delta"].get("content") or ""
    return text


async def _litellm(litellm: object, asked: dict[str, object]) -> str:
    stream = await litellm.acompletion(stream=True, stream_options={"include_usage": True}, max_retries=0, **asked)  # type: ignore[attr-defined]
    return "".join([chunk.choices[0].delta.content or "" async for chunk in stream if chunk.choices])


def _study(store: Store, url: str) -> studies.Study:
    space = SearchSpace([FloatParameter(name="lr", low=0.0, high=1.0)])
    spec = StudySpec(
        name="bench",
        trainer="forest",
        space=space,
        objective=Objective("loss"),
        agent=AgentSpec(model=url, tokens=10**9),
    )
    return studies.create(store, spec, store.folder)


@contextmanager
def _endpoint() -> Iterator[str]:
    server = subprocess.Popen([sys.executable, "-c", _SERVE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert server.stdin is not None and server.stdout is not None
    try:
        yield server.stdout.readline().strip()
    finally:
        server.stdin.close()
        server.wait(20)
