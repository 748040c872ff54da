"""The list of studies: sorted, filtered, kept up to date; renaming, copying, putting away and deleting."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from agent.away import see
from agent.store import proposals, studies, trials
from agent.store.connection import open_store
from agent.study.nouns import Draft, Source
from tests.agent.tui import seed
from tests.agent.tui.driving import Screen, opened
from tests.agent.tui.test_snapshots import SIZES, coloured, compare


def add_study(path: Path, name: str) -> None:
    with open_store(path, check=False) as store:
        made = studies.create(store, seed.spec().replace(name=name), path.parent)
        with store.transaction() as conn:
            conn.execute("UPDATE event SET at = ? WHERE study_id = ?", (seed.NOW - 90_000, made.id))


@asynccontextmanager
async def listed(path: Path, size: tuple[int, int] = (120, 36), *names: str) -> AsyncIterator[Screen]:
    """The app on the list, with two studies more than the one in full swing."""
    for name in names or ("alpha", "beta"):
        add_study(path, name)
    async with opened(path, size=size, study=None) as screen:
        await screen.until(lambda: "3 studies" in screen.text and "alpha" in screen.text)
        await screen.until(lambda: screen.app.studies.query("#studies-list") and screen.app.focused)
        yield screen


def names(screen: Screen) -> list[str]:
    return [line.name for line in screen.app.studies._list._shown]


async def test_they_are_sorted_and_filtered_as_one_types(store_path: Path) -> None:
    async with listed(store_path) as screen:
        assert names(screen)[0] == seed.STUDY  # changed last
        await screen.press("s")
        assert "sort name" in screen.text and names(screen) == ["alpha", "beta", seed.STUDY]
        await screen.press("slash")
        await screen.write("be")
        await screen.until(lambda: names(screen) == ["beta"])
        await screen.press("enter", "enter")
        await screen.until(lambda: screen.app.desk.study and screen.app.desk.study.loaded)
        assert screen.study.model.spec.name == "beta"


async def test_running_trials_go_on_while_the_list_is_open(store_path: Path) -> None:
    async with listed(store_path) as screen:
        await screen.press("down")
        before = screen.app.studies.chosen
        with open_store(store_path, check=False) as store:
            study = studies.get(store, "alpha")
            draft = Draft(source=Source.GP, params=seed.SPACE.default())
            number = proposals.approve(store, proposals.add(store, study.id, [draft])[0], actor="person")
            await screen.until(lambda: "○ 1 queued" in screen.text)
            trials.claim(store, trials.get(store, study.id, number).id, "runs/alpha/0")
        await screen.until(lambda: "▶ 1 running" in screen.text)
        assert screen.app.studies.chosen == before, "the cursor stays on its study"


async def test_a_study_is_renamed_and_the_cursor_stays_on_it(store_path: Path) -> None:
    async with listed(store_path) as screen:
        await screen.press("s", "home", "r")
        await screen.until(lambda: "Rename alpha" in screen.text)
        await screen.press(*["backspace"] * 5)
        await screen.write("zeta")
        await screen.press("enter")
        await screen.until(lambda: names(screen) == ["beta", seed.STUDY, "zeta"])
        assert screen.app.studies.chosen == "zeta"


async def test_a_name_that_is_taken_is_refused_and_nothing_is_lost(store_path: Path) -> None:
    async with listed(store_path) as screen:
        await screen.press("s", "home", "c")
        await screen.until(lambda: "Copy alpha" in screen.text)
        await screen.press(*["backspace"] * 7)
        await screen.write("beta")
        await screen.press("enter")
        await screen.until(lambda: "a study named 'beta' already exists" in " ".join(screen.text.split()))
        assert sorted(names(screen)) == ["alpha", "beta", seed.STUDY]


async def test_a_copy_has_the_space_and_no_trials(store_path: Path) -> None:
    async with listed(store_path) as screen:
        await screen.press("c")
        await screen.until(lambda: "Copy etth1-24" in screen.text)
        await screen.press("enter")
        await screen.until(lambda: "etth1-24-2" in names(screen))
    with open_store(store_path, check=False) as store:
        made = studies.get(store, "etth1-24-2")
        assert made.spec.space == studies.get(store, seed.STUDY).spec.space
        assert trials.all_trials(store, made.id) == []


async def test_a_study_is_put_away_and_brought_back(store_path: Path) -> None:
    async with listed(store_path) as screen:
        await screen.press("s", "home", "a")
        await screen.until(lambda: names(screen) == ["beta", seed.STUDY] and "1 study put away" in screen.text)
        await screen.press("h")
        await screen.until(lambda: "alpha" in names(screen))
        await screen.press("home", "a")
        await screen.until(lambda: "alpha is back in the list" in screen.text)


async def test_deleting_names_what_is_lost_and_asks(store_path: Path) -> None:
    with open_store(store_path, check=False) as store, store.transaction() as conn:
        conn.execute("UPDATE trial SET state = 'stopped', ended_at = 1.0 WHERE state = 'running'")
    async with listed(store_path) as screen:
        await screen.press("d")
        await screen.until(lambda: "Delete etth1-24?" in screen.text)
        shown = " ".join(screen.text.split())
        assert "14 trials with" in shown and "14 run folders stay" in shown
        await screen.press("n")  # no letter of the question
        assert screen.app.screen.is_modal
        await screen.press("escape")
        await screen.until(lambda: not screen.app.screen.is_modal)
        assert seed.STUDY in names(screen)
        await screen.press("d")
        await screen.until(lambda: "Delete etth1-24?" in screen.text)
        await screen.press("y")
        await screen.until(lambda: seed.STUDY not in names(screen))
    assert (store_path.parent / f"runs/{seed.STUDY}/9/log.txt").exists()


async def test_a_study_whose_trials_run_is_not_deleted(store_path: Path) -> None:
    async with listed(store_path) as screen:
        await screen.press("d")
        await screen.until(lambda: "Delete etth1-24?" in screen.text)
        await screen.press("r")
        await screen.until(lambda: "2 of its trials are queued or running" in screen.text)
        assert seed.STUDY in names(screen)


async def test_what_went_on_meanwhile_stands_in_the_list_and_in_the_chat(store_path: Path) -> None:
    with open_store(store_path, check=False) as store:
        study = studies.get(store, seed.STUDY)
        see(store, study, sorted(t.ended_at for t in trials.all_trials(store, study.id) if t.ended_at)[8])
    said = "3 trials ended (1 failed), 1 proposal waits"
    async with listed(store_path) as screen:
        assert f"while you were away: {said}" in screen.text
        await screen.press("enter")
        await screen.until(lambda: screen.app.desk.study and screen.app.desk.study.loaded)
        await screen.until(lambda: f"While you were away: {said}." in " ".join(screen.study.chat.lines.shown.split()))
        await screen.command("/studies")
        await screen.until(lambda: "while you were away" not in screen.text and "3 studies" in screen.text)


@pytest.mark.parametrize("size", SIZES, ids=lambda s: f"{s[0]}x{s[1]}")
async def test_how_it_looks(store_path: Path, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agent.tui.back.listing.time.time", lambda: seed.NOW)
    with open_store(store_path, check=False) as store:
        study = studies.get(store, seed.STUDY)
        see(store, study, sorted(t.ended_at for t in trials.all_trials(store, study.id) if t.ended_at)[8])
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:  # whose name is always as long: the first line shows it
        place = Path(shutil.copytree(store_path.parent, Path(folder) / "studies")) / store_path.name
        await _looks_as_kept(place, size)


async def _looks_as_kept(store_path: Path, size: tuple[int, int]) -> None:
    async with listed(store_path, size) as screen:
        await screen.until(lambda: "while you were away" in screen.text)
        text = screen.text.replace(str(store_path), "store.sqlite")
        compare("studies", size, text.split("\n", 1)[1])  # the first line names the store
        await coloured("studies", size, screen)
