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
from agent.tui.messages import CurveGrew, CurveLoaded
from agent.tui.paging.compare_curves import CompareCurves
from agent.tui.paging.compare_text import Compared, lines
from agent.tui.screens.compare import CompareScreen
from agent.tui.text import number
from agent.tui.view import ViewState
from agent.tui.widgets.plot import Plot
from tests.agent.stores import GOOD, OOM
from tests.agent.tui import seed
from tests.agent.tui.driving import Screen, opened
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
    def drawn(self, noise: Noise, values: tuple[float, ...] = (1.0, 0.8, 0.6, 0.5, 0.4)) -> list[str]:
        first, second = trial(3, 0.4), trial(7, 0.9)
        curves = CompareCurves()
        steps = tuple(range(len(values)))
        curves.take(
            "loss", [CurveLoaded(t.id, "loss", steps, values, (0.0,) * len(steps)) for t in (first, second)], {}
        )
        of = Compared([first, second], first, noise, Objective("loss"), {}, 0.0)
        self.series = curves.series(of, ViewState())
        return [s.label for s in self.series]

    def test_it_lies_about_the_best_as_far_off_as_chance_goes(self) -> None:
        assert self.drawn(NOISE) == ["+noise", "−noise", "t7", "t3★"]
        above, below, *_ = self.series
        assert above.buckets.last == pytest.approx(0.4 + NOISE.limit)
        assert below.buckets.last == pytest.approx(0.4 - NOISE.limit)

    def test_there_is_none_where_nothing_is_known_or_nothing_would_be_seen(self) -> None:
        assert self.drawn(Noise()) == ["t7", "t3★"]
        assert self.drawn(Noise(9.0, freedom=9)) == ["t7", "t3★"]
        assert self.drawn(NOISE, (1.0, 0.5)) == ["t7", "t3★"]

    def test_it_grows_with_its_curve(self) -> None:
        self.drawn(NOISE)
        before = self.series[0].buckets.count
        curves = CompareCurves()
        of = Compared([trial(3, 0.4)], None, NOISE, Objective("loss"), {}, 0.0)
        curves.take("loss", [CurveLoaded(103, "loss", (0, 1, 2, 3, 4), (1.0, 0.8, 0.6, 0.5, 0.4), (0.0,) * 5)], {})
        assert curves.series(of, ViewState())[0].buckets.count == before
        curves.take("loss", [CurveGrew(103, "loss", (5,), (0.3,), (0.0,))], {})
        assert curves.series(of, ViewState())[0].buckets.count == before + 1


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
            await screen.until(lambda: page._curves.metric == "val_mae" and page.plot._panes[0].series)
            assert "val_mae" in page.curves_heading.shown
            await screen.press("y")
            assert "y linear" in page.curves_heading.shown or screen.study.side.view.log_y is not None
            await screen.press("a")
            assert page.shared_shown

    async def test_the_cursor_shows_what_every_trial_has_at_its_step(self, store_path: Path) -> None:
        async with opened(store_path) as screen:
            await screen.command("/compare 3 7")
            page = await shown(screen)
            await screen.press("right")
            assert screen.study.side.view.cursor == 2000
            before = page.values.shown
            assert "step 2,000" in before and "t3" in before and "t7" in before
            for _ in range(20):
                await screen.press("left")
            view = screen.study.side.view
            assert view.cursor < 2000 and page.values.shown != before
            curves = page._curves.by_trial
            for number_ in (3, 7):
                value = curves[screen.study.model.trials[number_].id].nearest("step", 0.0, view.cursor)[1]
                assert f"t{number_} {number(value)}" in page.values.shown
            page.post_message(Plot.CursorMoved(to=500.0))
            await screen.until(lambda: "step 500" in page.values.shown)

    async def test_the_wheel_looks_closer_and_back(self, store_path: Path) -> None:
        async with opened(store_path) as screen:
            await screen.command("/compare 3 7")
            page = await shown(screen)
            page.plot.post_message(Plot.Zoomed(4.0, 100.0))
            await screen.until(lambda: screen.study.side.view.x_window)
            low, high = screen.study.side.view.x_window
            assert low <= 100 <= high and high - low == pytest.approx(500)
            page.plot.post_message(Plot.Panned(0.5))
            await screen.until(lambda: screen.study.side.view.x_window[0] > low)
            page.plot.post_message(Plot.Zoomed(1 / 100))
            await screen.until(lambda: not screen.study.side.view.x_window)

    async def test_a_running_trial_goes_on_and_its_end_is_judged(self, store_path: Path) -> None:
        async with opened(store_path) as screen:
            await screen.command("/compare 3 12")
            page = await shown(screen)
            await screen.until(lambda: "no value yet to hold against" in screen.text)
            before = page.plot._panes[0].series[0].buckets.count
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
            await screen.until(lambda: page.plot._panes[0].series[0].buckets.count > before)

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


async def shown(screen: Screen) -> CompareScreen:
    await screen.until(lambda: isinstance(screen.app.screen, CompareScreen) and screen.app.screen.plot._panes[0].series)
    await screen.rest()
    page = screen.app.screen
    assert isinstance(page, CompareScreen)
    return page
