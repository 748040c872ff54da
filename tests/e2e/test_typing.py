"""Somebody writes a question in a real terminal while ten proposals arrive from another front, and then kill -9."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.session import open_session
from agent.store import proposals, studies, trials, turns
from agent.store.connection import open_store
from agent.study.nouns import ProposalState
from tests.agent.scripts import workplace
from tests.agent.tmux import Tmux, needs_tmux
from tests.e2e.test_walk import TRAIN

pytestmark = [pytest.mark.slow, needs_tmux, pytest.mark.timeout(300)]
SENTENCE = "are all approved already or are errors rare, and why are a, e and r letters?"
ARRIVING = 10
STUDY = """
[study]
name = "walk"
command = ["{python}", "train.py", "--lr", "{{lr}}", "--units", "{{units}}"]
objective = {{ metric = "val_loss", direction = "minimize" }}
budget = {{ trials = 20 }}

[space]
lr = {{ type = "float", low = 1e-4, high = 1.0, log = true, default = 0.01 }}
units = {{ type = "int", low = 8, high = 64, default = 32 }}

[metrics]
val_loss = {{ regex = 'val_loss=(\\S+)', step_regex = 'step (\\d+)' }}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    with workplace(tmp_path) as place:
        (place / "train.py").write_text(TRAIN)
        (place / "study.toml").write_text(STUDY.format(python=sys.executable))
        yield place


@pytest.fixture
def tmux(folder: Path) -> Iterator[Tmux]:
    terminal = Tmux(folder)
    yield terminal
    terminal.close()


def test_no_key_is_lost_and_nothing_is_approved(folder: Path, tmux: Tmux) -> None:
    tmux.run("run", "study.toml")
    tmux.until("PROPOSAL 0")
    store_path = folder / "store.sqlite"
    with open_store(store_path, check=False) as store:
        other = open_session(store, "walk")
        typed = 0
        for n in range(ARRIVING):
            other.propose({"lr": 10 ** (-3 + n / 10)})
            upto = len(SENTENCE) * (n + 1) // ARRIVING
            for letter in SENTENCE[typed:upto]:
                tmux.type(letter)
                time.sleep(0.04)
            typed = upto
        tmux.until(f"◆ {ARRIVING + 1} ask")
        time.sleep(1.0)  # longer than a card's grace
        tmux.type(" a e r")
        tmux.until("letters? a e r")
        study = studies.get(store, "walk")
        assert trials.all_trials(store, study.id) == []
        assert {p.state for p in proposals.all_of(store, study.id)} == {ProposalState.PENDING}
        assert len(proposals.all_of(store, study.id)) == ARRIVING + 1

    time.sleep(1.5)  # drafts are saved each second
    os.kill(tmux.program, signal.SIGKILL)
    tmux.until("Killed")
    tmux.type("reset")
    tmux.press("C-j")  # the terminal is as the app left it: raw
    time.sleep(1.5)
    tmux.run()
    tmux.until("letters? a e r")
    tmux.until(f"◆ {ARRIVING + 1} ask")
    tmux.press("Enter")
    tmux.until(lambda screen: "› are all approved already" in screen, 60)
    with open_store(store_path, check=False) as store:
        asked = [t.text for t in turns.last(store, studies.get(store, "walk").id, 10) if t.role == "person"]
        assert asked == [SENTENCE + " a e r"]
