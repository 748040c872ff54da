"""Whatever was on the screen comes back: draft, cards, running trials, arrangement, the conversation."""

from __future__ import annotations

from pathlib import Path

from tests.agent.tui import seed
from tests.agent.tui.driving import opened


async def test_a_draft_is_kept_each_second_without_being_sent(store_path: Path) -> None:
    async with opened(store_path) as screen:
        await screen.write("why is the loss")
        await screen.until(lambda: seed.remembered(store_path, "draft") == "why is the loss")


async def test_the_next_start_shows_the_draft_the_card_and_the_running_trials(store_path: Path) -> None:
    async with opened(store_path) as screen:
        await screen.write("half a question")
    async with opened(store_path) as screen:
        assert screen.study.composer.text == "half a question"
        assert "PROPOSAL 14" in screen.text
        assert "13 ▶ running" in screen.text


async def test_a_sent_text_is_no_draft_any_more(store_path: Path) -> None:
    async with opened(store_path) as screen:
        await screen.write("why did 9 fail?")
        await screen.press("enter")
        await screen.until(lambda: "[t9" in screen.study.chat.lines.shown)
        await screen.rest()
    async with opened(store_path) as screen:
        assert screen.study.composer.text == ""
        assert "› why did 9 fail?" in screen.text
        assert "[t9" in screen.study.chat.lines.shown


async def test_the_arrangement_comes_back(store_path: Path) -> None:
    async with opened(store_path) as screen:
        for command in ("/sort lr", "/filter done", "/smooth 0.6", "/ylog off", "/select 4", "/log", "/metric val_mae"):
            await screen.command(command)
            await screen.rest()
        view = screen.study.side.view.to_dict()
    async with opened(store_path) as screen:
        assert screen.study.side.view.to_dict() == view
        assert view["selected"] == 4
        assert view["filter"] == "done"
        assert "val_mae" in screen.text


async def test_a_view_from_another_version_does_not_break_the_screen(store_path: Path) -> None:
    from agent.store import settings
    from agent.store.connection import open_store

    broken = {"sort": 3, "selected": "x", "smooth": None, "filter": "nosuch>3", "colours": [], "unknown": 1}
    with open_store(store_path, check=False) as store:
        settings.put(store, f"tui:{seed.STUDY}", "view", broken)
        settings.put(store, f"tui:{seed.STUDY}", "turns", [{"at": "x"}, 3, {"parts": []}])
        settings.put(store, f"tui:{seed.STUDY}", "draft", 7)
    async with opened(store_path) as screen:
        assert "13 ▶ running" in screen.text
        assert screen.study.side.view.filter == ""


async def test_colours_of_trials_stay_theirs(store_path: Path) -> None:
    async with opened(store_path) as screen:
        first = dict(screen.study.side.view.colours)
        await screen.command("/pin 5")
        await screen.command("/pin 6")
        await screen.rest()
        grown = dict(screen.study.side.view.colours)
        assert {k: grown[k] for k in first} == first
        assert len(set(grown.values())) == len(grown)
    async with opened(store_path) as screen:
        assert {k: screen.study.side.view.colours[k] for k in grown} == grown
