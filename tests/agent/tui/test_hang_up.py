"""A terminal that vanishes leaves trials running: a hang-up of the line, and a tmux session that is killed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.study.nouns import TrialState
from tests.agent.scripts import trials_in, until_ended, workplace, write_study
from tests.agent.terminals import COMMAND, environment, until
from tests.agent.tui.person import approve, hold_trials, open_app

needs_tmux = pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    with workplace(tmp_path) as place:
        yield place


def gone(pid: int) -> bool:
    """Whether the process has ended; one that nobody has waited for yet has."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except FileNotFoundError:
        return True


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_a_hang_up_of_the_line_ends_the_app_and_no_trial(folder: Path) -> None:
    write_study(folder, trials=2)
    go = hold_trials(folder)
    terminal = open_app(folder, "run", "study.toml", "--policy", "ask")
    try:
        approve(terminal, 0)
        terminal.until(lambda: [t.state for t in trials_in(folder)] == [TrialState.RUNNING])
        terminal.hang_up()  # the kernel sends SIGHUP to what the terminal controlled
        assert terminal.wait(timeout=30) == 0
        assert [t.state for t in trials_in(folder)] == [TrialState.RUNNING]
    finally:
        terminal.close()
    go.touch()
    assert [t.state for t in until_ended(folder)] == [TrialState.COMPLETED]


@needs_tmux
@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_a_tmux_session_that_is_killed_ends_the_app_and_no_trial(folder: Path) -> None:
    write_study(folder, trials=2)
    go = hold_trials(folder)
    socket = f"tunewright-test-{os.getpid()}"

    def tmux(*words: str) -> str:
        done = subprocess.run(
            ["tmux", "-L", socket, *words], capture_output=True, text=True, env=environment(), cwd=folder, check=True
        )
        return done.stdout

    words = " ".join([*COMMAND, "run", "study.toml", "--policy", "watch"])
    tmux("-f", "/dev/null", "new-session", "-d", "-x", "120", "-y", "36", "-s", "app", words)
    try:
        pid = int(tmux("display-message", "-p", "-t", "app", "#{pane_pid}"))
        until(lambda: (folder / "store.sqlite").exists())
        until(lambda: "1 run" in tmux("capture-pane", "-p", "-t", "app"))
        tmux("kill-session", "-t", "app")
        until(lambda: gone(pid), timeout=30)
        assert any(t.state is TrialState.RUNNING for t in trials_in(folder))
    finally:
        subprocess.run(["tmux", "-L", socket, "kill-server"], capture_output=True, check=False)
    go.touch()
    until(lambda: len(trials_in(folder)) == 2 and all(t.state.ended for t in trials_in(folder)))
    assert {t.state for t in trials_in(folder)} == {TrialState.COMPLETED}
