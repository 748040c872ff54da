"""Samples on a trial's page: wrong answers beside the truth, forecasts as plots, by key, command and click."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from math import sin
from pathlib import Path

import pytest

from agent.tui.screens.trial import TrialScreen
from tests.agent.tui import seed
from tests.agent.tui.driving import Screen, opened
from tests.agent.tui.test_snapshots import SIZES, kept
from trainers import samples
from trainers.samples import Sample, SeriesSample, TextSample

TRIAL, RUNNING = 3, 13
SIZED = pytest.mark.parametrize("size", SIZES, ids=lambda s: f"{s[0]}x{s[1]}")


def asked(question: str, answer: str, truth: str, error: str = "") -> TextSample:
    return TextSample(question=question, answer=answer, truth=truth, right=answer == truth, error=error)


ANSWERS = [
    asked("({(【", "】)", "】)})", "too short"),
    asked("((【", "】))", "】))"),
    asked("{{【】(", "}})", ")}}", "wrong order"),
    asked("((([/bold]\x1b[2J", "))", ")))", "too short"),
    asked("{【({}", ")】)", ")】}", "wrong closer"),
]
FORECASTS = [
    SeriesSample(
        title=name,
        unit="°C",
        time_step="1h",
        context=[sin((i - shift) / 4) for i in range(48)],
        truth=[sin((i - shift) / 4) for i in range(48, 72)],
        predicted=[0.8 * sin((i - shift) / 4) for i in range(48, 72)],
    )
    for shift, name in enumerate(("HUFL", "OT"))
]


@asynccontextmanager
async def sampled(
    path: Path, given: Sequence[Sample], size: tuple[int, int] = (120, 36), trial: object = TRIAL
) -> AsyncIterator[tuple[Screen, TrialScreen]]:
    """The app with the samples of a trial on its page."""
    run_dir = path.parent / "runs" / seed.STUDY / str(TRIAL)
    samples.write(run_dir, given, note="validation questions", asked=1000, counts={"too short": 30, "wrong order": 8})
    async with opened(path, size=size) as screen:
        await screen.command(f"/samples {trial}")
        await screen.until(lambda: isinstance(screen.app.screen, TrialScreen), "a page")
        found = screen.app.screen
        await screen.until(
            lambda: found.feed.begun and (found.samples.found or found.samples._said), "samples are read"
        )
        await screen.rest()
        yield screen, found


class TestAnswers:
    @SIZED
    async def test_wrong_answers_stand_beside_the_truth_with_their_count(
        self, store_path: Path, size: tuple[int, int]
    ) -> None:
        async with sampled(store_path, ANSWERS, size) as (screen, _):
            assert "38 of 1,000 wrong: 30 too short, 8 wrong order" in screen.text
            row = next(line for line in screen.lines if "✗    1" in line)
            assert row[row.index("✗") :].split() == ["✗", "1", "({(【", "】)", "】)})", "too", "short"]
            assert "((【" not in screen.text  # it was answered rightly

    async def test_the_chosen_one_is_in_full_with_what_differs_marked(self, store_path: Path) -> None:
        async with sampled(store_path, ANSWERS) as (screen, page):
            await screen.press("down")
            await screen.until(lambda: "3 ✗ wrong order" in screen.text)
            lines = page.samples.detail.shown.split("\n")
            assert lines[1:] == [
                " question {{【】(",
                " answer   }})",
                " " * 10 + "^ ^",
                " truth    )}}",
                " " * 10 + "^ ^",
            ]

    async def test_marks_stand_below_characters_that_are_two_cells_wide(self, store_path: Path) -> None:
        async with sampled(store_path, [asked("q", "】)】", "】)}")]) as (_, page):
            assert " " * 13 + "^^" in page.samples.detail.shown.split("\n")

    async def test_keys_go_from_sample_to_sample_and_never_to_another_trial(self, store_path: Path) -> None:
        async with sampled(store_path, ANSWERS) as (screen, page):
            seen = []
            for key in ("right", "right", "right", "right", "left", "end", "home"):
                await screen.press(key)
                seen.append(page.samples.rows.chosen.number)
            assert seen == [3, 4, 5, 5, 4, 5, 1]
            assert page.read.trial.number == TRIAL

    async def test_right_answers_are_one_key_away(self, store_path: Path) -> None:
        async with sampled(store_path, ANSWERS) as (screen, _):
            await screen.press("f")
            await screen.until(lambda: "✓    2 ((【" in screen.text and "1/5" in screen.text)
            await screen.press("f")
            await screen.until(lambda: "((【" not in screen.text and "1/4" in screen.text)

    async def test_a_text_is_searched_for_as_it_is_typed_and_escape_forgets_it(self, store_path: Path) -> None:
        async with sampled(store_path, ANSWERS) as (screen, page):
            await screen.press("slash")
            await screen.write("short")
            await screen.until(lambda: "1/2" in screen.text)
            await screen.press("enter")
            assert page.samples.rows.has_focus and "/ find short" in screen.text
            await screen.press("slash", "x")
            await screen.until(lambda: "'shortx' is in none of them" in screen.text)
            await screen.press("escape")
            await screen.until(lambda: "1/4" in screen.text)
            assert isinstance(screen.app.screen, TrialScreen)

    async def test_a_sample_is_reached_by_number_even_one_that_was_answered_rightly(self, store_path: Path) -> None:
        async with sampled(store_path, ANSWERS, trial=f"{TRIAL} 2") as (screen, page):
            assert page.samples.rows.chosen.number == 2 and "2 ✓ right" in screen.text

    async def test_what_is_no_number_is_said(self, store_path: Path) -> None:
        async with opened(store_path) as screen:
            await screen.command("/samples 3 x")
            await screen.until(lambda: "'x' is not the number of a sample" in screen.text)

    async def test_a_click_chooses(self, store_path: Path) -> None:
        async with sampled(store_path, ANSWERS) as (screen, page):
            await screen.pilot.click(page.samples.rows, offset=(5, 2))
            await screen.until(lambda: page.samples.rows.chosen.number == 4)

    async def test_what_a_model_says_is_shown_without_markup_and_steers_nothing(self, store_path: Path) -> None:
        async with sampled(store_path, ANSWERS) as (screen, _):
            assert "((([/bold]\\x1b[2J" in screen.text


class TestForecasts:
    @SIZED
    async def test_a_forecast_is_drawn_against_the_truth(self, store_path: Path, size: tuple[int, int]) -> None:
        async with sampled(store_path, FORECASTS, size) as (screen, page):
            assert "2 forecasts" in screen.text and "predicted" in page.samples.plot.shown
            assert "truth" in page.samples.plot.shown and "20 steps" in page.samples.plot.shown
            before = page.samples.plot.shown
            await screen.press("right")
            await screen.until(lambda: "2 OT" in page.samples.detail.shown and page.samples.plot.shown != before)
            assert "in °C  1h apart" in page.samples.detail.shown


class TestNone:
    async def test_a_trial_without_samples_says_so_and_where_they_come_from(self, store_path: Path) -> None:
        async with sampled(store_path, ANSWERS, (80, 24), trial=5) as (screen, _):
            await screen.until(lambda: "t5 left no samples" in screen.text)
            assert "TUNEWRIGHT_SAMPLES" in screen.text
            await screen.press("left")  # with none to turn over, to the trial before
            await screen.until(lambda: "TRIAL 4 " in screen.text)

    async def test_a_running_trial_says_when(self, store_path: Path) -> None:
        async with sampled(store_path, ANSWERS, trial=RUNNING) as (screen, _):
            await screen.until(lambda: "written when the trial ends" in screen.text)

    async def test_a_damaged_file_is_one_message(self, store_path: Path) -> None:
        (store_path.parent / "runs" / seed.STUDY / "5" / samples.SAMPLES).write_bytes(b"\x00\xff" * 100)
        async with sampled(store_path, ANSWERS, trial=5) as (screen, _):
            await screen.until(lambda: "the samples cannot be" in screen.text and "Delete the file" in screen.text)

    async def test_turning_to_a_trial_with_samples_shows_them(self, store_path: Path) -> None:
        async with sampled(store_path, ANSWERS, trial=4) as (screen, page):
            await screen.until(lambda: "left no samples" in screen.text)
            screen.app.run_command("earlier", "")
            await screen.until(lambda: "38 of 1,000 wrong" in screen.text)
            await screen.press("down")
            await screen.until(lambda: page.samples.rows.chosen.number == 3)

    async def test_the_part_is_named_only_where_there_is_something(self, store_path: Path) -> None:
        async with sampled(store_path, ANSWERS) as (screen, page):
            assert "SAMPLES" in page.tabs.shown
            await screen.press("w")
            screen.app.run_command("earlier", "")
            await screen.until(lambda: "TRIAL 2 " in screen.text)
            assert "SAMPLES" not in page.tabs.shown

    async def test_commands_without_samples_in_sight_say_what_to_do(self, store_path: Path) -> None:
        async with opened(store_path) as screen:
            await screen.command("/only all")
            await screen.until(lambda: "/samples N" in screen.text)


async def test_part_sample_and_filter_come_back(store_path: Path) -> None:
    async with sampled(store_path, ANSWERS) as (screen, page):
        await screen.press("f", "end")
        await screen.until(lambda: page.samples.rows.chosen.number == 5)
        await screen.until(lambda: screen.study.side.view.sample == 5)
        await screen.rest()
    async with opened(store_path, size=(120, 36)) as screen:
        await screen.until(lambda: isinstance(screen.app.screen, TrialScreen) and "5/5" in screen.text)


class TestSnapshots:
    @SIZED
    async def test_wrong_answers(
        self, store_path: Path, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(store_path.parent)
        async with sampled(store_path, ANSWERS, size) as (screen, _):
            await kept("samples", screen)

    @SIZED
    async def test_a_forecast(self, store_path: Path, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(store_path.parent)
        async with sampled(store_path, FORECASTS, size) as (screen, _):
            await kept("forecast", screen)
