"""Two apps on one store, in two terminals, driven by keys: both show everything, and a proposal is settled once."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.study.nouns import TrialState
from tests.agent.scripts import trials_in, until_ended, workplace, write_study
from tests.agent.terminals import until
from tests.agent.tui.person import CTRL_Q, go_to_card, open_app

ROUNDS = 3

pytestmark = pytest.mark.slow


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    with workplace(tmp_path) as place:
        yield place


def test_a_proposal_is_approved_in_one_seen_in_the_other_and_never_run_twice(folder: Path) -> None:
    write_study(folder, trials=ROUNDS + 2)
    first = open_app(folder, "run", "study.toml", "--policy", "ask")
    second = None
    try:
        first.expect("PROPOSAL 0 ")
        second = open_app(folder)
        both = (first, second)
        go_to_card(0, first)
        until(lambda: "PROPOSAL 0 " in second.painted, *both)
        first.send("a")
        until(lambda: "you approved 0 → t0" in second.painted, *both)
        until(lambda: [t.state for t in trials_in(folder)] == [TrialState.COMPLETED], *both)
        for number in range(1, ROUNDS + 1):
            go_to_card(number, *both)
            for terminal in both if number % 2 else reversed(both):
                terminal.send("a")
            told = f"proposal {number} is already approved"
            until(lambda told=told: told in first.painted + second.painted, *both)
            until(lambda n=number: len(trials_in(folder)) == n + 1, *both)
            assert not (told in first.painted and told in second.painted), "one of them approved it"
        until(lambda: all(f"PROPOSAL {ROUNDS + 1} " in t.painted for t in both), *both)
        for terminal in both:
            terminal.send(CTRL_Q)
            assert terminal.wait() == 0
    finally:
        for terminal in (first, second):
            if terminal is not None:
                terminal.close()
    assert [t.state for t in until_ended(folder)] == [TrialState.COMPLETED] * (ROUNDS + 1)
    conn = sqlite3.connect(folder / "store.sqlite")
    decided = conn.execute("SELECT proposal_id, count(*) FROM decision GROUP BY proposal_id").fetchall()
    assert [count for _, count in decided] == [1] * (ROUNDS + 1)
    assert conn.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    conn.close()
