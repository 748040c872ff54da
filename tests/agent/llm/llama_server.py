"""llama.cpp's OpenAI-compatible server on a loopback port, with a tiny model made on the spot."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from agent.llm import servers
from agent.llm.servers import NoServerError


@contextmanager
def llama_server(model: Path, *, context: int = 8_192) -> Iterator[str]:
    """The server's address, as --model takes it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = [
        "--model",
        str(model),
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
        "--n_ctx",
        str(context),
        "--n_threads",
        "1",
        "--logits_all",  # without, it refuses log-probabilities
        "true",
    ]
    process = subprocess.Popen(
        [sys.executable, "-m", "llama_cpp.server", *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    address = f"http://127.0.0.1:{port}/v1"
    try:
        _wait_for(process, address)
        yield address
    finally:
        process.terminate()
        process.wait(20)


def _wait_for(process: subprocess.Popen[bytes], address: str) -> None:
    until = time.monotonic() + 120
    while time.monotonic() < until:
        assert process.poll() is None, "llama.cpp's server ended"
        try:
            servers.served(address, seconds=1, proxies=False)
            return
        except NoServerError:
            time.sleep(0.1)
    raise AssertionError("llama.cpp's server did not come up")
