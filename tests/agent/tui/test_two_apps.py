"""Two apps on one store, in two terminals, driven by keys: both show everything, and a proposal is settled once."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from agent.study.nouns import TrialState
from tests.agent.scripts import trials_in, until_ended, workplace, write_study
from tests.agent.tmux import PATIENCE, Tmux, needs_tmux

ROUNDS = 3
GRACE = 0.8  # seconds, more than a card wants to have been seen for

pytestmark = [pytest.mark.slow, needs_tmux, pytest.mark.timeout(300)]


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    with workplace(tmp_path) as place:
        yield place


@pytest.fixture
def both(folder: Path) -> Iterator[tuple[Tmux, Tmux]]:
    terminals = Tmux(folder), Tmux(folder)
    yield terminals
    for terminal in terminals:
        terminal.close()


def come_about(what: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.1)


def go_to_card(number: int, *terminals: Tmux) -> None:
    """The focus on proposal `number`, in each of them, for long enough that a letter decides."""
    for terminal in terminals:
        terminal.until(f"PROPOSAL {number} ")
        terminal.press("C-g")
    time.sleep(GRACE)


def test_a_proposal_is_approved_in_one_seen_in_the_other_and_never_run_twice(
    folder: Path, both: tuple[Tmux, Tmux]
) -> None:
    write_study(folder, trials=ROUNDS + 2)
    first, second = both
    first.run("run", "study.toml", "--policy", "ask")
    first.until("PROPOSAL 0 ")
    second.run()
    second.until("PROPOSAL 0 ")
    go_to_card(0, first)
    first.press("a")
    second.until("you approved 0 → t0")
    come_about(lambda: [t.state for t in trials_in(folder)] == [TrialState.COMPLETED])
    for number in range(1, ROUNDS + 1):
        go_to_card(number, *both)
        for terminal in both if number % 2 else reversed(both):
            terminal.press("a", pause=0)
        told = f"proposal {number} is already approved"
        come_about(lambda told=told: told in first.screen + second.screen)
        come_about(lambda n=number: len(trials_in(folder)) == n + 1)
        assert not (told in first.screen and told in second.screen), "one of them approved it"
    for terminal in both:
        terminal.until(f"PROPOSAL {ROUNDS + 1} ")
        terminal.press("C-q")
        terminal.until(lambda screen: "PROPOSAL" not in screen)  # back in the shell
    assert [t.state for t in until_ended(folder)] == [TrialState.COMPLETED] * (ROUNDS + 1)
    conn = sqlite3.connect(folder / "store.sqlite")
    decided = conn.execute("SELECT proposal_id, count(*) FROM decision GROUP BY proposal_id").fetchall()
    assert [count for _, count in decided] == [1] * (ROUNDS + 1)
    assert conn.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    conn.close()
