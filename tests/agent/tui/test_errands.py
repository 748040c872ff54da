"""A page hands over a function of the store and is handed what it returns, in the screens' thread."""

from __future__ import annotations

import threading
from pathlib import Path

from agent.store import studies
from agent.tui.errands import Room
from tests.agent.tui import seed
from tests.agent.tui.driving import opened
from trainers.errors import TunewrightError


def names(room: Room) -> tuple[str, str]:
    return studies.all_studies(room.store)[0].name, threading.current_thread().name


async def test_it_runs_where_the_store_is_and_is_answered_where_the_screens_are(store_path: Path) -> None:
    async with opened(store_path) as screen:
        told: list[object] = []
        screen.app.desk.errand(names, lambda found: told.extend((*found, threading.current_thread().name)))
        await screen.until(lambda: told)
        assert told == [seed.STUDY, "tunewright-bridge", threading.main_thread().name]


async def test_what_goes_wrong_is_a_sentence_or_goes_to_who_asked(store_path: Path) -> None:
    def refuse(room: Room) -> None:
        raise TunewrightError("the shelf is empty", remedy="Fill it.")

    async with opened(store_path) as screen:
        screen.app.desk.errand(refuse, lambda _: None)
        await screen.until(lambda: "the shelf is empty. Fill it." in screen.text)
        taken: list[TunewrightError] = []
        screen.app.desk.errand(refuse, lambda _: None, taken.append)
        await screen.until(lambda: taken)


async def test_a_study_is_only_there_while_one_is_open(store_path: Path) -> None:
    async with opened(store_path) as screen:
        told: list[str] = []
        screen.app.desk.errand(lambda room: room.open.study.name, told.append)
        await screen.until(lambda: told == [seed.STUDY])
        screen.app.run_command("studies")
        screen.app.desk.errand(lambda room: room.open.study.name, told.append)
        await screen.until(lambda: "no study is open" in screen.text)
        assert told == [seed.STUDY]
