"""Whole screens as text, at three sizes, beside those kept in snapshots/.

`TUNEWRIGHT_SNAPSHOTS=write pytest tests/agent/tui/test_snapshots.py` writes them anew; look at the difference.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.agent.tui import seed
from tests.agent.tui.driving import Screen, opened
from tests.agent.tui.styles import compare_styles

FOLDER = Path(__file__).parent / "snapshots"
SIZES = [(80, 24), (120, 36), (180, 50)]


async def settled(screen: Screen) -> str:
    """The screen once it has stopped changing."""
    await screen.rest()
    return screen.text


async def kept(name: str, screen: Screen) -> None:
    """Whether the screen looks as it is kept: its characters, and its colours in two themes."""
    size = screen.app.size
    compare(name, (size.width, size.height), await settled(screen))
    await compare_styles(FOLDER / f"{name}-{size.width}x{size.height}.txt", screen)


async def coloured(name: str, size: tuple[int, int], screen: Screen) -> None:
    """The colours alone, where the characters are compared in a way of their own."""
    await compare_styles(FOLDER / f"{name}-{size[0]}x{size[1]}.txt", screen)


def compare(name: str, size: tuple[int, int], text: str) -> None:
    path = FOLDER / f"{name}-{size[0]}x{size[1]}.txt"
    if os.environ.get("TUNEWRIGHT_SNAPSHOTS") == "write":
        FOLDER.mkdir(exist_ok=True)
        path.write_text(text + "\n")
    assert text + "\n" == path.read_text(), f"{path} differs"


@pytest.mark.parametrize("size", SIZES, ids=lambda s: f"{s[0]}x{s[1]}")
class TestSnapshots:
    async def test_a_study(self, store_path: Path, size: tuple[int, int]) -> None:
        async with opened(store_path, size=size) as screen:
            await kept("study", screen)

    async def test_the_proposal_under_the_focus(self, store_path: Path, size: tuple[int, int]) -> None:
        async with opened(store_path, size=size) as screen:
            await screen.press("ctrl+g")
            screen.clock.pass_by(1)
            screen.study.cards.redraw()  # as its own timer does once it may be decided on
            await kept("proposal", screen)

    async def test_trials(self, store_path: Path, size: tuple[int, int]) -> None:
        async with opened(store_path, size=size) as screen:
            await screen.press("f4")
            await screen.command("/sort val_loss")
            await screen.press("f4")
            await kept("trials", screen)

    async def test_curves_of_a_trial_that_diverged(self, store_path: Path, size: tuple[int, int]) -> None:
        async with opened(store_path, size=size) as screen:
            await screen.command(f"/select {seed.DIVERGED}")
            await screen.press("f3")
            await kept("curves", screen)

    async def test_one_trial(self, store_path: Path, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(store_path.parent)  # files are named from here, so that no folder's name is on the screen
        async with opened(store_path, size=size) as screen:
            await screen.command(f"/why {seed.DIVERGED}")
            await screen.until(lambda: screen.app.screen.is_modal and "TRIAL 9 " in screen.text)
            page = screen.app.screen
            await screen.until(lambda: page.feed.curves and page.log_panel.path)
            await kept("trial", screen)


def test_every_kept_screen_is_compared() -> None:
    names = (
        *("study", "proposal", "trials", "curves", "curves-zoomed", "curves-grid", "usage", "trial"),
        *("samples", "forecast", "groups"),
        *("compare", "compare-closely", "trial-curves"),
        "settings",
        "space",
        *("ledger", "lessons"),
        *(f"views-{view}" for view in ("parallel", "importance", "slices")),
        *("guide-try", "guide-space", "guide-goal"),
        *("chat", "rewind", "studies", "export"),
    )
    assert {p.name for p in FOLDER.glob("*.txt")} == {f"{n}-{w}x{h}.txt" for n in names for w, h in SIZES}
