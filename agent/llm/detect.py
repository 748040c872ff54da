"""Which models are at hand: keys in the environment, servers on this machine, GGUF files. Imports nothing heavy, and
nothing leaves the machine."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from agent.llm import gguf_files, keys, servers
from agent.llm.servers import NoServerError
from agent.study.agent_spec import NO_MODEL

PORTS = {8080: "llama.cpp", 8000: "vLLM or llama-cpp-python", 1234: "LM Studio", 5001: "KoboldCpp"}
OLLAMA_PORT = 11434
EXTRAS = {"local": "llama_cpp", "hf": "transformers"}
_SECONDS = 0.3  # a server on this machine answers in less


@dataclass(frozen=True)
class Offer:
    """A model that can be used now: `model` is what --model takes, `kind` one of hosted, server, file, built-in."""

    model: str
    kind: str
    what: str


@dataclass(frozen=True)
class AtHand:
    """`offers` in the order in which one would try them; `extras` says which optional packages are there."""

    offers: tuple[Offer, ...]
    extras: dict[str, bool]


def at_hand(folder: Path | None = None, *, ports: dict[int, str] | None = None, ollama: int = OLLAMA_PORT) -> AtHand:
    """Takes some tenths of a second at most. `folder` is where to look for files, besides the usual places."""
    extras = {name: find_spec(module) is not None for name, module in EXTRAS.items()}
    probes = [*((port, title) for port, title in (PORTS if ports is None else ports).items()), (ollama, "Ollama")]
    with ThreadPoolExecutor(max_workers=len(probes) + 1) as pool:
        files = pool.submit(lambda: list(_files(folder or Path.cwd(), extras["local"])))
        served = pool.map(lambda probe: _server(*probe, ollama=ollama), probes)
        found = [*_hosted(), *(offer for offers in served for offer in offers), *files.result()]
    return AtHand((*found, Offer(NO_MODEL, "built-in", "the built-in advisor: rules, no calls, no key")), extras)


def _hosted() -> Iterator[Offer]:
    seen = set()
    for variable, provider in keys.known():
        if provider.prefix not in seen:
            seen.add(provider.prefix)
            model = provider.model or f"{provider.prefix}/MODEL"
            yield Offer(model, "hosted", f"{provider.title}, key in {variable}; other models as {provider.prefix}/NAME")


def _server(port: int, title: str, *, ollama: int) -> list[Offer]:
    address = f"http://127.0.0.1:{port}"
    try:
        if port == ollama:
            answer = servers.ask(f"{address}/api/tags", seconds=_SECONDS, proxies=False)
            names = [str(model["name"]) for model in answer["models"]]
            base = "" if port == OLLAMA_PORT else f" --api-base {address}"
            return [Offer(f"ollama_chat/{name}", "server", f"{title} at {address}{base}") for name in names]
        names = servers.served(f"{address}/v1", seconds=_SECONDS, proxies=False)
    except (NoServerError, KeyError, TypeError):
        return []
    if len(names) == 1:
        return [Offer(f"{address}/v1", "server", f"{title} at port {port}, serves {names[0]}")]
    return [Offer(f"{address}/v1#{name}", "server", f"{title} at port {port}") for name in names]


def _files(folder: Path, usable: bool) -> Iterator[Offer]:
    for found in gguf_files.find(folder):
        needs = "" if usable else "; needs: pip install 'tunewright[local]'"
        size = f"{found.size / 2**30:.1f} GB" if found.size >= 2**30 else f"{found.size / 2**20:.0f} MB"
        path = os.path.relpath(found.path, folder) if found.path.is_relative_to(folder) else str(found.path)
        yield Offer(f"local:{path}", "file", f"{found.title}, {size}{needs}")
