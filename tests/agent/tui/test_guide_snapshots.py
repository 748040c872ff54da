"""The guide as text at three sizes: what was read, the space, the goal."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.agent.tui.test_guide import folder, guided, read  # noqa: F401 – the fixture
from tests.agent.tui.test_snapshots import SIZES, coloured, compare


@pytest.mark.parametrize("size", SIZES, ids=lambda s: f"{s[0]}x{s[1]}")
async def test_the_steps_of_the_guide(folder: Path, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]) -> None:  # noqa: F811
    async with guided(folder, monkeypatch, size=size) as screen:
        await read(screen)
        await screen.pilot.pause(0.3)
        compare("guide-try", size, screen.text)
        await coloured("guide-try", size, screen)
        await screen.press("s")
        await screen.until(lambda: "[3 space]" in screen.text and "● lr" in screen.text)
        await screen.pilot.pause(0.3)
        compare("guide-space", size, screen.text)
        await coloured("guide-space", size, screen)
        await screen.press("n")
        await screen.until(lambda: "[4 goal]" in screen.text and "● val_loss" in screen.text)
        await screen.pilot.pause(0.3)
        compare("guide-goal", size, screen.text)
        await coloured("guide-goal", size, screen)
