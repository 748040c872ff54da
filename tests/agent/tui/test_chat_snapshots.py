"""The chat with a long answer, and what a rewind would drop, beside those kept in snapshots/."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.agent.tui.driving import opened
from tests.agent.tui.test_chat import SIZES, say
from tests.agent.tui.test_markdown import REPLY
from tests.agent.tui.test_snapshots import kept


@pytest.mark.parametrize("size", SIZES, ids=lambda s: f"{s[0]}x{s[1]}")
class TestChatSnapshots:
    async def test_an_answer_under_the_cursor(self, store_path: Path, size: tuple[int, int]) -> None:
        say(store_path, ("person", "why did 17 fail?"), ("agent", REPLY))
        async with opened(store_path, size=size) as screen:
            await screen.press("f2", "up")
            await kept("chat", screen)

    async def test_what_a_rewind_would_drop(self, store_path: Path, size: tuple[int, int]) -> None:
        say(store_path, ("person", "why did 17 fail?"), ("agent", REPLY), ("person", "and now?"), ("agent", "Wait."))
        async with opened(store_path, size=size) as screen:
            await screen.command("/rewind 2")
            await screen.until(lambda: screen.app.screen.is_modal)
            await kept("rewind", screen)
