"""Nothing of what runs a model is imported before it is wanted, and importing it reaches for no network."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
HEAVY = {"litellm", "instructor", "openai", "llama_cpp", "transformers", "torch"}

NO_NETWORK = """
import socket
def refuse(*args, **kwargs):
    raise AssertionError(f"reached for the network: {args[1:]}")
socket.socket.connect = socket.socket.connect_ex = socket.getaddrinfo = socket.create_connection = refuse
"""


def run(code: str) -> str:
    answer = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=150,
        env={"PATH": "/usr/bin:/bin"},
    )
    assert answer.returncode == 0, answer.stderr
    return answer.stdout


@pytest.mark.parametrize(
    "module", ["agent.tui.app", "agent.session", "agent.repl", "agent.commands.models", "agent.llm.models"]
)
def test_importing_it_imports_nothing_that_runs_a_model(module):
    loaded = json.loads(run(f"import json, sys, {module}\nprint(json.dumps(sorted(sys.modules)))"))
    assert HEAVY.isdisjoint(loaded)


def test_the_client_loads_without_network_and_says_nothing():
    # The environment is bare: it is the client that tells litellm to stay at home.
    code = f"{NO_NETWORK}\nimport asyncio\nfrom agent.llm import litellm_quiet, structured\nasyncio.run(litellm_quiet.load())"
    assert run(code) == ""


def test_without_a_model_nothing_is_imported(tmp_path):
    code = f"""
import asyncio, sys
from agent.llm.models import Models
from agent.store.connection import open_store
from tests.agent.stores import make_study
with open_store({str(tmp_path / "store.sqlite")!r}) as store:
    assert asyncio.run(Models().of(store, make_study(store))) is None
print(*{HEAVY!r} & set(sys.modules))
"""
    assert run(code).strip() == ""
