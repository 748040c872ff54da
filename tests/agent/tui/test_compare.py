"""Comparing trials: what differs, which is better and whether that is more than chance, live."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len

from agent.store import points, studies, trials
from agent.store.connection import open_store
from agent.study.noise import Noise
from agent.study.nouns import Source, Trial, TrialState
from agent.tui.charts.curve import CurveData
from agent.tui.charts.plot import Series
from agent.tui.messages import CurveGrew, CurveLoaded
from agent.tui.paging.compare_curves import CompareCurves
from agent.tui.paging.compare_text import Compared, lines
from agent.tui.screens.compare import CompareScreen
from agent.tui.text import number
from agent.tui.widgets.plot import CursorMoved, Panned, Zoomed
from tests.agent.stores import GOOD, OOM
from tests.agent.tui import seed
from tests.agent.tui.driving import Screen, opened
from tests.agent.tui.test_curves import drag
from tests.agent.tui.test_snapshots import SIZES, kept
from trainers.contract import Objective

NOISE = Noise(0.01, rests_on="9 runs of 3 configs", freedom=6)


def trial(number: int, value: float | None, **changes: Any) -> Trial:
    given: dict[str, Any] = {"state": TrialState.COMPLETED, "params": GOOD, "seed": 0, **changes}
    return Trial(id=100 + number, study_id=1, number=number, proposal_id=1, source=Source.GP, value=value, **given)


def words(*shown: Trial, noise: Noise = NOISE, direction: str = "minimize", width: int = 80, all_shared: bool = False):  # type: ignore[no-untyped-def]
    of = Compared(shown, shown[0], noise, Objective("loss", direction), {}, 0.0)
    return ["".join(text for text, _ in line).rstrip() for line in lines(of, width, all_shared=all_shared)]


def row(shown: list[str], name: str) -> list[str]:
    [found] = [line for line in shown if line.startswith(name + " ")]
    return found.removeprefix(name).split()


class TestWords:
    def test_only_what_differs_is_listed_and_the_rest_is_counted(self) -> None:
        shown = words(trial(3, 0.5), trial(7, 0.4, params={**GOOD, "lr": 0.02}))
        assert row(shown, "lr") == ["1e-3", ".02"]
        assert not any(line.startswith("layers") for line in shown)
        assert "4 parameters the same in all" in shown
        assert "the same in all: opt sgd  momentum .9  layers 2  warm none" in words(
            trial(3, 0.5), trial(7, 0.4, params={**GOOD, "lr": 0.02}), all_shared=True
        )

    def test_a_difference_within_the_noise_is_marked_and_prefers_nothing(self) -> None:
        shown = words(trial(3, 0.5), trial(7, 0.49), trial(8, 0.3))
        assert row(shown, "Δ t3") == ["–", "−.010", "≈", "−.200"]
        assert "t8 is better than t3 by 0.2, beyond the noise (±0.034, from 9 runs" in " ".join(shown)
        assert "no reason to prefer either" in " ".join(words(trial(3, 0.5), trial(7, 0.49)))

    def test_a_parameter_that_one_does_not_have_is_a_dash(self) -> None:
        other = {name: value for name, value in GOOD.items() if name != "momentum"}
        assert row(words(trial(3, 0.5), trial(7, 0.4, params=other)), "momentum") == [".9", "–"]

    def test_what_failed_and_what_runs_have_words_and_no_difference(self) -> None:
        shown = words(
            trial(3, 0.5),
            trial(4, None, state=TrialState.FAILED, failure=OOM),
            trial(5, None, state=TrialState.RUNNING, last_value=0.2, last_step=40, started_at=0.0),
        )
        assert row(shown, "Δ t3") == ["–", "–", "–"]
        assert row(shown, "loss") == [".5000", "–", ".2000…"]
        assert "cuda out of me…" in " ".join(shown) and "▶ running" in " ".join(shown)

    @pytest.mark.parametrize("width", [60, 80, 140])
    def test_no_line_is_wider_than_the_room(self, width: int) -> None:
        many = [trial(n, 0.1 * n, params={**GOOD, "lr": 1e-4 * n}) for n in range(1, 7)]
        assert max(cell_len(line) for line in words(*many, width=width)) <= width

    def test_maximising_turns_better_round(self) -> None:
        said = " ".join(words(trial(3, 0.5), trial(7, 0.9), direction="maximize"))
        assert "t7 is better than t3" in said


class TestBand:
    def band(self, noise: Noise, values: tuple[float, ...] = (1.0, 0.8, 0.6, 0.5, 0.4)) -> dict[str, CurveData]:
        shown = [trial(3, 0.4), trial(7, 0.9)]
        self.curves = CompareCurves()
        self.of = Compared(shown, shown[0], noise, Objective("loss"), {}, 0.0)
        steps, ats = tuple(range(len(values))), (0.0,) * len(values)
        self.curves.take(("loss",), [CurveLoaded(t.id, "loss", steps, values, ats) for t in shown], {})
        return self.again()

    def again(self, metric: str = "loss") -> dict[str, CurveData]:
        drawn = [Series("", "", curve.buckets("step", 0.0)) for curve in self.curves.held.values()]
        return dict(self.curves.band(self.of, metric, drawn))

    def test_it_lies_about_the_best_as_far_off_as_chance_goes(self) -> None:
        band = self.band(NOISE)
        assert band["+noise"].newest == pytest.approx(0.4 + NOISE.limit)
        assert band["−noise"].newest == pytest.approx(0.4 - NOISE.limit)

    def test_there_is_none_where_nothing_is_known_or_nothing_would_be_seen(self) -> None:
        assert self.band(Noise()) == {} == self.band(Noise(9.0, freedom=9)) == self.band(NOISE, (1.0, 0.5))
        self.band(NOISE)
        assert self.again("accuracy") == {}, "the noise is that of the objective"

    def test_it_grows_with_its_curve(self) -> None:
        before = len(self.band(NOISE)["+noise"].steps)
        self.curves.take(("loss",), [CurveGrew(103, "loss", (5,), (0.3,), (0.0,))], {})
        assert len(self.again()["+noise"].steps) == before + 1


class TestScreen:
    async def test_marked_trials_are_compared(self, store_path: Path) -> None:
        async with opened(store_path) as screen:
            await screen.press("f4", "m", "down", "down", "m")
            assert len(screen.study.side.view.marked) == 2
            assert screen.study.side.trials.table.shown.count("+") >= 2
            await screen.press("c")
            page = await shown(screen)
            assert list(page.numbers) == screen.study.side.view.marked
            await screen.press("escape")
            assert not screen.app.screen.is_modal

    async def test_by_name_and_what_is_wrong_with_it(self, store_path: Path) -> None:
        async with opened(store_path) as screen:
            await screen.command("/compare 3 77")
            assert "there is no trial 77" in screen.study.notice.said
            await screen.command("/compare 3")
            assert "a comparison needs two trials" in screen.study.notice.said
            await screen.command("/compare 0 1 2 3 4 5 6")
            assert "7 trials are too many to compare" in screen.study.notice.said
            await screen.command("/compare 3 seven")
            assert "'seven' is not the number of a trial" in screen.study.notice.said
            await screen.command("/compare 7 3 t9")
            assert (await shown(screen)).numbers == (7, 3, 9)

    async def test_without_marks_the_selected_one_is_compared_with_the_best(self, store_path: Path) -> None:
        async with opened(store_path) as screen:
            await screen.command("/select 7")
            screen.app.run_command("compare")
            best = screen.study.model.best.number
            assert (await shown(screen)).numbers == (best, 7)

    async def test_its_keys_are_those_of_the_curves(self, store_path: Path) -> None:
        async with opened(store_path) as screen:
            await screen.command("/compare 3 7")
            page = await shown(screen)
            await screen.press("m")
            await screen.until(lambda: page._read.wanted == ("val_mae",) and page.charts.plot._panes[0].series)
            assert "val_mae" in page.charts.heading.shown
            await screen.press("y")
            assert "y linear" in page.charts.heading.shown or screen.study.side.view.log_y is not None
            await screen.press("a")
            assert page.shared_shown

    async def test_the_cursor_shows_what_every_trial_has_at_its_step(self, store_path: Path) -> None:
        async with opened(store_path) as screen:
            await screen.command("/compare 3 7")
            page = await shown(screen)
            await screen.press("right")
            assert screen.study.side.view.cursor == 2000
            before = page.charts.legend.shown
            assert "step 2,000" in before and "t3" in before and "t7" in before
            for _ in range(20):
                await screen.press("left")
            view = screen.study.side.view
            assert view.cursor < 2000 and page.charts.legend.shown != before
            curves = page._read.held
            for number_ in (3, 7):
                value = curves[screen.study.model.trials[number_].id, "val_loss"].nearest("step", 0.0, view.cursor)[1]
                assert f"t{number_} {number(value)}" in page.charts.legend.shown
            page.charts.plot.post_message(CursorMoved(to=500.0))
            await screen.until(lambda: "step 500" in page.charts.legend.shown)

    async def test_the_wheel_looks_closer_and_back(self, store_path: Path) -> None:
        async with opened(store_path) as screen:
            await screen.command("/compare 3 7")
            page = await shown(screen)
            page.charts.plot.post_message(Zoomed(4.0, 100.0))
            await screen.until(lambda: screen.study.side.view.x_window)
            low, high = screen.study.side.view.x_window
            assert low <= 100 <= high and high - low == pytest.approx(500)
            page.charts.plot.post_message(Panned(0.5))
            await screen.until(lambda: screen.study.side.view.x_window[0] > low)
            page.charts.plot.post_message(Zoomed(1 / 100))
            await screen.until(lambda: not screen.study.side.view.x_window)

    async def test_values_are_zoomed_by_key_and_by_a_box_and_the_study_has_the_same_stretch(
        self, store_path: Path
    ) -> None:
        async with opened(store_path) as screen:
            await screen.command("/compare 3 7")
            page = await shown(screen)
            await screen.press("Z")
            low, high = screen.study.side.view.y_windows["val_loss"]
            drawn = page.charts.plot.picked.frame.y_scale
            assert (drawn.low, drawn.high) == (pytest.approx(low), pytest.approx(high))
            seen = page.charts.plot.picked
            await drag(screen, (31, 3), (51, 9), on=page.charts.plot)
            view = screen.study.side.view
            assert view.x_window == [pytest.approx(seen.x_at(30)), pytest.approx(seen.x_at(50))]
            assert view.y_windows["val_loss"] == [pytest.approx(seen.y_at(9)), pytest.approx(seen.y_at(3))]
            assert "zoomed" in page.charts.heading.shown
            await screen.press("0")
            assert view.x_window == [] and not view.y_windows and "zoomed" not in page.charts.heading.shown

    async def test_keys_act_on_what_is_compared_not_on_the_curves_behind_it(self, store_path: Path) -> None:
        async with opened(store_path) as screen:
            await screen.command("/select 13")
            await screen.command("/compare 0 9")
            page = await shown(screen)
            await screen.press("c")
            assert screen.study.side.view.cursor == 1000  # the middle of these two
            await screen.press("plus", "x", "h", "l", "c")
            assert "log" in page.charts.heading.shown and screen.study.side.view.cursor is None

    async def test_the_grid_has_all_metrics_with_the_cursor_at_one_place(self, store_path: Path) -> None:
        async with opened(store_path) as screen:
            await screen.command("/compare 3 7")
            page = await shown(screen)
            await screen.press("g")
            await screen.until(lambda: len(page._read.held) == 4, "both metrics of both trials are read")
            await screen.press("c")
            assert [p.pane.view.cursor for p in page.charts.plot.placed] == [1000, 1000]
            lines = page.charts.plot.shown.split("\n")
            for placed in page.charts.plot.placed:
                title = lines[placed.top][placed.left :][: placed.width]
                for number_ in (3, 7):
                    curve = page._read.held[screen.study.model.trials[number_].id, placed.pane.name]
                    assert number(curve.at_step(1000)) in title
            labels = [s.label for s in page.charts.plot.placed[1].pane.series]
            assert labels == ["t7", "t3"], "the noise is that of the objective: no band about another metric"

    async def test_a_running_trial_goes_on_and_its_end_is_judged(self, store_path: Path) -> None:
        async with opened(store_path) as screen:
            await screen.command("/compare 3 12")
            page = await shown(screen)
            await screen.until(lambda: "no value yet to hold against" in screen.text)
            before = page.charts.plot._panes[0].series[0].buckets.count
            with open_store(store_path, check=False) as store:
                study = studies.get(store, seed.STUDY)
                running = trials.get(store, study.id, 12)
                [attempt] = [a for a in trials.open_attempts(store) if a.trial_id == running.id]
                with store.transaction():
                    metric = points.Metrics(store).id("val_loss")
                    points.append(store, [(attempt.id, metric, 5000, 0.2, seed.NOW)])
                ending: dict[str, Any] = {"failure": None, "outcome": {}, "retry": False, "ended_at": time.time()}
                trials.end(store, attempt, TrialState.COMPLETED, value=0.2, **ending)
            await screen.until(lambda: "t12 is ahead of t3" in screen.text, "its end is judged")
            await screen.until(lambda: page.charts.plot._panes[0].series[0].buckets.count > before)

    async def test_it_is_saved_as_a_picture(self, store_path: Path) -> None:
        async with opened(store_path) as screen:
            await screen.command("/compare 3 7")
            await shown(screen)
            screen.app.run_command("save", str(store_path.with_name("c.svg")))
            await screen.until(lambda: store_path.with_name("c.svg").exists())
            text = store_path.with_name("c.svg").read_text()
            assert "t3" in text and "t7 is ahead of t3" in text

    async def test_marks_come_back(self, store_path: Path) -> None:
        async with opened(store_path) as screen:
            await screen.command("/mark 3 7")
            screen.study.remember()
            await screen.rest()
        async with opened(store_path) as screen:
            assert screen.study.side.view.marked == [3, 7]

    @pytest.mark.parametrize("size", SIZES, ids=lambda s: f"{s[0]}x{s[1]}")
    async def test_picture(self, store_path: Path, size: tuple[int, int]) -> None:
        async with opened(store_path, size=size) as screen:
            await screen.command("/compare 0 3 7 9 12")
            await shown(screen)
            await kept("compare", screen)

    @pytest.mark.parametrize("size", SIZES, ids=lambda s: f"{s[0]}x{s[1]}")
    async def test_picture_of_all_metrics_looked_at_closely(self, store_path: Path, size: tuple[int, int]) -> None:
        async with opened(store_path, size=size) as screen:
            await screen.command("/compare 0 3 7")
            await shown(screen)
            await screen.press("g")
            screen.app.run_command("window", "300 900")
            screen.app.run_command("cursor", "640")
            await screen.rest()
            await kept("compare-closely", screen)


async def shown(screen: Screen) -> CompareScreen:
    await screen.until(
        lambda: isinstance(screen.app.screen, CompareScreen) and screen.app.screen.charts.plot._panes[0].series
    )
    await screen.rest()
    page = screen.app.screen
    assert isinstance(page, CompareScreen)
    return page
