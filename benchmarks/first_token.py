"""From the first token an endpoint sends to its picture in the app's chat.

A question is typed into the app, which runs in a terminal of its own; a scripted endpoint on a loopback socket
answers after a moment with a word never seen before. The figure is the time from the sending of that word to its
arrival at the terminal: through the client, the store and the screen. The peer, in turns, is a bare program that
streams the same reply over httpx and prints each piece as it comes. The agent's process is warm, as it is from the
second question on.
"""

from __future__ import annotations

import os
import random
import statistics
import string
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from agent.store import studies
from agent.store.connection import open_store
from agent.study.agent_spec import AgentSpec
from agent.study.spec import StudySpec
from benchmarks.harness import Figure
from benchmarks.terminal import Terminal, pump
from tests.agent.llm import steps
from tests.agent.llm.endpoint import Endpoint
from trainers.contract import Objective
from trainers.space import FloatParameter, SearchSpace

_DELAY = 0.5  # seconds the model takes to its first token
_PEER = """
import json, sys, httpx
for line in sys.stdin:
    body = {"model": "scripted", "stream": True, "messages": [{"role": "user", "content": line.strip()}]}
    with httpx.stream("POST", sys.argv[1] + "/chat/completions", json=body, timeout=30) as reply:
        for event in reply.iter_lines():
            if event.startswith("data: {"):
                choices = json.loads(event[6:])["choices"]
                print((choices[0]["delta"].get("content") or "") if choices else "", end="", flush=True)
    print()
"""


def figures(*, quick: bool) -> list[Figure]:
    repeats = 5 if quick else 25
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder, Endpoint() as endpoint:
        store = Path(folder) / "store.sqlite"
        _study(store, endpoint.url)
        env = {"PYTHONPATH": os.getcwd()}
        ours = Terminal([sys.executable, "-m", "agent", "--store", str(store)], 120, 40, env)
        peer = Terminal([sys.executable, "-c", _PEER, endpoint.url], 120, 40, env)
        try:
            ours.until(lambda output: b"tunewright" in output)
            pump((ours, peer), 3.0)
            chance = random.Random(0)
            delays = [
                [_ask(t, other, endpoint, chance) for t, other in ((ours, peer), (peer, ours))]
                for _ in range(repeats + 1)
            ]
        finally:
            ours.close()
            peer.close()
    first, bare = (statistics.median(times) * 1000 for times in zip(*delays[1:], strict=True))  # the first one is cold
    name = "first token → screen, in the chat"
    return [Figure(name, first, bare, "ms", "httpx printing to a terminal", "≤ 400 ms", first <= 400, repeats)]


def _ask(typed: Terminal, other: Terminal, endpoint: Endpoint, chance: random.Random) -> float:
    """Seconds from the sending of a word to its picture."""
    word = "".join(chance.choices(string.ascii_lowercase, k=12))
    endpoint.play(replace(steps.say(f"{word} and more"), delay=_DELAY, piece=13))
    before = len(endpoint.requests)
    typed.send(b"how is it?\r")
    typed.until(lambda output: word.encode() in output, beside=(other,))
    seen = time.monotonic()
    pump((typed, other), chance.uniform(0.5, 1.0))  # until the answer is settled, and at no fixed phase of a frame
    return seen - endpoint.requests[before].at - _DELAY


def _study(path: Path, url: str) -> None:
    space = SearchSpace([FloatParameter(name="lr", low=1e-4, high=1.0, log=True)])
    agent = AgentSpec(model=url)
    spec = StudySpec(name="bench", trainer="forest", space=space, objective=Objective("loss", "minimize"), agent=agent)
    with open_store(path) as store:
        studies.create(store, spec, path.parent)
