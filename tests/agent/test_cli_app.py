"""In a terminal `run` and `tunewright` alone open the app; in one that can only print lines they do not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.study.nouns import TrialState
from tests.agent.scripts import trials_in, workplace, write_study
from tests.agent.terminals import Terminal

ALTERNATE_SCREEN = "\x1b[?1049h"
CTRL_Q = "\x11"


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    with workplace(tmp_path) as place:
        yield place


def test_run_opens_the_app_on_the_study(folder: Path) -> None:
    write_study(folder, trials=1)
    terminal = Terminal("run", "study.toml", "--policy", "auto", cwd=folder, size=(160, 45))
    try:
        terminal.expect("quick", after=terminal.expect(ALTERNATE_SCREEN))
        terminal.until(lambda: [t.state for t in trials_in(folder)] == [TrialState.COMPLETED])
        terminal.send(CTRL_Q)
        assert terminal.wait() == 0
    finally:
        terminal.close()


def test_without_a_command_the_app_opens(folder: Path) -> None:
    terminal = Terminal(cwd=folder)
    try:
        terminal.expect(ALTERNATE_SCREEN)
        terminal.send(CTRL_Q)
        assert terminal.wait() == 0
    finally:
        terminal.close()


def test_a_dumb_terminal_gets_lines(folder: Path) -> None:
    write_study(folder, trials=1)
    terminal = Terminal("run", "study.toml", "--policy", "auto", cwd=folder, env={"TERM": "dumb"})
    try:
        terminal.expect("t0 completed")
        assert terminal.wait() == 0
    finally:
        terminal.close()
    assert "\x1b" not in terminal.seen
    alone = Terminal(cwd=folder, env={"TERM": "dumb"})
    try:
        alone.expect("the app needs a terminal")
        assert alone.wait() == 2
    finally:
        alone.close()
