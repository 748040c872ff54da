"""The guide of the first run: from an empty store to a study with its first proposal, by keyboard and mouse."""

from __future__ import annotations

import asyncio
import sys
import textwrap
import tomllib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from agent.store import studies
from agent.store.connection import open_store
from agent.tui.app import TunewrightApp
from agent.tui.screens.guide import GuideScreen
from tests.agent.tui import seed
from tests.agent.tui.driving import Clock, Screen, opened
from tests.agent.tui.still import StillSession
from trainers import processes

SCRIPT = """
    import argparse, sys, time
    parser = argparse.ArgumentParser()
    parser.add_argument("--lr", type=float, default=0.1)
    parser.add_argument("--dropout", type=float, default=0.2)
    parser.add_argument("--epochs", type=int, default=5)
    args = parser.parse_args()
    for epoch in range(args.epochs):
        print(f"epoch {epoch} loss={1 / (epoch + 1) + args.lr:.4f} val_loss={2 / (epoch + 1) + args.lr:.4f}", flush=True)
        time.sleep(0.05)
"""


@asynccontextmanager
async def guided(
    folder: Path, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int] = (80, 24)
) -> AsyncIterator[Screen]:
    """The app on a store without a study, in `folder`, its guide open."""
    monkeypatch.chdir(folder)
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}:/usr/bin:/bin")
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)
    clock, sessions = Clock(), list[StillSession]()

    def open_session(store, name):  # type: ignore[no-untyped-def]
        sessions.append(StillSession(store, name))
        return sessions[-1]

    app = TunewrightApp(
        folder / "store.sqlite", open_session=open_session, clock=clock, now=lambda: seed.NOW, keys=folder / "keys.toml"
    )
    async with app.run_test(size=size) as pilot:
        screen = Screen(app, pilot, clock, sessions)
        await screen.until(lambda: isinstance(app.screen, GuideScreen) and app.guide.found is not None, "the guide")
        await screen.until(lambda: "another file" in screen.text)
        yield screen


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "net"
    place.mkdir()
    (place / "train.py").write_text(textwrap.dedent(SCRIPT))
    return place


async def read(screen: Screen) -> None:
    await screen.press("enter")
    await screen.until(lambda: "things could be tuned" in screen.text, "it is read")


async def without_a_try(screen: Screen) -> None:
    await read(screen)
    await screen.press("s")
    await screen.until(lambda: "[3 space]" in screen.text)


async def test_an_empty_store_opens_it_with_the_script_the_demo_and_the_models(folder, monkeypatch):
    async with guided(folder, monkeypatch) as screen:
        assert "train.py" in screen.text and "a demo on a built-in task" in screen.text
        await screen.until(lambda: "Models at hand" in screen.text)


async def test_from_the_script_to_the_open_study(folder, monkeypatch):
    async with guided(folder, monkeypatch) as screen:
        await read(screen)
        assert "python train.py" in screen.text  # said before it is run
        await screen.press("enter")
        await screen.until(lambda: "the try" in screen.text and "val_loss" in screen.text, "it was tried")
        await screen.press("enter")
        await screen.until(lambda: "[3 space]" in screen.text)
        assert "● lr" in screen.text and "train.py:4" in screen.text
        await screen.press("enter")
        await screen.until(lambda: "[4 goal]" in screen.text and "● val_loss" in screen.text)
        await screen.press("enter")
        await screen.until(lambda: screen.app.desk.study and screen.app.desk.study.loaded, "the study is open")
        assert screen.app.study.model.spec.name == "net"
        written = tomllib.loads((folder / "study.toml").read_text())
        assert written["study"]["objective"] == {"metric": "val_loss", "direction": "minimize"}
        assert screen.app.guide is None


async def test_ranges_are_edited_in_place_and_checked_as_they_are_typed(folder, monkeypatch):
    async with guided(folder, monkeypatch) as screen:
        await without_a_try(screen)
        before = screen.app.guide.plan.tunables[0].parameter
        await screen.press("e")
        await screen.press("end", "x")
        await screen.until(lambda: "✗" in screen.text)
        await screen.press("enter")  # is not taken
        assert screen.app.guide.plan.tunables[0].parameter == before and "✗" in screen.text
        await screen.press("ctrl+u")
        await screen.write("0.001 0.5 log")
        await screen.until(lambda: "✓ enter takes it" in screen.text)
        await screen.press("enter")
        await screen.until(lambda: "0.001 … 0.5 log" in screen.text)
        await screen.press("e", "ctrl+u", "1", "escape")  # leaving the field changes nothing
        assert screen.app.guide.plan.tunables[0].parameter.high == 0.5
        await screen.press("space")
        await screen.until(lambda: "○ lr" in screen.text)


async def test_nothing_chosen_is_said_before_the_next_step(folder, monkeypatch):
    async with guided(folder, monkeypatch) as screen:
        await without_a_try(screen)
        await screen.press("space", "down", "space", "n")
        await screen.until(lambda: "no parameter is chosen" in screen.text)
        assert "[3 space]" in screen.text


async def test_back_and_escape_lose_nothing(folder, monkeypatch):
    async with guided(folder, monkeypatch) as screen:
        await without_a_try(screen)
        await screen.press("space", "n")
        await screen.until(lambda: "[4 goal]" in screen.text)
        await screen.press("b")
        await screen.until(lambda: "○ lr" in screen.text)
        await screen.press("escape")
        await screen.until(lambda: not screen.app.screen.is_modal and "^n opens the guide" in screen.text)
        await screen.press("ctrl+n")
        await screen.until(lambda: "[3 space]" in screen.text and "○ lr" in screen.text)


async def test_the_goal_and_the_budget_are_chosen(folder, monkeypatch):
    async with guided(folder, monkeypatch, size=(120, 36)) as screen:
        await without_a_try(screen)
        await screen.press("n")
        await screen.until(lambda: "○ loss" in screen.text)
        await screen.press("down", "space")
        await screen.until(lambda: "● loss" in screen.text)
        await screen.press("home", "space")
        await screen.until(lambda: screen.app.guide.plan.objective.direction == "maximize")
        for row, text in (("trials", "7"), ("trial_time", "2min"), ("name", "mine")):
            page = screen.app.screen
            page.list.highlighted = page._rows.index(row)
            await screen.press("e", "ctrl+u")
            await screen.write(text)
            await screen.press("enter")
        await screen.press("n")
        await screen.until(lambda: screen.app.desk.study and screen.app.desk.study.loaded)
        spec = screen.app.study.model.spec
        assert (spec.name, spec.objective.metric, spec.objective.direction) == ("mine", "loss", "maximize")
        assert (spec.budget.trials, spec.budget.trial_seconds) == (7, 120.0)


async def test_a_try_can_be_stopped_and_leaves_no_process(folder, monkeypatch):
    body = textwrap.dedent(SCRIPT).replace("time.sleep(0.05)", "time.sleep(600)")
    (folder / "train.py").write_text(
        body.replace("args = ", "open('pid', 'w').write(str(__import__('os').getpid()))\nargs = ")
    )
    async with guided(folder, monkeypatch) as screen:
        await read(screen)
        await screen.press("enter")
        await screen.until(lambda: "seen 1×" in screen.text, "it runs and is shown live")
        await screen.press("s")
        await screen.until(lambda: "was stopped" in screen.text)
        assert processes.look(int((folder / "pid").read_text())) is None


async def test_leaving_the_app_ends_the_try(folder, monkeypatch):
    body = textwrap.dedent(SCRIPT).replace("time.sleep(0.05)", "time.sleep(600)")
    (folder / "train.py").write_text(
        body.replace("args = ", "open('pid', 'w').write(str(__import__('os').getpid()))\nargs = ")
    )
    async with guided(folder, monkeypatch) as screen:
        await read(screen)
        await screen.press("enter")
        await screen.until(lambda: "seen 1×" in screen.text)
        await screen.press("ctrl+q")
    pid = int((folder / "pid").read_text())
    for _ in range(200):
        if processes.look(pid) is None:
            return
        await asyncio.sleep(0.1)
    raise AssertionError("the script runs on")


async def test_a_script_that_fails_says_why_and_can_be_gone_on_with(folder, monkeypatch):
    body = textwrap.dedent(SCRIPT).replace("for epoch", "raise RuntimeError('[bold]the data is gone')\nfor epoch")
    (folder / "train.py").write_text(body)
    async with guided(folder, monkeypatch) as screen:
        await read(screen)
        await screen.press("enter")
        await screen.until(lambda: "[bold]the data is gone (train.py:8)" in " ".join(screen.text.split()))
        await screen.press("s")
        await screen.until(lambda: "[3 space]" in screen.text)


async def test_a_folder_without_a_script_says_what_to_do_and_starts_the_demo(tmp_path, monkeypatch):
    async with guided(tmp_path, monkeypatch) as screen:
        assert "No training script was found" in screen.text
        await screen.press("d")
        await screen.until(lambda: screen.app.desk.study and screen.app.desk.study.loaded, "the demo is open")
        assert screen.app.study.model.spec.name.startswith("demo-")


async def test_a_study_file_that_is_there_is_left_alone(folder, monkeypatch):
    (folder / "study.toml").write_text("mine")
    async with guided(folder, monkeypatch) as screen:
        await without_a_try(screen)
        await screen.press("n", "n")
        await screen.until(lambda: screen.app.desk.study and screen.app.desk.study.loaded)
        assert (folder / "study.toml").read_text() == "mine" and (folder / "study-2.toml").exists()


async def test_by_mouse(folder, monkeypatch):
    async with guided(folder, monkeypatch, size=(120, 36)) as screen:
        row = next(y for y, line in enumerate(screen.lines) if "train.py" in line)
        await screen.pilot.click(offset=(6, row))
        await screen.until(lambda: "things could be tuned" in screen.text)
        await screen.until(lambda: " skip " in screen.lines[-1])
        x = screen.lines[-1].index(" skip ") + 2
        await screen.pilot.click(offset=(x, 35))
        await screen.until(lambda: "[3 space]" in screen.text)
        row = next(y for y, line in enumerate(screen.lines) if "● dropout" in line)
        await screen.pilot.click(offset=(8, row))
        await screen.until(lambda: "○ dropout" in screen.text and "[3 space]" in screen.text, "a click takes it out")
        x = screen.lines[-1].index(" goal ") + 2
        await screen.pilot.click(offset=(x, 35))
        await screen.until(lambda: "[4 goal]" in screen.text)


async def test_another_study_beside_those_that_are_there(store_path, monkeypatch, folder):
    monkeypatch.chdir(folder)
    async with opened(store_path) as screen:
        await screen.command("/init train.py")
        await screen.until(
            lambda: isinstance(screen.app.screen, GuideScreen) and "things could be tuned" in screen.text
        )
        await screen.press("s")
        await screen.until(lambda: "[3 space]" in screen.text)
        await screen.press("n", "n")
        await screen.until(
            lambda: screen.app.desk.study and screen.app.desk.study.loaded and screen.app.study.model.spec.name == "net"
        )
    with open_store(store_path, check=False) as store:
        assert {s.name for s in studies.all_studies(store)} == {seed.STUDY, "net"}
