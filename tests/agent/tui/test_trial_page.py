"""The page of one trial: its parts, its evidence that is followed in place, its actions, what comes back."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.geometry import Offset

from agent.store import diagnoses, narratives, points, proposals, studies, trials
from agent.store.connection import open_store
from agent.study.nouns import Diagnosis, Draft, Narrative, Source, TrialState
from agent.tui.screens.trial import TrialScreen
from agent.tui.text import number
from agent.tui.view import PageView
from tests.agent.tui import seed
from tests.agent.tui.driving import Screen, opened
from tests.agent.tui.test_curves import drag, scroll
from tests.agent.tui.test_snapshots import kept
from tests.agent.tui.test_usage import GIB, HEAD, write

RUNNING = 13


@asynccontextmanager
async def page(
    path: Path, number: int = seed.DIVERGED, size: tuple[int, int] = (180, 50)
) -> AsyncIterator[tuple[Screen, TrialScreen]]:
    """The app with the page of a trial open, its curves and its log read."""
    async with opened(path, size=size) as screen:
        await screen.command(f"/why {number}")
        await on_page(screen, number)
        found = screen.app.screen
        assert isinstance(found, TrialScreen)
        await screen.until(lambda: found.feed.curves and found.log_panel.path is not None, "curves and log are read")
        await screen.rest()
        yield screen, found


async def on_page(screen: Screen, number: int) -> None:
    await screen.until(lambda: f"TRIAL {number} " in screen.lines[0], f"the page of t{number}")


def points_at(path: Path, number: int) -> Callable[[int], float]:
    """When a trial reported a step."""
    with open_store(path) as store:
        trial = trials.get(store, studies.get(store, seed.STUDY).id, number)
        steps, _, ats = points.curve(store, trial.id, "val_loss")
    return dict(zip(steps, ats, strict=True)).__getitem__


def axis(found: TrialScreen) -> str:
    """The line below the first plot."""
    first = found.curves.plot.placed[0]
    return found.curves.plot.shown.split("\n")[first.top + first.height - 1]


SIZES = [(80, 24), (120, 36), (180, 50)]


class TestParts:
    async def test_it_says_what_became_of_a_trial_and_why(self, store_path: Path) -> None:
        async with page(store_path) as (screen, _):
            for said in ("✗ diverged", "95% sure", "val_loss is nan from here on", "non finite objective", "log.txt"):
                assert said in screen.text

    @pytest.mark.parametrize("size", SIZES, ids=lambda s: f"{s[0]}x{s[1]}")
    @pytest.mark.parametrize(
        ("key", "seen"),
        [
            ("w", "DIAGNOSIS"),
            ("c", "★ t0"),
            ("o", "ORIGIN  proposal 9"),
            ("i", "▸ log.txt"),
            ("v", "val_loss  nan at step 2000"),
            ("l", "step 1190"),
        ],
    )
    async def test_each_part_is_one_key_away(
        self, store_path: Path, size: tuple[int, int], key: str, seen: str
    ) -> None:
        async with page(store_path, size=size) as (screen, _):
            await screen.press("v" if key != "v" else "l", key)
            await screen.until(lambda: seen in screen.text, seen)

    async def test_each_part_is_one_click_away(self, store_path: Path) -> None:
        async with page(store_path, size=(80, 24)) as (screen, found):
            for name in ("CONFIG", "ORIGIN", "FILES", "CURVES", "LOG", "WHY"):
                await screen.pilot.click(found.tabs, offset=(found.tabs.shown.index(name) + 1, 0))
                await screen.until(lambda name=name: found.part == name.lower() and f"▸{name}" in screen.text)

    async def test_a_part_can_be_opened_from_the_study(self, store_path: Path) -> None:
        async with opened(store_path, size=(80, 24)) as screen:
            await screen.command("/origin 9")
            await on_page(screen, 9)
            await screen.until(lambda: "▸ORIGIN" in screen.text and "approved by policy" in screen.text)

    async def test_it_says_with_whom_a_trial_shared_its_process(self, store_path: Path) -> None:
        with open_store(store_path) as store:
            trial = trials.get(store, studies.get(store, seed.STUDY).id, seed.DIVERGED)
            attempt = trials.attempts(store, trial.id)[-1]
            trials.set_job(store, attempt["id"], {"gpus": [], "share": 0.0, "threads": 1, "with": [3, 4, 5]})
        async with page(store_path, size=(80, 24)) as (screen, _):
            assert "one process with t3–t5" in " ".join(screen.text.split())

    async def test_all_metrics_are_drawn_and_their_last_values_said(self, store_path: Path) -> None:
        async with page(store_path, 5) as (_, found):
            assert list(found.feed.curves) == ["val_loss", "val_mae"]
            lines = found.curves.plot.shown.split("\n")
            for one, name in zip(found.curves.plot.placed, ("val_loss", "val_mae"), strict=True):
                assert name in lines[one.top] and "at step 2000" in lines[one.top]
                assert any(0x2800 < ord(c) < 0x2900 for line in lines[one.top :][: one.height] for c in line)


class TestEvidence:
    async def test_a_digit_shows_the_line_of_the_log_in_its_middle(self, store_path: Path) -> None:
        async with page(store_path) as (screen, found):
            await screen.press("2")
            await screen.until(lambda: "▶ 42 epoch 1 step 410 val_loss=nan" in screen.text)
            shown = found.log_panel.lines.shown.split("\n")
            at = next(i for i, line in enumerate(shown) if line.startswith("▶ 42"))
            assert abs(at - len(shown) // 2) <= 1
            assert found.part == "log" and screen.app.screen is found

    async def test_a_digit_shows_the_stretch_of_the_curve_around_a_step(self, store_path: Path) -> None:
        async with page(store_path) as (screen, found):
            assert "2000" in axis(found) or "1750" in axis(found)
            await screen.press("1")
            await screen.until(lambda: "around step 410" in screen.text)
            assert "1000" not in axis(found) and "400" in axis(found)
            assert "nan at step 410" in found.curves.plot.shown.split("\n")[0]
            assert found.part == "curves"
            await screen.press("0")
            await screen.until(lambda: "around step" not in screen.text)
            assert "1000" in axis(found)

    async def test_a_digit_turns_to_the_trial_it_names(self, store_path: Path) -> None:
        async with page(store_path) as (screen, _):
            await screen.press("3")
            await on_page(screen, 0)
            assert screen.study.side.selected == 0

    async def test_a_link_is_followed_by_a_click(self, store_path: Path) -> None:
        async with page(store_path) as (screen, found):
            lines = found.words.shown.split("\n")
            row = next(i for i, line in enumerate(lines) if "[log:42]" in line)
            await screen.pilot.click(found.words, offset=(lines[row].index("[log:42]") + 2, row))
            await screen.until(lambda: "▶ 42 epoch 1 step 410" in screen.text)

    async def test_a_citation_of_another_trial_turns_to_it_and_goes_to_the_place(self, store_path: Path) -> None:
        with open_store(store_path, check=False) as store:
            trial = trials.get(store, studies.get(store, seed.STUDY).id, seed.DIVERGED)
            told = Narrative(text="Unlike [t4 log:20], it rose.", model="m/one", dropped=1)
            narratives.put(store, trial, told)
        async with page(store_path) as (screen, found):
            assert "EXPLANATION  m/one" in screen.text and "1 claim left out" in screen.text
            lines = found.words.shown.replace("\u00a0", " ").split("\n")
            row = next(i for i, line in enumerate(lines) if "[t4 log:20]" in line)
            await screen.pilot.click(found.words, offset=(lines[row].index("[t4 log:20]") + 2, row))
            await on_page(screen, 4)
            await screen.until(lambda: "▶ 20 epoch 0 step 190" in screen.text)


class TestCurves:
    """They take the keys, the mouse and the commands of the study's curves."""

    async def test_the_wheel_zooms_all_metrics_and_a_box_only_its_own_values(self, store_path: Path) -> None:
        async with page(store_path, 5) as (screen, found):
            chart, plot = screen.study.side.view.page_charts, found.curves.plot
            await scroll(screen, 30, up=True, on=plot)
            assert chart.x_window[1] - chart.x_window[0] == pytest.approx(2000 / 1.5)
            assert {p.pane.view.x_window for p in plot.placed} == {tuple(chart.x_window)}
            second = plot.placed[1]
            await drag(screen, (40, second.top + 3), (60, second.top + 7), on=plot)
            assert list(chart.y_windows) == ["val_mae"] and found.curves.metric == "val_mae"
            assert screen.study.side.view.x_window == [], "the study's own curves stay as they are"
            await screen.pilot.click(plot, offset=Offset(30, 5), times=2)
            await screen.pilot.pause()
            assert chart.x_window == [] and not chart.y_windows

    async def test_letters_are_the_pages_until_one_goes_into_the_curves_and_out_again(self, store_path: Path) -> None:
        async with page(store_path, 5) as (screen, found):
            chart = screen.study.side.view.page_charts
            await screen.press("v", "plus", "Z")
            assert chart.x_window and chart.y_windows and found.part == "curves"
            await screen.press("v", "c")
            assert found.part == "curves" and chart.cursor is not None
            assert "page's keys" in screen.lines[-1] and "cursor" in screen.lines[-1]
            before = list(chart.x_window)
            await screen.press("h", "l", "h", "0", "left")
            assert chart.x_window == [] != before and "step" in found.curves.legend.shown
            await screen.press("v", "c")
            assert found.part == "config"

    async def test_enter_and_a_click_go_into_them_too(self, store_path: Path) -> None:
        async with page(store_path, 5) as (screen, found):
            await screen.press("v", "enter")
            assert found.curves.is_within
            await screen.press("v")
            await screen.pilot.click(found.curves.plot, offset=Offset(40, 6))
            await screen.pilot.pause()
            assert found.curves.is_within and screen.study.side.view.page_charts.cursor is not None

    async def test_the_cursor_stands_at_one_place_in_all_metrics_and_their_values_are_said(
        self, store_path: Path
    ) -> None:
        async with page(store_path, 5) as (screen, found):
            screen.app.run_command("cursor", "1000")
            await screen.rest()
            assert [p.pane.view.cursor for p in found.curves.plot.placed] == [1000, 1000]
            lines = found.curves.plot.shown.split("\n")
            for placed in found.curves.plot.placed:
                value = found.feed.curves[placed.pane.name].at_step(1000)
                assert number(value) in lines[placed.top]
            assert "step 1,000" in found.curves.legend.shown

    async def test_g_and_enter_show_one_metric_alone_and_m_the_next(self, store_path: Path) -> None:
        async with page(store_path, 5) as (screen, found):
            await screen.press("v", "g")
            await screen.until(lambda: [p.pane.name for p in found.curves.plot.placed] == ["val_loss"])
            await screen.press("m")
            await screen.until(lambda: [p.pane.name for p in found.curves.plot.placed] == ["val_mae"])
            assert "val_mae" in found.curves.heading.shown and "at step 2000" in found.curves.legend.shown
            await screen.press("g", "enter", "up", "enter")
            await screen.until(lambda: [p.pane.name for p in found.curves.plot.placed] == ["val_loss"])

    async def test_what_evidence_has_shown_is_zoomed_and_moved_from_there(self, store_path: Path) -> None:
        async with page(store_path) as (screen, _):
            await screen.press("1")
            await screen.until(lambda: "around step 410" in screen.text)
            chart = screen.study.side.view.page_charts
            low, high = chart.x_window
            assert low < 410 < high
            await screen.press("plus")
            await screen.rest()
            assert chart.x_window[1] - chart.x_window[0] == pytest.approx((high - low) / 1.5)
            assert "around step 410" in screen.text
            await screen.press("right")
            await on_page(screen, 10)
            assert screen.study.side.view.page_charts.x_window == [], "another trial's evidence is not this one's"

    @pytest.mark.parametrize("size", SIZES)
    async def test_the_part_that_the_tabs_name_is_the_one_shown_of_the_next_trial(
        self, store_path: Path, size: tuple[int, int]
    ) -> None:
        async with page(store_path, 5, size) as (screen, found):
            for key, part in (("o", "origin"), ("i", "files"), ("w", "why")):
                await screen.press(key)
                await screen.press("right")
                await on_page(screen, found.read.trial.number)
                await screen.rest()
                assert screen.study.side.view.part == part
                assert found.words.is_at(part)
            assert found.read.trial.number == 8

    async def test_a_stretch_stays_from_trial_to_trial_until_the_page_closes(self, store_path: Path) -> None:
        async with page(store_path, 5) as (screen, _):
            screen.app.run_command("window", "300 900")
            await screen.press("right")
            await on_page(screen, 6)
            assert screen.study.side.view.page_charts.x_window == [300, 900]
            await screen.press("escape")
            await screen.command("/why 5")
            await on_page(screen, 5)
            assert screen.study.side.view.page_charts.x_window == []

    async def test_keys_of_curves_that_are_out_of_sight_change_nothing(self, store_path: Path) -> None:
        async with page(store_path, 5, (80, 24)) as (screen, found):
            for key in ("plus", "y", "s", "t", "Z", "g"):
                await screen.press("w", key)
                assert "no curves are in sight" in found.notice.said
            view = screen.study.side.view
            assert (view.axis, view.smooth, view.log_y) == ("step", 0.0, None)
            assert view.page_charts == PageView()

    async def test_what_it_uses_follows_the_stretch(self, store_path: Path) -> None:
        began = points_at(store_path, 5)
        write(store_path, 5, [HEAD, *({"at": began(100 * i), "host": (1 + i // 4) * GIB} for i in range(21))])
        async with page(store_path, 5) as (screen, found):
            await screen.until(lambda: "peak 6G" in found.curves.usage.shown)
            screen.app.run_command("window", "300 900")
            await screen.until(lambda: "peak 3G" in found.curves.usage.shown)
            screen.app.run_command("window", "")
            await screen.until(lambda: "peak 6G" in found.curves.usage.shown)

    async def test_they_are_saved_as_a_picture(self, store_path: Path) -> None:
        async with page(store_path, 5) as (screen, _):
            screen.app.run_command("save", str(store_path.with_name("p.svg")))
            await screen.until(lambda: store_path.with_name("p.svg").exists())
            assert "val_mae" in store_path.with_name("p.svg").read_text()

    @pytest.mark.parametrize("size", SIZES, ids=lambda s: f"{s[0]}x{s[1]}")
    async def test_picture(self, store_path: Path, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(store_path.parent)
        async with page(store_path, 5, size) as (screen, _):
            await screen.press("v", "v")
            screen.app.run_command("window", "300 900")
            screen.app.run_command("cursor", "640")
            await screen.press("Z")
            await kept("trial-curves", screen)


class TestWords:
    async def test_params_stand_beside_the_best_the_nearest_and_the_defaults(self, store_path: Path) -> None:
        async with page(store_path) as (screen, _):
            head = next(line for line in screen.lines if "★ t0" in line)
            assert "t9" in head and "near t" in head and "default" in head
            row = next(line for line in screen.lines if line.startswith("   lr "))
            assert row.split()[:3] == ["lr", ".03", "1e-3"]

    async def test_an_edit_shows_what_was_proposed_and_what_was_changed(self, tmp_path: Path) -> None:
        path = seed.make(tmp_path / "store.sqlite", pending=0)
        with open_store(path, check=False) as store:
            study = studies.get(store, seed.STUDY)
            proposal = seed.add_proposal(store, study.id, 6e-4)
            proposals.approve(store, proposal, actor="person", params={**proposal.params, "lr": 5e-4, "wd": 0.2})
        async with opened(path) as screen:
            await screen.command("/why 14")
            await on_page(screen, 14)
            await screen.until(lambda: "proposed" in screen.text)
            assert "edited by you" in screen.text and "lr 6e-4 → 5e-4, wd .05 → .2" in " ".join(screen.text.split())

    @pytest.mark.parametrize(
        ("expected", "said"),
        [
            ((0.30, 0.34), "got +.026 ✓ inside"),
            ((0.20, 0.25), "got +.026 ✗ outside, worse than expected"),
            ((0.40, 0.45), "got +.026 ✗ outside, better than expected"),
        ],
    )
    async def test_the_expectation_is_held_against_what_came(
        self, store_path: Path, expected: tuple[float, float], said: str
    ) -> None:
        with open_store(store_path, check=False) as store, store.transaction() as conn:
            conn.execute(
                "UPDATE proposal SET expected_low = ?, expected_high = ?, confidence = .5, created = ? WHERE number = 5",
                (*expected, seed.NOW),
            )
        async with page(store_path, 5) as (screen, _):
            words = " ".join(line.split("▏")[0].strip() for line in screen.lines)
            assert said in " ".join(words.split())
            assert "beside t0's .3100, the best then, fair confidence" in " ".join(words.split())


class TestFiles:
    async def test_enter_reads_the_chosen_file_in_the_log_and_copies_its_path(self, store_path: Path) -> None:
        folder = store_path.parent / f"runs/{seed.STUDY}/{seed.DIVERGED}"
        (folder / "notes.txt").write_text("[bold]mine\x1b[31m\n")
        async with page(store_path) as (screen, found):
            await screen.press("i", "down", "enter")
            await screen.until(lambda: "1 [bold]mine" in screen.text)
            assert "notes.txt" in found.log_panel.heading.shown
            assert screen.app.clipboard == str(folder / "notes.txt")
            await screen.press("2")  # evidence goes back to the log
            await screen.until(lambda: "▶ 42 epoch 1 step 410" in screen.text)

    async def test_a_click_opens_a_file_that_is_no_text(self, store_path: Path) -> None:
        folder = store_path.parent / f"runs/{seed.STUDY}/{seed.DIVERGED}"
        (folder / "best.pt").write_bytes(bytes(range(256)) * 20)
        async with page(store_path) as (screen, found):
            lines = found.words.shown.split("\n")
            row = next(i for i, line in enumerate(lines) if "best.pt" in line)
            await screen.pilot.click(found.words, offset=(lines[row].index("best.pt") + 1, row))
            await screen.until(lambda: "\\x00\\x01\\x02" in screen.text)

    async def test_a_thousand_files_are_listed_in_part(self, store_path: Path) -> None:
        folder = store_path.parent / f"runs/{seed.STUDY}/{seed.DIVERGED}/checkpoint"
        folder.mkdir()
        for i in range(1_000):
            (folder / f"{i:04}.bin").write_bytes(b"x")
        async with page(store_path) as (screen, _):
            await screen.press("i", *["down"] * 49)
            await screen.until(lambda: "▸ checkpoint/0048.bin" in screen.text)
            assert screen.study.side.view.part == "files"


class TestActions:
    async def test_a_key_turns_its_suggestion_into_a_proposal(self, store_path: Path) -> None:
        async with page(store_path) as (screen, found):
            await screen.press("p")
            await screen.until(lambda: len(screen.study.model.pending) == 2)
            assert screen.study.model.pending[1].params["lr"] == 3e-3
            await screen.until(lambda: "waits for your approval" in found.notice.said, "what came of it is said here")

    async def test_a_key_proposes_the_same_config_again_once(self, store_path: Path) -> None:
        async with page(store_path) as (screen, found):
            await screen.press("r")
            await screen.until(lambda: len(screen.study.model.pending) == 2)
            again = screen.study.model.pending[1]
            assert (again.params, again.source) == (screen.study.model.trials[9].params, Source.PERSON)
            await screen.press("r")
            await screen.until(lambda: "proposal 15 is this config already" in found.notice.said)
            assert len(screen.study.model.pending) == 2

    async def test_a_running_trial_is_not_tried_again_but_stopped(self, store_path: Path) -> None:
        async with page(store_path, RUNNING) as (screen, found):
            await screen.press("r")
            await screen.until(lambda: "t13 is running" in found.notice.said)
            found.frame()
            assert "t13 is running" in screen.text  # the page looks again four times a second, and lets it stand
            await screen.press("x")
            await screen.until(lambda: screen.study.model.trials[RUNNING].stop_requested)
            await screen.until(lambda: "stopping" in screen.lines[0])

    async def test_neighbours_are_one_key_or_one_click_away(self, store_path: Path) -> None:
        async with page(store_path) as (screen, found):
            await screen.press("right")
            await on_page(screen, 10)
            await screen.press("left", "left")
            await on_page(screen, 8)
            assert screen.study.side.selected == 8
            await screen.pilot.click(found.header, offset=(found.header.shown.index("t9 ›") + 1, 0))
            await on_page(screen, 9)

    async def test_keys_of_the_log_act_on_the_log_of_the_page(self, store_path: Path) -> None:
        async with page(store_path) as (screen, found):
            await screen.press("l", "slash")
            await screen.write("step 500 ")
            await screen.press("enter")
            await screen.until(lambda: found.log_panel.lines.marked == 51)
            await screen.press("f")
            await screen.until(lambda: found.log_panel.lines.following)
            await screen.press("escape")
            await screen.until(lambda: not screen.app.screen.is_modal)


class TestLive:
    async def test_a_running_trial_grows_on_its_page_and_ends_there(self, store_path: Path) -> None:
        async with page(store_path, RUNNING) as (screen, found):
            before = len(found.feed.curves["val_loss"].steps)
            with open_store(store_path, check=False) as store:
                study = studies.get(store, seed.STUDY)
                trial = trials.get(store, study.id, RUNNING)
                row = store.one("SELECT id FROM attempt WHERE trial_id = ?", (trial.id,))
                assert row is not None
                with store.transaction(durable=False):
                    metric = points.Metrics(store).id("val_loss")
                    points.append(store, [(row["id"], metric, 1210, 0.3333, seed.NOW)])
                with (store_path.parent / f"runs/{seed.STUDY}/{RUNNING}/log.txt").open("a") as log:
                    log.write("step 1210 is in the log\n")
                await screen.until(lambda: len(found.feed.curves["val_loss"].steps) == before + 1)
                await screen.until(lambda: ".333300 at step 1210" in found.curves.plot.shown)
                await screen.until(lambda: "step 1210 is in the log" in screen.text)
                attempt = trials.Attempt(row["id"], trial.id, 1, "", "running", {}, 0, 0.0)
                trials.end(
                    store,
                    attempt,
                    TrialState.COMPLETED,
                    value=0.305,
                    failure=None,
                    outcome={},
                    retry=False,
                    ended_at=seed.NOW,
                )
                healthy = Diagnosis(verdict="healthy", healthy=True, confidence=0.8, explanation="All went well.")
                diagnoses.put(store, trials.by_id(store, trial.id), healthy)
            await screen.until(lambda: "✓ done" in screen.lines[0] and "All went well." in screen.text)

    async def test_a_trial_that_has_not_begun_has_a_page(self, tmp_path: Path) -> None:
        path = seed.make(tmp_path / "store.sqlite", pending=0)
        with open_store(path, check=False) as store:
            study = studies.get(store, seed.STUDY)
            draft = Draft(source=Source.GP, params=seed.SPACE.default() | {"lr": 2e-3})
            proposals.approve(store, proposals.add(store, study.id, [draft])[0], actor="person")
        async with opened(path) as screen:
            await screen.command("/why 14")
            await on_page(screen, 14)
            await screen.until(lambda: "○ queued" in screen.lines[0] and "no log yet" in screen.text)
            await screen.press("v", "l", "i", "enter", "0", "1", "w")
            assert screen.app.is_running


class TestComingBack:
    async def test_the_page_its_part_and_its_place_are_there_again(self, store_path: Path) -> None:
        async with opened(store_path, size=(80, 24)) as screen:
            await screen.command("/why 9")
            await on_page(screen, 9)
            await screen.press("c", "down", "down")
            await screen.until(lambda: screen.study.side.view.part_scroll > 0)
            left_at = screen.study.side.view.part_scroll
            await screen.until(lambda: seed.remembered(store_path, "view")["part_scroll"] == left_at)  # type: ignore[index]
        async with opened(store_path, size=(80, 24)) as screen:
            await on_page(screen, 9)
            found = screen.app.screen
            assert isinstance(found, TrialScreen)
            await screen.until(lambda: "▸CONFIG" in screen.text and found.words.scroll_offset.y == left_at)
            await screen.press("escape")
            await screen.until(lambda: not screen.app.screen.is_modal and screen.study.side.view.page == -1)

    async def test_a_page_that_was_closed_stays_closed(self, store_path: Path) -> None:
        async with page(store_path) as (screen, _):
            await screen.press("escape")
            await screen.until(lambda: not screen.app.screen.is_modal)
        async with opened(store_path) as screen:
            await screen.rest()
            assert not screen.app.screen.is_modal


async def test_every_size_shows_something(store_path: Path) -> None:
    async with page(store_path) as (screen, _):
        for size in ((20, 5), (30, 8), (60, 20), (80, 24), (99, 30), (149, 40), (180, 50)):
            await screen.pilot.resize_terminal(*size)
            await screen.press("c", "v", "l", "w", "1", "2")
            assert screen.app.is_running
            assert len(screen.lines) <= size[1]


async def test_a_key_compares_it_with_the_best(store_path: Path) -> None:
    async with page(store_path) as (screen, _):
        await screen.press("b")
        await screen.until(lambda: type(screen.app.screen).__name__ == "CompareScreen")
