"""The export dialog: a preview of every format, which trial, where to, the clipboard; errors in one sentence."""

from __future__ import annotations

import base64
import json
import os
import tomllib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from agent.exports import FORMATS
from agent.tui.screens.export import ExportScreen, path_problem
from tests.agent.tui import seed
from tests.agent.tui.driving import Screen, opened
from tests.agent.tui.test_snapshots import SIZES, coloured, compare


@asynccontextmanager
async def dialog(path: Path, size: tuple[int, int] = (120, 36)) -> AsyncIterator[tuple[Screen, ExportScreen]]:
    async with opened(path, size=size) as screen:
        await screen.command(f"/select {seed.DIVERGED}")
        await screen.command("/export")
        await screen.until(lambda: isinstance(screen.app.screen, ExportScreen) and screen.app.screen._text)
        found = screen.app.screen
        assert isinstance(found, ExportScreen)
        yield screen, found


@pytest.fixture(autouse=True)
def here(store_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(store_path.parent)
    return store_path.parent


async def test_each_format_is_previewed_and_names_a_file_of_its_kind(store_path: Path) -> None:
    async with dialog(store_path) as (screen, found):
        seen = set()
        for name in FORMATS:
            await screen.until(lambda name=name: found.format == name and (found._text or name in ("optuna", "html")))
            seen.add(Path(found.path.value).suffix)
            assert name in ("optuna", "html") or found._text.splitlines()[0].strip()[:30] in screen.text  # type: ignore[union-attr]
            await screen.press("down")
        assert seen == {".toml", ".json", ".yaml", ".txt", ".py", ".csv", ".db", ".html"}


async def test_the_best_or_the_chosen_trial_is_written(store_path: Path, here: Path) -> None:
    async with dialog(store_path) as (screen, found):
        assert "the best, t0" in screen.text
        await screen.press("t")
        await screen.until(lambda: "trial  t9" in screen.text and "0.03" in (found._text or ""))
        await screen.press("enter")
        await screen.until(lambda: not screen.app.screen.is_modal)
        await screen.until(lambda: "exported to" in screen.text)
    assert "0.03" in (here / "etth1-24.toml").read_text()
    assert tomllib.loads((here / "etth1-24.toml").read_text())


async def test_a_file_that_exists_is_only_replaced_when_asked_again(store_path: Path, here: Path) -> None:
    (here / "etth1-24.json").write_text("mine")
    async with dialog(store_path) as (screen, found):
        await screen.press("down")
        await screen.until(lambda: found.format == "json" and found._text)
        await screen.press("enter")
        await screen.until(lambda: "etth1-24.json exists; enter again overwrites it" in screen.text)
        assert (here / "etth1-24.json").read_text() == "mine"
        await screen.press("enter")
        await screen.until(lambda: not screen.app.screen.is_modal)
    assert json.loads((here / "etth1-24.json").read_text())


async def test_it_is_copied_to_the_clipboard_of_the_terminal(store_path: Path) -> None:
    async with dialog(store_path) as (screen, found):
        written: list[str] = []
        screen.app._driver.write = written.append  # type: ignore[union-attr,method-assign]
        await screen.press("y")
        await screen.until(lambda: "copied" in screen.text)
        sent = base64.b64encode((found._text or "").encode()).decode()
        assert f"\x1b]52;c;{sent}\a" in written


async def test_what_is_wrong_with_a_path_is_said_as_one_types(store_path: Path, here: Path) -> None:
    async with dialog(store_path) as (screen, found):
        found.path.value = "nowhere/best.toml"
        await screen.until(lambda: "there is no folder" in screen.text)
        await screen.press("enter")
        assert screen.app.screen is found and not (here / "nowhere").exists()
        await screen.press("escape")
        await screen.until(lambda: not screen.app.screen.is_modal)


def test_paths(here: Path) -> None:
    assert path_problem("best.toml") == ""
    assert path_problem("  ") == "write a file name"
    assert "is a folder" in path_problem(str(here))
    assert "there is no folder" in path_problem("a/b.toml")
    assert "no file name" in path_problem("a\0b")
    if os.geteuid() != 0:  # to the superuser every folder is open
        (here / "shut").mkdir(mode=0o500)
        assert "cannot be written" in path_problem("shut/b.toml")


@pytest.mark.parametrize("size", SIZES, ids=lambda s: f"{s[0]}x{s[1]}")
async def test_how_it_looks(store_path: Path, size: tuple[int, int]) -> None:
    async with dialog(store_path, size) as (screen, _):
        await screen.rest()
        compare("export", size, screen.text)
        await coloured("export", size, screen)
