"""An OpenAI-compatible server of our own on a loopback socket, which plays scripted replies and every kind of fault.

    with Endpoint([steps.say("hello"), steps.status(429, retry_after=1)]) as endpoint:
        model = endpoint.url                     # "http://127.0.0.1:PORT/v1", as --model takes it
        ...
        endpoint.requests[0].body["messages"]

A script is a list of steps, one a request (when it is over, the last one is played again), or a function that is
given the request and returns a step: that is how a sensible advisor is played. Steps are made in `steps`.
"""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from tests.agent.llm.steps import Step

_SECRET = ("authorization", "api-key", "x-api-key", "cookie")


@dataclass
class Asked:
    """One request as it came. `keyed` says whether it carried a key, which is not kept; `closed` is set when the
    client went away before the reply was whole, `ended` when the reply was sent."""

    path: str
    headers: Mapping[str, str]
    body: dict[str, Any]
    keyed: bool = False
    key: str = field(default="", repr=False)
    at: float = field(default_factory=time.monotonic)
    closed: threading.Event = field(default_factory=threading.Event)
    ended: threading.Event = field(default_factory=threading.Event)

    @property
    def messages(self) -> list[dict[str, Any]]:
        return list(self.body["messages"])

    @property
    def prompt(self) -> str:
        """All messages as one text."""
        return "\n".join(str(message.get("content") or "") for message in self.messages)

    @property
    def tool(self) -> str:
        """The tool the client insists on, or empty."""
        choice = self.body.get("tool_choice")
        return str(choice["function"]["name"]) if isinstance(choice, dict) else ""

    @property
    def form(self) -> str:
        """How a structured reply is asked for: tools, json_schema, json_object or text."""
        if self.tool:
            return "tools"
        return str((self.body.get("response_format") or {}).get("type", "text"))


Script = Sequence[Step] | Callable[[Asked], Step]


class Endpoint:
    """The server, in a thread of its own. `script` may be replaced while it runs."""

    def __init__(self, script: Script = (), *, models: Sequence[str] = ("scripted",)) -> None:
        self.script, self.models = script, models
        self.requests: list[Asked] = []
        self.port = 0  # known once it runs
        self.most_at_once = 0
        self._at_once, self._played = 0, 0
        self._release = threading.Event()  # lets stalled replies end when the server does
        routes = [
            Route("/v1/models", self._list, methods=["GET"]),
            Route("/api/tags", self._tags, methods=["GET"]),  # as Ollama lists its models
            Route("/v1/chat/completions", self._complete, methods=["POST"]),
        ]
        config = uvicorn.Config(
            Starlette(routes=routes), host="127.0.0.1", port=0, log_level="critical", timeout_graceful_shutdown=1
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def reset(self) -> None:
        """As new, for the next test."""
        self.play(Step(status=500, error={"error": {"message": "nothing is scripted"}}))
        self.requests, self.models, self.most_at_once = [], ("scripted",), 0

    def play(self, *script: Step) -> None:
        """Plays these steps from now on."""
        self.script, self._played = script, 0

    def __enter__(self) -> Endpoint:
        self._thread.start()
        until = time.monotonic() + 20
        while not self._server.started:
            assert self._thread.is_alive() and time.monotonic() < until, "the endpoint did not come up"
            time.sleep(0.005)
        self.port = int(self._server.servers[0].sockets[0].getsockname()[1])
        return self

    def __exit__(self, *_: object) -> None:
        self._release.set()
        self._server.should_exit = True
        self._thread.join(10)

    async def _list(self, request: HttpRequest) -> Response:
        return JSONResponse({"object": "list", "data": [{"id": name, "object": "model"} for name in self.models]})

    async def _tags(self, request: HttpRequest) -> Response:
        return JSONResponse({"models": [{"name": name} for name in self.models]})

    async def _complete(self, request: HttpRequest) -> Response:
        headers = {name: value for name, value in request.headers.items() if name not in _SECRET}
        key = request.headers.get("authorization", "").removeprefix("Bearer ")
        asked = Asked(request.url.path, headers, await request.json(), bool(key), key)
        self.requests.append(asked)
        step = self._next(asked)
        await asyncio.sleep(step.delay)
        if step.status != 200:
            return JSONResponse(step.error, status_code=step.status, headers=dict(step.headers))
        if not (asked.body.get("stream") and step.streams):
            asked.ended.set()
            return JSONResponse(step.whole(asked.body))
        chunks = step.chunks(asked.body)
        return StreamingResponse(self._stream(asked, step, chunks), media_type="text/event-stream")

    def _next(self, asked: Asked) -> Step:
        if callable(self.script):
            return self.script(asked)
        step = self.script[min(self._played, len(self.script) - 1)]
        self._played += 1
        return step

    async def _stream(self, asked: Asked, step: Step, chunks: Sequence[Mapping[str, Any]]) -> AsyncIterator[bytes]:
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            for sent, chunk in enumerate(chunks):
                if sent == step.cut_after:
                    raise ConnectionAbortedError("the script says so")  # uvicorn then drops the connection
                if sent == step.stall_after:
                    while not self._release.is_set():
                        await asyncio.sleep(0.01)
                await asyncio.sleep(step.pause)  # even of 0: news that the client is gone gets in
                line = f"data: {json.dumps(chunk, ensure_ascii=False)}\n\n".encode()
                for at in range(0, len(line), step.bytes_at_once or len(line)):
                    yield line[at : at + (step.bytes_at_once or len(line))]
            if not step.unfinished:
                yield b"data: [DONE]\n\n"
            asked.ended.set()
        except (asyncio.CancelledError, GeneratorExit):
            asked.closed.set()
            raise
        finally:
            self._at_once -= 1
