"""The views of a study on the screen: keys, brushes, the chosen trial, live, and as pictures."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from agent.store import studies, trials
from agent.store.connection import open_store
from agent.study.nouns import TrialState
from agent.tui.paging import brushing
from agent.tui.paging.weigher import Weigher
from agent.tui.screens.trial import TrialScreen
from agent.tui.screens.views import ViewsScreen
from agent.tui.sights.parallel import Brush, axis_columns
from agent.tui.sights.slices import dots, panels
from tests.agent.stores import SPACE
from tests.agent.tui import seed
from tests.agent.tui.driving import Screen, opened
from tests.agent.tui.test_sights import placed, study
from tests.agent.tui.test_snapshots import SIZES, kept
from trainers.errors import TunewrightError


async def shown(screen: Screen, words: str = "") -> ViewsScreen:
    """The views, the importances worked out."""
    screen.app.run_command("views", words)
    await screen.until(lambda: isinstance(screen.app.screen, ViewsScreen) and screen.app.screen.canvas.sight)
    page = screen.app.screen
    assert isinstance(page, ViewsScreen)
    await screen.until(lambda: page.canvas.sight.known.weights.shares, "the importances are there")
    return page


class TestKeys:
    async def test_a_key_opens_them_and_turns_from_view_to_view(self, store_path: Path) -> None:
        async with opened(store_path) as screen:
            await screen.press("f10")
            await screen.until(lambda: isinstance(screen.app.screen, ViewsScreen))
            assert "▸PARALLEL" in screen.text
            await screen.press("b", "v")
            assert "▸IMPORTANCE" in screen.text
            await screen.pilot.click(screen.app.screen.heading, offset=(3, 0))
            await screen.until(lambda: "▸PARALLEL" in screen.text and " lit " in screen.text, "the brush is kept")
            await screen.press("v")
            await screen.press("v")
            assert "▸SLICES" in screen.text
            await screen.press("escape")
            assert not screen.app.screen.is_modal
            await screen.press("f10")
            await screen.until(lambda: "▸SLICES" in screen.text, "the view shown last comes back")

    async def test_axes_stand_by_importance_and_are_chosen_by_arrows(self, store_path: Path) -> None:
        async with opened(store_path) as screen:
            page = await shown(screen, "parallel")
            order = [s.parameter for s in page.canvas.sight.known.weights.shares]
            heading = page.canvas.shown.splitlines()[0].replace(" log", "").split()
            assert heading == [*order, "val_loss"]
            page._chosen = order[0]
            await screen.press("right")
            assert page.canvas.sight.chosen == order[1]
            await screen.press("left", "left")
            assert page.canvas.sight.chosen == "val_loss"

    async def test_the_trial_chosen_is_the_one_selected_and_enter_opens_its_page(self, store_path: Path) -> None:
        async with opened(store_path) as screen:
            page = await shown(screen, "slices")
            best = screen.study.model.best.number
            await screen.press("j")
            assert screen.study.side.selected == best and f"● t{best}" in page.about.shown
            await screen.press("j")
            assert screen.study.side.selected == page._placed.ranked[1]
            await screen.press("k", "enter")
            await screen.until(lambda: isinstance(screen.app.screen, TrialScreen))
            await screen.press("escape")
            assert screen.app.screen is page

    async def test_words_that_name_nothing_are_answered_where_one_sees_it(self, store_path: Path) -> None:
        async with opened(store_path) as screen:
            page = await shown(screen)
            screen.app.run_command("turn", "slice")
            await screen.until(lambda: "Did you mean 'slices'?" in page.notice.said)
            screen.app.run_command("brush", "lrr 1 2")
            await screen.until(lambda: "there is no parameter 'lrr'" in page.notice.said)


class TestBrushing:
    async def test_only_what_lies_in_the_stretch_stays_lit(self, store_path: Path) -> None:
        async with opened(store_path) as screen:
            screen.app.run_command("brush", "lr 1e-4 1e-2")
            await screen.until(lambda: "trials lit" in screen.text)
            page = screen.app.screen
            known = screen.study.model.trials.values()
            inside = sum(1e-4 <= t.params["lr"] <= 1e-2 for t in known)
            assert f"{inside} of {len(known)} trials lit" in page.heading.shown
            screen.app.run_command("brush", "optimizer adam")
            inside = sum(1e-4 <= t.params["lr"] <= 1e-2 and t.params["optimizer"] == "adam" for t in known)
            await screen.until(lambda: f"{inside} of {len(known)} trials lit" in page.heading.shown)
            await screen.press("j", "j")
            chosen = screen.study.model.trials[screen.study.side.selected]
            assert chosen.params["optimizer"] == "adam"
            screen.app.run_command("brush", "none")
            await screen.until(lambda: "lit" not in page.heading.shown)

    async def test_by_keys(self, store_path: Path) -> None:
        async with opened(store_path) as screen:
            page = await shown(screen, "parallel")
            page._chosen = "lr"
            await screen.press("b")
            first = page._brushes["lr"]
            await screen.press("down")
            assert page._brushes["lr"].low < first.low or first.low == 0
            await screen.press("up", "plus")
            wide = page._brushes["lr"]
            assert wide.high - wide.low > first.high - first.low
            await screen.press("b")
            assert page._brushes == {}

    def test_a_stretch_begins_where_the_best_quarter_lies(self) -> None:
        found = placed(study(200))
        [axis] = [a for a in found.axes if a.name == "lr"]
        made = brushing.first(found, axis)
        good = found.column("lr")[np.isin(found.numbers, found.ranked[: len(found.ranked) // 4])]
        assert made.low <= good.min() and made.high >= good.max()

    def test_it_never_leaves_its_axis_and_never_vanishes(self) -> None:
        found = placed(study(20))
        for axis in (*found.axes, found.objective):
            brush = brushing.first(found, axis)
            for up, by in ((1, -1), (-1, 1), (1, 1), (-1, -1)):
                for _ in range(40):
                    brush = brushing.widened(brushing.moved(brush, axis, up), axis, by)
                    assert -1e-9 <= brush.low < brush.high <= 1 + 1e-9

    def test_in_the_values_of_the_parameter(self) -> None:
        assert brushing.written(["lr", "1e-3", "1e-5"], SPACE) == ("lr", Brush(0.0, pytest.approx(0.5)))
        assert brushing.written(["opt", "adam"], SPACE) == ("opt", Brush(0.5, 1.0))
        for words, said in (
            (["lr", "1"], "two ends"),
            (["opt", "adm"], "Did you mean 'adam'"),
            (["x"], "no parameter"),
        ):
            with pytest.raises(TunewrightError, match=said):
                brushing.written(words, SPACE)


class TestMouse:
    async def test_a_click_chooses_an_axis_and_in_a_slice_the_nearest_trial(self, store_path: Path) -> None:
        async with opened(store_path, size=(120, 36)) as screen:
            page = await shown(screen, "parallel")
            sight = page.canvas.sight
            column = axis_columns(5, page.canvas.size.width)[2]
            await screen.pilot.click("#sight", offset=(column + 1, 10))
            await screen.pilot.pause()
            assert page.canvas.sight.chosen == sight.names[2]
            page.turn_to("slices")
            await screen.pilot.pause()
            size = page.canvas.size
            panel = panels(page.canvas.sight.sliced(), size.width, size.height - 1)[0]
            order, xs, ys = dots(page._placed, panel)
            await screen.pilot.click("#sight", offset=(int(xs[-1]) // 2 + 1, int(ys[-1]) // 4))
            await screen.pilot.pause()
            assert screen.study.side.selected == int(page._placed.numbers[order[-1]])


class TestLive:
    async def test_a_trial_that_ends_is_drawn_and_weighed(self, store_path: Path) -> None:
        async with opened(store_path) as screen:
            page = await shown(screen, "parallel")
            before, weighed = len(page._placed.ranked), page._weigher.known
            with open_store(store_path, check=False) as store:
                running = trials.get(store, studies.get(store, seed.STUDY).id, 12)
                [attempt] = [a for a in trials.open_attempts(store) if a.trial_id == running.id]
                ending: dict[str, Any] = {"failure": None, "outcome": {}, "retry": False, "ended_at": time.time()}
                trials.end(store, attempt, TrialState.COMPLETED, value=0.2, **ending)
            await screen.until(lambda: len(page._placed.ranked) == before + 1, "it has its place")
            assert page._placed.ranked[0] == 12
            rests = weighed.weights.trials + 1
            await screen.until(lambda: page._weigher.known.weights.trials == rests, "importances rest on it")

    async def test_importances_that_cannot_be_worked_out_are_said(self, store_path: Path) -> None:
        weigher = Weigher()
        weigher.ask(store_path.with_name("gone.sqlite"), 1)
        end = time.monotonic() + 60
        while not weigher.take():
            assert time.monotonic() < end
            time.sleep(0.05)
        assert "could not be worked out" in weigher.known.fault
        weigher.close()

    async def test_the_process_ends_with_the_page(self, store_path: Path) -> None:
        async with opened(store_path) as screen:
            page = await shown(screen)
            helper = page._weigher._helper
            assert helper.alive
            await screen.press("escape")
            await screen.until(lambda: not helper.alive)


class TestPictures:
    @pytest.mark.parametrize("view", ["parallel", "importance", "slices"])
    async def test_each_view_is_saved(self, store_path: Path, view: str) -> None:
        async with opened(store_path, size=(120, 36)) as screen:
            await shown(screen, view)
            target = store_path.with_name(f"{view}.svg")
            screen.app.run_command("save", str(target))
            await screen.until(target.exists)
            text = target.read_text()
            assert f"{seed.STUDY} · {view}" in text and "batch_size" in text

    @pytest.mark.parametrize("size", SIZES, ids=lambda s: f"{s[0]}x{s[1]}")
    @pytest.mark.parametrize("view", ["parallel", "importance", "slices"])
    async def test_on_the_screen(self, store_path: Path, size: tuple[int, int], view: str) -> None:
        async with opened(store_path, size=size) as screen:
            await shown(screen, view)
            await screen.press("j")
            if view == "parallel":
                screen.app.run_command("brush", "lr 1e-4 1e-2")
            await kept(f"views-{view}", screen)
