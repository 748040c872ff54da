"""A real `tunewright serve` in a process of its own."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.agent.terminals import COMMAND, environment


@dataclass(frozen=True)
class Served:
    """`url` carries the token, `bare` does not."""

    url: str
    port: int
    process: subprocess.Popen[str]

    @property
    def bare(self) -> str:
        return self.url.partition("?")[0]

    @property
    def token(self) -> str:
        return self.url.partition("token=")[2]


@contextmanager
def served(folder: Path, *words: str, **env: str) -> Iterator[Served]:
    process = subprocess.Popen(
        [*COMMAND, "serve", *words, "--port", "0", "--json"],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=(folder / "serve.err").open("w"),
        text=True,
        env=environment(XDG_CONFIG_HOME=str(folder), TUNEWRIGHT_LESSONS=str(folder / "lessons.sqlite"), **env),
    )
    assert process.stdout is not None
    try:
        said = ""
        while not said.endswith("}\n"):
            line = process.stdout.readline()
            assert line, (folder / "serve.err").read_text()
            said += line
        told = json.loads(said)
        yield Served(told["url"], told["port"], process)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        process.wait(30)
        process.stdout.close()
