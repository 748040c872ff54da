"""llama.cpp's own OpenAI-compatible server with the tiny model, on a free port of this machine.

from tests.agent.llm.local.server import llama_server  # noqa: F401 – a fixture: the address, up to /v1
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

_PATIENCE = 90.0


@pytest.fixture(scope="session")
def llama_server(tiny_gguf: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(tiny_gguf, tmp_path_factory.mktemp("llama") / "server.log") as address:
        yield address


@contextmanager
def serving(model: Path, log: Path, context: int = 8_192) -> Iterator[str]:
    """`http://127.0.0.1:PORT/v1`, until the block is left."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = {"model": model, "host": "127.0.0.1", "port": port, "n_ctx": context, "n_threads": 1}
    options |= {"logits_all": "true", "verbose": "false"}  # all logits: it refuses log-probabilities else
    words = [str(word) for name, value in options.items() for word in (f"--{name}", value)]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "llama_cpp.server", *words],
            stdout=output,
            stderr=output,
            env={**os.environ, "GGML_NO_BACKTRACE": "1"},
        )
    try:
        _await(f"http://127.0.0.1:{port}/v1/models", process, log)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        process.kill()
        process.wait()


def _await(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        assert process.poll() is None, f"the server ended:\n{log.read_text()}"
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise AssertionError(f"the server is not up after {_PATIENCE:.0f} s:\n{log.read_text()}")
