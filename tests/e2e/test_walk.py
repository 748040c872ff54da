"""One person's whole way through the app in a real terminal: the guide, approve, edit, reject, a failure, why, a fix,
the export, and a kill -9 in the middle."""

from __future__ import annotations

import os
import signal
import sys
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.store import proposals, studies, trials
from agent.store.connection import open_store
from agent.study.nouns import Decision, Trial, TrialState
from tests.agent.scripts import workplace
from tests.agent.tmux import Tmux, needs_tmux

pytestmark = [pytest.mark.slow, needs_tmux, pytest.mark.timeout(400)]
GRACE = 0.8  # seconds a card wants to have been seen for

TRAIN = """
import argparse, math, time
parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, default=0.01)
parser.add_argument("--units", type=int, default=32)
options = parser.parse_args()
print("[bold]training[/bold]", flush=True)
for step in range(1, 9):
    loss = 1 / step + abs(math.log10(options.lr / 0.03)) + options.units / 1000
    if options.lr > 0.5 and step > 3:
        loss = math.nan
    print(f"step {step} val_loss={loss:.4f}", flush=True)
    time.sleep(0.15)
if options.lr > 0.5:
    raise FloatingPointError("loss is nan")
"""


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    (tmp_path / "walk").mkdir()
    with workplace(tmp_path / "walk") as place:
        (place / "train.py").write_text(TRAIN)
        yield place


@pytest.fixture
def tmux(folder: Path) -> Iterator[Tmux]:
    terminal = Tmux(folder, env={"PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])})
    yield terminal
    terminal.close()


def all_trials(folder: Path) -> list[Trial]:
    with open_store(folder / "store.sqlite", check=False) as store:
        return trials.all_trials(store, studies.get(store, "walk").id)


def decision(folder: Path, number: int) -> Decision | None:
    with open_store(folder / "store.sqlite", check=False) as store:
        study = studies.get(store, "walk")
        row = store.one("SELECT id FROM proposal WHERE study_id = ? AND number = ?", (study.id, number))
        return None if row is None else proposals.decision(store, row["id"])


def wait_for_card(tmux: Tmux, number: int) -> None:
    tmux.until(f"PROPOSAL {number} ")
    time.sleep(GRACE)
    tmux.press("C-g")
    time.sleep(GRACE)


def until_ended(folder: Path, number: int) -> Trial:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        found = all_trials(folder)
        if len(found) > number and found[number].state.ended:
            return found[number]
        time.sleep(0.1)
    raise AssertionError(f"t{number} never ended")


def test_from_the_first_proposal_to_the_export_and_back_from_a_kill(tmux: Tmux, folder: Path) -> None:
    # the first run: the guide finds the script, reads it, tries it, and writes its study file
    tmux.run()
    tmux.until("train.py: ")
    tmux.press("Enter")
    tmux.until("things could be tuned")
    tmux.press("Enter")
    tmux.until("enter goes on")
    tmux.press("Enter")
    tmux.until("[3 space]")
    tmux.press("Enter")
    tmux.until("● val_loss")
    tmux.press("Enter")
    tmux.until("Minimize val_loss over lr, units")
    assert tomllib.loads((folder / "study.toml").read_text())["study"]["name"] == "walk"

    # approve
    wait_for_card(tmux, 0)
    tmux.press("a")
    assert until_ended(folder, 0).state is TrialState.COMPLETED

    # edit, beyond what trains
    wait_for_card(tmux, 1)
    tmux.press("e")
    tmux.until("edit")
    tmux.press("C-u")
    tmux.type("0.9")
    tmux.press("Enter")
    failed = until_ended(folder, 1)
    assert (failed.state, failed.params["lr"]) == (TrialState.FAILED, 0.9)
    settled = decision(folder, 1)
    assert settled is not None and settled.params is not None and settled.params["lr"] == 0.9

    # reject, with a reason
    wait_for_card(tmux, 2)
    tmux.press("r")
    tmux.until("reason")
    tmux.say("lr is too low")
    end = time.monotonic() + 30
    while (settled := decision(folder, 2)) is None:
        assert time.monotonic() < end
        time.sleep(0.1)
    assert settled.reason == "lr is too low"

    # why, in the chat and on the trial's page
    tmux.press("Escape")
    tmux.say("why did 1 fail?")
    tmux.until(lambda screen: "FloatingPointError" in screen or "nan" in screen.partition("why did 1 fail?")[2])
    tmux.say("/why 1")
    shown = tmux.until("TRIAL 1")
    assert "[bold]" not in shown or "training" in shown, "markup is shown as it is"
    tmux.press("Escape")

    # fix: what the diagnosis suggests becomes a proposal of its own
    tmux.say("/suggest 1")
    tmux.until("takes up what t1 taught")
    with open_store(folder / "store.sqlite", check=False) as store:
        waiting = proposals.pending(store, studies.get(store, "walk").id)
    fix = waiting[-1]
    assert fix.params["lr"] < 0.9
    time.sleep(GRACE)
    tmux.say(f"/approve {fix.number}")
    fixed = until_ended(folder, 2)
    assert fixed.state is TrialState.COMPLETED and fixed.params == fix.params

    # export
    tmux.say("/export toml best.toml")
    tmux.until("exported to")
    best = min((t for t in all_trials(folder) if t.value is not None), key=lambda t: t.value)
    exported = (folder / "best.toml").read_text()
    assert f"{best.params['units']}" in exported and tomllib.loads(exported)

    # kill -9 while something is typed and a trial runs
    tmux.say("/propose lr=0.02 units=16")
    mine = tmux.until(lambda screen: "yours; it waits" in screen or "PROPOSAL" in screen)
    assert mine
    with open_store(folder / "store.sqlite", check=False) as store:
        number = proposals.pending(store, studies.get(store, "walk").id)[-1].number
    time.sleep(GRACE)
    tmux.say(f"/approve {number}")
    tmux.type("a thought half wri")
    time.sleep(1.6)
    os.kill(tmux.program, signal.SIGKILL)
    time.sleep(0.5)
    tmux.type("reset")
    tmux.press("C-j")  # the terminal is as the app left it: raw
    time.sleep(1.5)

    # and back: the draft, the trial that ran on, everything that was decided
    tmux.run()
    tmux.until("a thought half wri")
    assert until_ended(folder, 3).state is TrialState.COMPLETED
    tmux.until(lambda screen: "you approved 5 → t3" in screen and "t3 done" in screen and "lr is too low" in screen)
    tmux.press("C-q")
    tmux.until(lambda screen: "CHAT" not in screen)
    assert [t.state for t in all_trials(folder)].count(TrialState.COMPLETED) == 3
