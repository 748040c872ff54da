"""The page of settings: found by typing, changed in place, written at once, a study's through its session."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import Input

from agent.settings import schema
from agent.tui.charts.xaxis import KINDS
from agent.tui.ink.palettes import DARK, LIGHT
from tests.agent.tui.driving import Screen, opened
from tests.agent.tui.test_snapshots import SIZES, coloured, compare


async def page(screen: Screen, search: str = "") -> None:
    await screen.press("f9")
    await screen.until(lambda: "Looks" in screen.text and "theme" in screen.text, "the page is open")
    await screen.write(search)


def written(path: Path) -> str:
    file = path.with_name("settings.toml")
    return file.read_text() if file.exists() else ""


async def test_a_choice_changes_at_once_and_is_written(store_path: Path) -> None:
    async with opened(store_path) as screen:
        await page(screen, "theme")
        await screen.press("enter", "enter")  # auto, dark, light
        await screen.until(lambda: screen.app.theme == LIGHT)
        assert 'theme = "light"' in written(store_path)
        assert "your file" in screen.text
        await screen.press("f8")
        await screen.until(lambda: screen.app.theme == DARK)
        assert "theme" not in written(store_path)
        assert "your file" not in screen.text


async def test_a_number_is_edited_in_its_place_and_checked_as_it_is_typed(store_path: Path) -> None:
    async with opened(store_path) as screen:
        await page(screen, "frames")
        await screen.press("enter")
        field = screen.app.screen.query_one("#settings-field", Input)
        assert field.has_focus and field.value == "4"
        await screen.press("backspace", "9")
        assert "9 is above 4" in screen.text
        await screen.press("enter")
        assert field.display and written(store_path) == ""
        await screen.press("backspace", "2", "enter")
        await screen.until(lambda: "frames = 2" in written(store_path))
        assert not field.display
        assert screen.study._frames._interval == 0.5


async def test_escape_leaves_the_field_then_the_search_then_the_page(store_path: Path) -> None:
    async with opened(store_path) as screen:
        await page(screen, "frames")
        await screen.press("enter", "1", "escape")
        assert written(store_path) == "" and screen.app.screen.is_modal
        await screen.press("escape")
        await screen.until(lambda: "confirm_quit" in screen.text)
        await screen.press("escape")
        await screen.until(lambda: not screen.app.screen.is_modal)


async def test_a_study_s_own_goes_through_its_session(store_path: Path) -> None:
    async with opened(store_path) as screen:
        await page(screen, "study search")
        await screen.press("end")
        while not (row := screen.app.screen._row).of_study or row.setting.name != "study.search":
            await screen.press("down")
        before = screen.study.model.spec.search
        await screen.press("enter")
        await screen.until(lambda: screen.study.model.spec.search != before, "the study has another search")
        assert written(store_path) == ""


@pytest.mark.parametrize(
    ("said", "holds"),
    [
        ("/settings study.budget.trials 77", lambda spec: spec.budget.trials == 77),
        ("/settings study.policy.nearness .4", lambda spec: spec.policy.nearness == 0.4),
        ("/settings study.seed 12", lambda spec: spec.seed == 12),
        ("/settings engine.retries 0", lambda spec: spec.engine.retries == 0),
        ("/settings explain_worse_than .5", lambda spec: spec.agent.explain_worse_than == 0.5),
    ],
)
async def test_each_part_of_a_study_can_be_set_in_words(store_path: Path, said: str, holds) -> None:  # type: ignore[no-untyped-def]
    async with opened(store_path) as screen:
        await screen.command(said)
        await screen.until(lambda: holds(screen.study.model.spec), said)


async def test_a_mistake_is_told_with_the_nearest(store_path: Path) -> None:
    async with opened(store_path) as screen:
        await screen.command("/settings theme lihgt")
        assert "Did you mean 'light'?" in screen.study.notice.said
        await screen.command("/settings teme light")
        assert "Did you mean 'theme'?" in screen.study.notice.said


async def test_every_setting_is_found_by_its_variable(store_path: Path) -> None:
    async with opened(store_path) as screen:
        await page(screen)
        found = {row.setting.name for row in screen.app.screen._rows}
        assert found == {s.name for s in schema.SETTINGS}
        screen.app.screen._search.value = "TUNEWRIGHT_JOBS"
        await screen.until(lambda: [r.setting.name for r in screen.app.screen._shown if r] == ["engine.jobs"] * 2)


async def test_what_a_bad_file_says_is_told_and_the_rest_holds(store_path: Path) -> None:
    store_path.with_name("settings.toml").write_text('[look]\ntheme = "light"\nframes = "fast"\n')
    async with opened(store_path) as screen:
        assert screen.app.theme == LIGHT
        assert "settings.toml:3: look.frames: 'fast' is not a number" in screen.study.notice.said


async def test_the_environment_wins_and_the_page_says_so(store_path: Path) -> None:
    async with opened(store_path, environment={"TUNEWRIGHT_THEME": "light"}) as screen:
        await page(screen, "theme")
        assert screen.app.theme == LIGHT and "environment" in screen.text


async def test_leaving_is_asked_once_where_the_person_wants_it(store_path: Path) -> None:
    store_path.with_name("settings.toml").write_text("[look]\nconfirm_quit = true\n")
    async with opened(store_path) as screen:
        await screen.press("ctrl+q")
        assert "2 trials run and will keep running" in screen.study.notice.said
        assert screen.app.is_running
        await screen.press("ctrl+q")
        await screen.until(lambda: screen.app.return_value is not None)


async def test_curves_of_a_study_that_was_never_open_are_drawn_as_one_likes(store_path: Path) -> None:
    store_path.with_name("settings.toml").write_text('[curves]\nsmooth = 0.6\naxis = "time"\n')
    async with opened(store_path) as screen:
        assert (screen.study.side.view.smooth, screen.study.side.view.axis) == (0.6, "time")


async def test_a_log_keeps_as_many_lines_as_one_likes(store_path: Path) -> None:
    store_path.with_name("settings.toml").write_text("[log]\nlines = 500\n")
    async with opened(store_path) as screen:
        lines = screen.study.side.log_panel.lines
        lines.grow([f"line {n}" for n in range(2_000)], "")
        assert len(lines.texts) == 500 and lines.texts[-1] == "line 1999"


def test_the_axes_are_those_of_the_plot() -> None:
    assert schema.find("curves.axis").key.choices == KINDS


@pytest.mark.parametrize("size", SIZES, ids=lambda s: f"{s[0]}x{s[1]}")
async def test_the_page_looks_as_kept(store_path: Path, size: tuple[int, int]) -> None:
    async with opened(store_path, size=size) as screen:
        await page(screen)
        await screen.rest()
        box = screen.app.screen.query_one("#settings-box").region  # what lies behind it is compared elsewhere
        lines = [line.ljust(size[0])[box.x : box.right] for line in screen.lines[box.y : box.bottom]]
        compare("settings", size, "\n".join(lines))
        await coloured("settings", size, screen)
