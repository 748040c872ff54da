"""What a person does at the app's terminal, and how long they wait: until they see it."""

from __future__ import annotations

import time
from pathlib import Path

from tests.agent.terminals import Terminal, until

CTRL_G, CTRL_Q = "\x07", "\x11"
GRACE = 0.8  # seconds, more than a card wants to have been seen for
HELD = """
import json, sys, time
from pathlib import Path
for step in range(4):
    print(json.dumps({{"step": step, "loss": 1 / (step + 1)}}), flush=True)
until = time.time() + 120
while not Path({go!r}).exists() and time.time() < until:
    time.sleep(0.05)
"""


def open_app(folder: Path, *words: str) -> Terminal:
    return Terminal(*words, cwd=folder, size=(160, 45), env={"XDG_CONFIG_HOME": str(folder)})


def hold_trials(folder: Path) -> Path:
    """Trials of the study in `folder` report four times and then run until the path returned is made."""
    go = folder / "go"
    (folder / "train.py").write_text(HELD.format(go=str(go)))
    return go


def rest(*terminals: Terminal) -> None:
    """As long as a card wants to have been seen for."""
    seen = time.monotonic()
    until(lambda: time.monotonic() > seen + GRACE, *terminals)


def go_to_card(number: int, *terminals: Terminal) -> None:
    """The focus on proposal `number`, in each of them, for long enough that a letter decides."""
    card = f"PROPOSAL {number} "
    until(lambda: all(card in t.painted for t in terminals), *terminals)
    for terminal in terminals:
        terminal.send(CTRL_G)
    until(lambda: all(t.painted.rfind("a approve") > t.painted.rfind(card) for t in terminals), *terminals)
    rest(*terminals)


def approve(terminal: Terminal, number: int) -> None:
    go_to_card(number, terminal)
    terminal.send("a")
