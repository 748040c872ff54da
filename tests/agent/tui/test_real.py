"""The app in a terminal, on real trials: consent, leaving, a lost terminal, a crash."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.store import settings
from agent.store.connection import open_store
from agent.study.nouns import TrialState
from agent.tui.back.orders import scope
from agent.tui.terminal.pasted import END, START
from tests.agent.scripts import trials_in, until_ended, workplace, write_study
from tests.agent.terminals import environment
from tests.agent.tui.person import CTRL_Q, approve, go_to_card, hold_trials, open_app, rest


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    with workplace(tmp_path) as place:
        yield place


def draft(folder: Path) -> object:
    """What the app has kept of the text in the input line."""
    with open_store(folder / "store.sqlite", check=False) as store:
        return settings.take(store, scope("quick"), "draft")


def test_a_person_approves_a_proposal_and_its_trial_runs(folder: Path) -> None:
    write_study(folder, trials=2)
    terminal = open_app(folder, "run", "study.toml", "--policy", "ask")
    try:
        approve(terminal, 0)
        terminal.until(lambda: [t.state for t in trials_in(folder)] == [TrialState.COMPLETED])
        terminal.expect("PROPOSAL 1 ")
        terminal.send(CTRL_Q)
        assert terminal.wait() == 0
    finally:
        terminal.close()


def test_leaving_says_what_keeps_running_and_keeps_it_running(folder: Path) -> None:
    write_study(folder, trials=2)
    go = hold_trials(folder)
    terminal = open_app(folder, "run", "study.toml", "--policy", "ask")
    try:
        approve(terminal, 0)
        terminal.until(lambda: [t.state for t in trials_in(folder)] == [TrialState.RUNNING])
        terminal.expect("1 run")
        terminal.send(CTRL_Q)
        terminal.expect("1 trial keeps running; tunewright to come back")
        assert terminal.wait() == 0
    finally:
        terminal.close()
    go.touch()
    assert [t.state for t in until_ended(folder)] == [TrialState.COMPLETED]


def test_a_lost_terminal_ends_the_app_and_releases_the_store(folder: Path) -> None:
    write_study(folder, trials=2)
    go = hold_trials(folder)
    terminal = open_app(folder, "run", "study.toml", "--policy", "ask")
    try:
        approve(terminal, 0)
        terminal.until(lambda: [t.state for t in trials_in(folder)] == [TrialState.RUNNING])
        terminal.hang_up()
        assert terminal.wait(timeout=15) == 0
    finally:
        terminal.close()
    go.touch()
    assert [t.state for t in until_ended(folder)] == [TrialState.COMPLETED]
    conn = sqlite3.connect(folder / "store.sqlite")
    assert conn.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    conn.close()


def test_after_kill_9_the_draft_the_card_and_the_trial_are_there_again(folder: Path) -> None:
    write_study(folder, trials=3)
    go = hold_trials(folder)
    terminal = open_app(folder, "run", "study.toml", "--policy", "ask")
    try:
        approve(terminal, 0)
        terminal.expect("PROPOSAL 1 ")
        terminal.send("\x1bwhat I was abou")
        terminal.until(lambda: draft(folder) == "what I was abou")
        os.kill(terminal.process.pid, signal.SIGKILL)
        terminal.wait()
    finally:
        terminal.close()
    again = open_app(folder)
    try:
        for seen in ("what I was abou", "PROPOSAL 1 ", "t0"):
            again.expect(seen)
        again.send(CTRL_Q)
        assert again.wait() == 0
    finally:
        again.close()
    go.touch()
    assert [t.state for t in until_ended(folder)] == [TrialState.COMPLETED]


def test_nothing_in_a_paste_decides_or_ends_the_app(folder: Path) -> None:
    write_study(folder, trials=2)
    terminal = open_app(folder, "run", "study.toml", "--policy", "ask")
    try:
        go_to_card(0, terminal)
        # Textual's own parser would take each a for a key
        junk = b"\x1b" + b"a" * 60 + b"\x11\x07" + bytes(range(128, 256))
        terminal.send(START.encode() + junk + END.encode())
        rest(terminal)
        terminal.send(CTRL_Q)
        assert terminal.wait() == 0
        assert "Traceback" not in terminal.painted
        assert trials_in(folder) == []
    finally:
        terminal.close()


def test_the_first_frame_waits_for_none_of_the_heavy_packages() -> None:
    probe = """
import sys
from pathlib import Path
from agent.tui.app import TunewrightApp
seen = []
TunewrightApp._begin = lambda self: (seen.extend(sys.modules), self.exit(""))
import asyncio
async def main():
    app = TunewrightApp(Path("nowhere.sqlite"), "x")
    async with app.run_test() as pilot:
        await pilot.pause()
asyncio.run(main())
heavy = ["torch", "optuna", "litellm", "instructor", "sqlite_utils", "sqlite3", "sklearn", "numpy", "pydantic", "agent.store",
         "agent.session", "agent.tui.back.bridge", "agent.tui.screens.study"]
print([name for name in heavy if name in seen])
"""
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, env=environment(), check=True)
    assert done.stdout.strip() == "[]"


def test_a_terminal_that_hangs_up_and_goes_on_leaves_no_process(folder: Path) -> None:
    """What a terminal sends as it goes, SIGCONT, would have Textual begin anew; reading then finds an end without end."""
    write_study(folder, trials=2)
    terminal = open_app(folder, "run", "study.toml", "--policy", "ask")
    try:
        terminal.expect("PROPOSAL 0 ")
        terminal.hang_up()
        until = time.monotonic() + 10
        while terminal.process.poll() is None and time.monotonic() < until:
            terminal.process.send_signal(signal.SIGCONT)
            time.sleep(0.005)
        assert terminal.wait(timeout=20) == 0
    finally:
        terminal.close()
