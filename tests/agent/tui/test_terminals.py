"""What really goes to a terminal: its title and back, bells, notifications, colours; on plain consoles and without colour."""

from __future__ import annotations

import os
import re
import signal
import sys
from pathlib import Path

import pytest

from tests.agent.terminals import Terminal, tunewright
from tests.agent.tui.person import CTRL_Q

SGR = re.compile(r"\x1b\[([0-9;:]*)m")
FOCUS_OUT = "\x1b[O"


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a study of two trials that is done."""
    folder = tmp_path_factory.mktemp("ran")
    done = tunewright("demo", "--trials", "2", "--policy", "auto", "--headless", cwd=folder, timeout=150)
    assert done.returncode == 0, done.stderr
    return folder


def looked_at(folder: Path, **environment: str) -> Terminal:
    """The app on the study, open and drawn."""
    env = {"XDG_CONFIG_HOME": str(folder), "LANG": "C.UTF-8", "COLORTERM": "", **environment}
    terminal = Terminal(cwd=folder, size=(120, 36), env=env)
    terminal.until(lambda: "demo-" in terminal.painted and "done" in terminal.painted)
    return terminal


def left(terminal: Terminal) -> str:
    """All it has written, to the end."""
    terminal.send(CTRL_Q)
    assert terminal.wait() == 0
    return terminal.seen


def colours(seen: str) -> set[str]:
    """The kinds of colour in it: "default", "16", "256", "true"."""
    found = set()
    for codes in SGR.findall(seen):
        words = codes.split(";")
        while words:
            word = words.pop(0)
            if word in ("38", "48"):
                found.add({"5": "256", "2": "true"}[words[0]])
                del words[: 2 if words[0] == "5" else 4]
            elif word in ("39", "49"):
                found.add("default")
            elif re.fullmatch(r"(3|4|9|10)[0-7]", word):
                found.add("16")
    return found


def test_the_title_is_set_and_given_back(ran: Path) -> None:
    terminal = looked_at(ran)
    try:
        terminal.expect("\x1b[22;0t")
        terminal.expect("\x1b]0;tunewright – demo-")
        seen = left(terminal)
        assert seen.rfind("\x1b[23;0t") > seen.rfind("\x1b]0;tunewright –")
    finally:
        terminal.close()


def test_the_title_is_given_back_after_a_signal(ran: Path) -> None:
    terminal = looked_at(ran)
    try:
        terminal.expect("\x1b]0;tunewright – demo-")
        os.kill(terminal.process.pid, signal.SIGTERM)
        terminal.wait()
        assert terminal.seen.rfind("\x1b[23;0t") > terminal.seen.rfind("\x1b]0;tunewright –")
    finally:
        terminal.close()


CRASHING = """
import sys
from pathlib import Path
from agent.tui.app import TunewrightApp
from agent.tui.desk import Desk
def drain(self):
    raise RuntimeError("a fault of ours")
Desk.drain = drain
TunewrightApp(Path("store.sqlite")).run()
"""


def test_the_title_is_given_back_after_a_crash(ran: Path) -> None:
    terminal = Terminal(cwd=ran, env={"XDG_CONFIG_HOME": str(ran)}, under=[sys.executable, "-c", CRASHING])
    try:
        terminal.wait()
        assert "a fault of ours" in terminal.painted
        assert terminal.seen.index("\x1b[22;0t") < terminal.seen.rfind("\x1b[23;0t")
    finally:
        terminal.close()


def test_a_person_elsewhere_is_called_when_the_study_is_finished(tmp_path: Path) -> None:
    env = {"XDG_CONFIG_HOME": str(tmp_path), "LANG": "C.UTF-8"}
    terminal = Terminal("demo", "--trials", "2", "--policy", "auto", cwd=tmp_path, size=(120, 36), env=env)
    try:
        terminal.expect("\x1b]0;● 1 run – demo-", timeout=90)
        terminal.send(FOCUS_OUT)
        terminal.expect("is finished", timeout=90, after=terminal.expect("\x1b]9;tunewright: demo-", timeout=90))
        left(terminal)
        assert 1 <= len(re.findall(r"(?<![^\x07m\x1bhlHJK])\x07", terminal.seen)) <= 4
    finally:
        terminal.close()


@pytest.mark.parametrize(
    ("environment", "kinds"),
    [
        ({"TERM": "xterm-256color", "NO_COLOR": "1"}, set()),
        ({"TERM": "xterm", "NO_COLOR": "1"}, set()),
        ({"TERM": "linux"}, {"16"}),
        ({"TERM": "xterm"}, {"16"}),
        ({"TERM": "xterm-256color"}, {"256"}),
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor"}, {"true"}),
    ],
    ids=lambda v: " ".join(v.values()) if isinstance(v, dict) else "",
)
def test_each_terminal_gets_the_colours_it_has(ran: Path, environment: dict[str, str], kinds: set[str]) -> None:
    terminal = looked_at(ran, **environment)
    try:
        assert colours(left(terminal)) - {"default"} == kinds
    finally:
        terminal.close()


@pytest.mark.parametrize("environment", [{"TERM": "linux"}, {"LANG": "C"}, {"LC_ALL": "C"}], ids=str)
def test_plain_consoles_and_locales_are_shown_ascii(ran: Path, environment: dict[str, str]) -> None:
    terminal = looked_at(ran, **environment)
    try:
        shown = left(terminal)
        assert [c for c in shown if not c.isascii()] == []
        assert ("\x1b]" in shown) == (environment.get("TERM") != "linux")  # the console prints what it does not know
    finally:
        terminal.close()


def test_a_flag_wins_over_the_environment(ran: Path) -> None:
    env = {"XDG_CONFIG_HOME": str(ran), "LANG": "C.UTF-8", "COLORTERM": "truecolor", "TUNEWRIGHT_THEME": "dark"}
    terminal = Terminal("--theme", "ansi", "--ascii", "on", cwd=ran, size=(120, 36), env=env)
    try:
        terminal.until(lambda: "demo-" in terminal.painted and "done" in terminal.painted)
        seen = left(terminal)
        assert colours(seen) - {"default"} == {"16"} and re.sub(r"\x1b\][^\a]*\a", "", seen).isascii()
    finally:
        terminal.close()


def test_a_dumb_terminal_is_told_of_the_repl(tmp_path: Path) -> None:
    terminal = Terminal(cwd=tmp_path, env={"TERM": "dumb"})
    try:
        assert terminal.wait() == 2
        assert "repl" in terminal.seen and "\x1b" not in terminal.seen
    finally:
        terminal.close()
