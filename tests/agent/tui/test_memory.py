"""What was closed is let go of: a night of opening pages costs no memory."""

from __future__ import annotations

import asyncio
import gc
import weakref
from pathlib import Path

import pytest
from textual.screen import Screen as TextualScreen

from tests.agent.tui.driving import opened


@pytest.mark.parametrize("command", ["why 5", "help", "settings", "space", "ledger", "lessons", "views", "compare 0 3"])
async def test_a_page_that_was_closed_is_gone(store_path: Path, command: str) -> None:
    seen: list[weakref.ref[TextualScreen]] = []
    async with opened(store_path) as screen:
        for _ in range(3):
            await screen.command(f"/{command}")
            await screen.until(lambda: screen.app.screen.is_modal, "the page")
            await screen.rest()
            seen.append(weakref.ref(screen.app.screen))
            await screen.press("escape")
            await screen.until(lambda: not screen.app.screen.is_modal, "it closes")
            await screen.rest()
        for _ in range(20):  # messages on their way hold it for a moment
            gc.collect()
            if sum(ref() is not None for ref in seen) <= 1:
                break
            await asyncio.sleep(0.1)
        assert sum(ref() is not None for ref in seen) <= 1, "at most the last one may still be held"


async def test_a_study_that_was_left_is_gone(store_path: Path) -> None:
    async with opened(store_path) as screen:
        left = weakref.ref(screen.app.study)
        screen.app.run_command("studies")
        await screen.until(lambda: screen.app.desk.study is None)
        screen.app.desk.open("etth1-24")
        await screen.until(lambda: screen.app.desk.study and screen.app.desk.study.loaded)
        await screen.rest()
        for _ in range(20):
            gc.collect()
            if left() is None:
                return
            await asyncio.sleep(0.1)
        raise AssertionError(f"held by {[type(o).__name__ for o in gc.get_referrers(left())]}")
