"""The input line: what may follow is offered, what was sent is recalled, what is pasted is text."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual import events

from agent.tui.talk.completion import offers
from tests.agent.tui import seed
from tests.agent.tui.driving import Screen, opened


def offered(screen: Screen, text: str) -> list[str]:
    return [offer.shown for offer in offers(text, screen.study.model)]


class TestCompletion:
    async def test_arguments_of_commands(self, store_path: Path) -> None:
        async with opened(store_path) as screen:
            for text, first in (
                ("/why ", "13"),
                ("/why 1", "13"),
                ("/propose ", "lr="),
                ("/propose lr=1e-3 op", "optimizer="),
                ("/propose optimizer=", "optimizer=adam"),
                ("/propose batch_size=2", "batch_size=256"),
                ("/propose lr=", "lr=0.001"),
                ("/approve ", "14"),
                ("/edit 14 w", "wd="),
                ("/metric ", "val_loss"),
                ("/policy wa", "watch"),
                ("/export y", "yaml"),
                ("/search gp", None),
                ("/search g", "guided"),
                ("/sort val", "val_loss"),
                ("/agent mon", "money="),
                ("/compare 3 1", "13"),
                ("/nonsense ", None),
                ("/why 13 ", None),
            ):
                assert offered(screen, text)[:1] == ([first] if first else []), text

    async def test_tab_completes_and_enter_sends_what_is_written(self, store_path: Path) -> None:
        async with opened(store_path) as screen:
            await screen.write("/metric val_m")
            await screen.press("tab")
            assert screen.study.composer.text == "/metric val_mae "
            await screen.press("enter")
            await screen.until(lambda: screen.study.side.metric == "val_mae")

    async def test_a_trial_is_mentioned_with_at(self, store_path: Path) -> None:
        async with opened(store_path) as screen:
            assert offered(screen, "why did @")[:2] == ["@t0", "@t13"], "the best, then the newest"
            assert "@t9" in offered(screen, "why did @t9")
            assert offered(screen, "mail me@t9") == []
            await screen.press(*"why", "space", "at", "9", "enter")
            assert screen.study.composer.text == "why t9 "
            await screen.press("enter")
            await screen.until(lambda: "› why t9" in screen.study.chat.lines.shown)

    async def test_a_mention_that_was_written_out_is_sent_as_the_trial(self, store_path: Path) -> None:
        async with opened(store_path) as screen:
            screen.study.composer.write("why did @t9 fail, and @t99? ")
            await screen.press("enter")
            await screen.until(lambda: "› why did t9 fail, and @t99?" in screen.study.chat.lines.shown)


class TestHistory:
    async def test_what_was_sent_in_an_earlier_session_is_recalled(self, store_path: Path) -> None:
        async with opened(store_path) as screen:
            await screen.command("/select 3")
            await screen.command("/select 4")
            await screen.until(lambda: seed.remembered(store_path, "history") == ["/select 3", "/select 4"])
        async with opened(store_path) as screen:
            await screen.write("half")
            await screen.press("up")
            assert screen.study.composer.text == "/select 4"
            await screen.press("up", "down", "down")
            assert screen.study.composer.text == "half", "what was being written comes back"


@pytest.mark.parametrize(("size", "rows"), [((180, 50), 8), ((80, 24), 8)], ids=str)
async def test_it_grows_to_eight_lines(store_path: Path, size: tuple[int, int], rows: int) -> None:
    async with opened(store_path, size=size) as screen:
        for _ in range(12):
            await screen.press("x", "ctrl+j")
        await screen.rest()
        assert screen.study.composer.text == "x\n" * 12
        assert screen.study.composer.scrollable_content_region.height == rows


async def test_a_megabyte_that_is_pasted_is_text(store_path: Path) -> None:
    pasted = ("a line of a log\n" * 70_000)[: 1 << 20]
    async with opened(store_path) as screen:
        screen.app.post_message(events.Paste(pasted))
        await screen.until(lambda: len(screen.study.composer.text) == len(pasted))
        await screen.press("enter")
        await screen.until(lambda: "characters" in screen.study.notice.said, "it is too long for a question")
