"""A search that takes its time holds up nobody: the app goes on hearing keys while a proposal is being made."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.store import proposals, settings, studies
from agent.store.connection import open_store
from agent.tui.back.orders import scope
from tests.agent.scripts import workplace, write_study
from tests.agent.terminals import Terminal
from tests.agent.tui.person import CTRL_Q

# Python reads this file as it starts: the proposer process alone then waits until it is let go.
HOLDS = """
import sys, time
from pathlib import Path
while "agent.search.service" in sys.orig_argv and not Path({go!r}).exists():
    Path({waits!r}).touch()
    time.sleep(0.02)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    with workplace(tmp_path) as place:
        yield place


def test_keys_are_heard_while_a_proposal_takes_as_long_as_it_likes(folder: Path, tmp_path: Path) -> None:
    write_study(folder, trials=3)
    go, waits = tmp_path / "go", tmp_path / "waits"
    (tmp_path / "held").mkdir()
    (tmp_path / "held" / "sitecustomize.py").write_text(HOLDS.format(go=str(go), waits=str(waits)))
    paths = os.pathsep.join([str(tmp_path / "held"), os.environ.get("PYTHONPATH", "")])
    env = {"XDG_CONFIG_HOME": str(folder), "PYTHONPATH": paths}
    terminal = Terminal("run", "study.toml", "--policy", "ask", cwd=folder, size=(160, 45), env=env)
    try:
        terminal.until(waits.exists)  # the search has been asked and does not answer
        terminal.send("/seeds 2")
        terminal.until(lambda: _draft(folder) == "/seeds 2")  # typed, drawn, and kept in the store
        terminal.send("\r")
        terminal.until(lambda: _seeds(folder) == 2)  # a command is carried out too
        assert _proposed(folder) == 0 and not go.exists()
        go.touch()
        terminal.until(lambda: _proposed(folder) > 0)  # and the proposal comes when it comes
        terminal.send(CTRL_Q)
        assert terminal.wait() == 0
    finally:
        go.touch()
        terminal.close()


def _draft(folder: Path) -> object:
    with open_store(folder / "store.sqlite", check=False) as store:
        return settings.take(store, scope("quick"), "draft")


def _seeds(folder: Path) -> int:
    with open_store(folder / "store.sqlite", check=False) as store:
        return studies.get(store, "quick").spec.seeds


def _proposed(folder: Path) -> int:
    with open_store(folder / "store.sqlite", check=False) as store:
        return len(proposals.all_of(store, studies.get(store, "quick").id))
