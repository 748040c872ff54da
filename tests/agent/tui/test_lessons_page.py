"""The page of lessons: those that speak to the study first, searched, reworded, added, forgotten and brought back."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.lessons import remember, rows
from agent.lessons.library import open_lessons
from agent.store import studies
from agent.store.connection import open_store
from agent.tui.screens.lessons import LessonsScreen
from tests.agent.tui import seed
from tests.agent.tui.driving import Screen, opened
from tests.agent.tui.test_snapshots import SIZES, kept


@pytest.fixture
def own(store_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The study, and a lesson of a person's about its t9."""
    monkeypatch.setenv("TUNEWRIGHT_LESSONS", str(tmp_path / "lessons.sqlite"))
    with open_store(store_path) as store:
        remember({"text": "lr above 1e-2 diverges [bold]here, see t9"}, studies.get(store, seed.STUDY))
    return store_path


async def page(screen: Screen, words: str = "") -> LessonsScreen:
    await screen.command(f"/lessons {words}".strip())
    await screen.until(lambda: isinstance(screen.app.screen, LessonsScreen), "the page is open")
    await screen.rest()
    found = screen.app.screen
    assert isinstance(found, LessonsScreen)
    return found


def mine() -> list[str]:
    with open_lessons() as library:
        return [one.text for one in rows.all_of(library) if str(one.source) == "person"]


@pytest.mark.parametrize("size", [(80, 24), (180, 50)], ids=lambda s: f"{s[0]}x{s[1]}")
async def test_those_that_speak_to_the_study_come_first_and_one_is_read_in_full(
    own: Path, size: tuple[int, int]
) -> None:
    async with opened(own, size=size) as screen:
        found = await page(screen)
        assert "They speak to this study" in screen.text
        found._cursor = [one.source for one in found.lessons].index("person")
        found.show()
        await screen.rest()
        assert "[bold]here, see t9" in screen.text
        assert "rests on   study etth1-24: t9" in screen.text


async def test_found_by_words_and_led_to_its_trial(own: Path) -> None:
    async with opened(own) as screen:
        await page(screen, "diverges t9")
        await screen.until(lambda: 'LESSONS for "diverges t9"' in screen.text)
        await screen.press("home")
        assert screen.app.screen.chosen.text.startswith("lr above 1e-2")
        await screen.press("o")
        await screen.until(lambda: "TRIAL 9" in screen.text)


async def test_reworded_in_place(own: Path) -> None:
    async with opened(own) as screen:
        await page(screen, "diverges t9")
        await screen.until(lambda: "for" in screen.lines[0])
        await screen.press("home", "enter")
        await screen.press("end")
        await screen.write(" qx")
        await screen.press("enter")
        await screen.until(lambda: "changed" in screen.text)
        assert mine() == ["lr above 1e-2 diverges [bold]here, see t9 qx"]


async def test_added_forgotten_and_brought_back(own: Path) -> None:
    async with opened(own) as screen:
        await page(screen)
        await screen.press("n")
        await screen.write("warmup helps")
        await screen.press("enter")
        await screen.until(lambda: "learnt" in screen.text)
        assert "warmup helps" in mine()
        found = screen.app.screen
        found._cursor = [one.text for one in found.lessons].index("warmup helps")
        await screen.press("x")
        await screen.until(lambda: "forgotten; u brings it back" in screen.text)
        assert "warmup helps" not in mine()
        await screen.press("u")
        await screen.until(lambda: "is back" in screen.text)
        assert "warmup helps" in mine()
        await screen.press("u")
        assert "there is nothing to bring back" in screen.text


async def test_escape_leaves_a_text_as_it_was_and_then_the_page(own: Path) -> None:
    async with opened(own) as screen:
        await page(screen)
        await screen.press("enter")
        await screen.write("xxx")
        await screen.press("escape")
        assert isinstance(screen.app.screen, LessonsScreen) and len(mine()) == 1
        await screen.press("escape")
        assert not screen.app.screen.is_modal


@pytest.mark.parametrize("size", SIZES, ids=lambda s: f"{s[0]}x{s[1]}")
async def test_it_looks_as_kept(own: Path, size: tuple[int, int]) -> None:
    async with opened(own, size=size) as screen:
        await page(screen)
        await kept("lessons", screen)


async def test_exported_and_imported_again_all_or_none(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(own.parent)
    file = own.with_name("team.jsonl")
    async with opened(own) as screen:
        await page(screen)
        await screen.press("E")
        await screen.press("ctrl+u")
        await screen.write("team.jsonl")
        await screen.press("enter")
        await screen.until(lambda: "wrote 1 lesson to team.jsonl" in screen.text)
        assert "see t9" in file.read_text() and file.read_text().count("\n") == 1
        screen.app.run_command("lessons-export", "team.jsonl")
        await screen.until(lambda: "team.jsonl exists" in screen.text)
        with open_lessons() as library:
            [lesson] = [one for one in rows.all_of(library) if str(one.source) == "person"]
            rows.delete(library, lesson)
        screen.app.run_command("lessons-import", "team.jsonl")
        await screen.until(lambda: "1 lesson added, 0 brought up to date, 0 known" in screen.text)
        assert mine() == ["lr above 1e-2 diverges [bold]here, see t9"]
        file.write_text(file.read_text() + "no lesson\n")
        screen.app.run_command("lessons-import", "team.jsonl")
        await screen.until(lambda: "Nothing was imported" in screen.text)


async def test_of_a_search_what_it_found_is_exported(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(own.parent)
    remember({"text": "quite another matter"}, None)
    assert len(mine()) == 2
    async with opened(own) as screen:
        await page(screen, "quite another matter")
        await screen.until(lambda: "for" in screen.lines[0])
        found = len(screen.app.screen.lessons)
        screen.app.run_command("lessons-export", "some.jsonl")
        await screen.until(lambda: f"wrote {found} lesson" in screen.text)
        assert own.with_name("some.jsonl").read_text().count("\n") == found
