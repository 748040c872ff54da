"""The curves under hand: zoom, pan, cursor and grid by key, by mouse and by command; they come back as they were left."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual import events
from textual.geometry import Offset

from agent.store import points
from agent.store.connection import open_store
from agent.tui.widgets.plot import Plot
from tests.agent.tui import seed
from tests.agent.tui.driving import Screen, opened
from tests.agent.tui.test_rule8_frames import report
from tests.agent.tui.test_snapshots import SIZES, compare

STEPS = 2000  # of the longest trial of the seed


def window(screen: Screen) -> list[float]:
    return screen.study.side.view.x_window


def plot(screen: Screen):  # type: ignore[no-untyped-def]
    return screen.study.side.curves.plot


async def scroll(screen: Screen, cell: int, *, up: bool, on: Plot | None = None, **how: bool) -> None:
    """The wheel over a cell of the plot."""
    kind = events.MouseScrollUp if up else events.MouseScrollDown
    await screen.pilot._post_mouse_events([kind], widget=on or plot(screen), offset=Offset(cell, 5), **how)
    await screen.pilot.pause()


async def drag(
    screen: Screen, start: tuple[int, int], end: tuple[int, int], on: Plot | None = None, **how: Any
) -> None:
    """The button goes down, the mouse moves, the button is let go."""
    shown = on or plot(screen)
    await screen.pilot._post_mouse_events(
        [events.MouseDown], widget=shown, offset=Offset(*start), **{"button": 1, **how}
    )
    await screen.pilot.hover(shown, offset=Offset(*end))
    await screen.pilot._post_mouse_events([events.MouseUp], widget=shown, offset=Offset(*end), **{"button": 1, **how})
    await screen.pilot.pause()


def panel(screen: Screen) -> str:
    """What the panel of the curves shows, whatever stands beside it."""
    at = screen.study.side.curves.region
    return "\n".join(line[at.x : at.right].rstrip() for line in screen.lines[at.y : at.bottom])


class TestZoom:
    async def test_plus_looks_closer_around_the_cursor_and_minus_back(self, store_path: Path) -> None:
        async with opened(store_path) as screen:
            await screen.command("/select 0")
            await screen.command("/cursor 500")
            await screen.press("f3", "plus", "plus")
            low, high = window(screen)
            assert low < 500 < high and high - low == pytest.approx(STEPS / 1.5**2)
            assert (500 - low) / (high - low) == pytest.approx(500 / STEPS)
            assert "zoomed" in screen.study.side.curves.heading.shown
            await screen.press("minus", "minus")
            assert window(screen) == []
            assert "zoomed" not in screen.study.side.curves.heading.shown

    async def test_without_a_cursor_live_curves_are_looked_at_where_they_grow(self, store_path: Path) -> None:
        async with opened(store_path) as screen:
            await screen.press("f3", "plus")
            assert window(screen)[1] == STEPS
            assert "following" in screen.study.side.curves.heading.shown

    async def test_0_shows_all_of_it_again(self, store_path: Path) -> None:
        async with opened(store_path) as screen:
            await screen.press("f3", "plus", "Z")
            assert window(screen) and screen.study.side.view.y_windows
            await screen.press("0")
            assert window(screen) == [] and not screen.study.side.view.y_windows

    async def test_values_are_zoomed_and_moved_too(self, store_path: Path) -> None:
        async with opened(store_path) as screen:
            await screen.press("f3", "Z")
            low, high = screen.study.side.view.y_windows["val_loss"]
            await screen.press("shift+up")
            assert screen.study.side.view.y_windows["val_loss"][0] > low
            await screen.press("z", "z")
            wide = screen.study.side.view.y_windows["val_loss"]
            assert wide[1] - wide[0] > high - low

    async def test_a_stretch_can_be_named(self, store_path: Path) -> None:
        async with opened(store_path) as screen:
            await screen.command("/window 300 420.5")
            assert window(screen) == [300, 420.5]
            await screen.command("/window 5 5")
            assert "no stretch" in screen.study.notice.said
            await screen.command("/window 90000 90001")
            assert "nothing lies there" in screen.study.notice.said and window(screen) == [300, 420.5]
            await screen.command("/window")
            assert window(screen) == []

    async def test_what_is_too_fine_for_the_whole_shows_when_looked_at_closely(self, store_path: Path) -> None:
        async with opened(store_path) as screen:
            await screen.command("/window 1000 1040")
            axis = next(line for line in reversed(plot(screen).shown.splitlines()) if "└" in line)
            assert "1010" in axis and "1030" in axis


class TestPan:
    async def test_keys_move_what_is_seen_and_stop_at_the_ends(self, store_path: Path) -> None:
        async with opened(store_path) as screen:
            await screen.command("/window 800 1200")
            await screen.press("f3", "h")
            assert window(screen) == [700, 1100]
            await screen.press("l", "shift+right")
            assert window(screen) == [840, 1240]
            for _ in range(12):
                await screen.press("h")
            assert window(screen) == [0, 400]
            await screen.press("right")  # the cursor is off: the arrows move what is seen
            assert window(screen) == [40, 440]

    async def test_at_the_right_edge_it_follows_and_elsewhere_it_stays(self, store_path: Path) -> None:
        async with opened(store_path) as screen:
            await screen.command("/window 1900 2000")
            with open_store(store_path, check=False) as store:
                report(store, 13, 2500, 0.3)
            await screen.until(lambda: "2500" in plot(screen).shown, "it has moved on")
            assert screen.study.side.curves._shown.window == (2400, 2500)
            await screen.press("f3", "h")
            await screen.rest()
            stays = window(screen)
            with open_store(store_path, check=False) as store:
                report(store, 13, 2600, 0.3)
            await screen.until(lambda: screen.study.model.curves[14, "val_loss"].steps[-1] == 2600)
            await screen.rest()
            assert screen.study.side.curves._shown.window == tuple(stays)


class TestCursor:
    async def test_it_says_each_curves_value_at_the_nearest_report(self, store_path: Path) -> None:
        async with opened(store_path) as screen:
            await screen.press("f3", "s")
            await screen.command("/cursor 1001.7")
            said = screen.study.side.curves.legend.shown
            with open_store(store_path, check=False) as store:
                at_1000 = points.value_at(store, 1, "val_loss", 1000)
            assert "step 1,002" in said and at_1000 is not None
            assert f"t0 {at_1000:.4f}".replace("0.", ".", 1) in said.replace("t0 0.", "t0 .") and "(≈" in said

    async def test_a_curve_that_has_no_point_there_says_where_its_nearest_is(self, store_path: Path) -> None:
        async with opened(store_path) as screen:
            await screen.command("/cursor 1800")
            assert "@1200" in screen.study.side.curves.legend.shown  # those that run have come no farther

    async def test_c_puts_it_up_arrows_move_it_and_c_takes_it_away(self, store_path: Path) -> None:
        async with opened(store_path) as screen:
            await screen.press("f3", "c")
            assert screen.study.side.view.cursor == STEPS / 2
            await screen.press("right", "right", "right", "left")
            cell = STEPS / (plot(screen).picked.frame.width - 1)
            assert screen.study.side.view.cursor == pytest.approx(STEPS / 2 + 2 * cell)
            await screen.press("c")
            assert screen.study.side.view.cursor is None
            assert "step" not in screen.study.side.curves.legend.shown

    async def test_what_is_seen_follows_a_cursor_that_leaves_it(self, store_path: Path) -> None:
        async with opened(store_path) as screen:
            await screen.command("/window 500 600")
            await screen.command("/cursor 599")
            await screen.press("f3", *["right"] * 3)
            assert window(screen)[0] > 500 and screen.study.side.view.cursor <= window(screen)[1] + 1e-9

    async def test_a_click_puts_it_there(self, store_path: Path) -> None:
        async with opened(store_path) as screen:
            await screen.pilot.click(plot(screen), offset=Offset(40, 6))
            await screen.pilot.pause()
            at, frame = screen.study.side.view.cursor, plot(screen).picked.frame
            assert at == pytest.approx(frame.x_at(39), abs=STEPS / frame.width)


class TestMouse:
    async def test_the_wheel_zooms_around_its_pointer(self, store_path: Path) -> None:
        async with opened(store_path) as screen:
            await screen.press("f3")
            at = plot(screen).picked.x_at(29)
            await scroll(screen, 30, up=True)
            low, high = window(screen)
            assert high - low == pytest.approx(STEPS / 1.5)
            assert (at - low) / (high - low) == pytest.approx(at / STEPS, abs=0.02)
            await scroll(screen, 30, up=False)
            assert window(screen) == []

    @pytest.mark.parametrize("how", [{"shift": True}, {"control": True}, {"meta": True}, {"button": 3}], ids=str)
    async def test_dragging_with_a_modifier_or_another_button_moves_what_is_seen(
        self, store_path: Path, how: dict[str, Any]
    ) -> None:
        async with opened(store_path) as screen:
            await screen.command("/window 800 1200")
            await drag(screen, (60, 5), (40, 5), **how)
            width = plot(screen).picked.frame.width
            assert window(screen)[0] == pytest.approx(800 + 400 * 20 / width)
            assert screen.study.side.view.cursor is None

    async def test_a_box_that_is_drawn_is_looked_at(self, store_path: Path) -> None:
        async with opened(store_path) as screen:
            await screen.press("f3")
            shown = plot(screen).picked
            await drag(screen, (31, 3), (51, 9))
            assert window(screen) == [pytest.approx(shown.x_at(30)), pytest.approx(shown.x_at(50))]
            seen = screen.study.side.view.y_windows["val_loss"]
            assert seen == [pytest.approx(shown.y_at(9)), pytest.approx(shown.y_at(3))]

    async def test_a_mark_along_one_axis_leaves_the_other_as_it_is(self, store_path: Path) -> None:
        async with opened(store_path) as screen:
            await screen.press("f3")
            await drag(screen, (31, 5), (51, 6))
            assert window(screen) and not screen.study.side.view.y_windows
            before = window(screen)
            await drag(screen, (31, 3), (32, 8))
            assert window(screen) == before and screen.study.side.view.y_windows

    async def test_what_is_marked_is_seen_while_the_mouse_is_drawn(self, store_path: Path) -> None:
        async with opened(store_path) as screen:
            await screen.pilot.mouse_down(plot(screen), offset=Offset(31, 3))
            await screen.pilot.hover(plot(screen), offset=Offset(51, 9))
            lines = [plot(screen).render_line(y) for y in (2, 5, 12)]
            marked = [sum(len(s.text) for s in line if s.style and s.style.reverse) for line in lines]
            assert marked == [0, 21, 0]
            await screen.pilot.mouse_up(plot(screen), offset=Offset(51, 9))

    async def test_a_double_click_shows_all_again_and_leaves_the_cursor_where_it_was(self, store_path: Path) -> None:
        async with opened(store_path) as screen:
            await screen.press("f3", "plus", "Z")
            await screen.pilot.click(plot(screen), offset=Offset(40, 6), times=2)
            await screen.pilot.pause()
            view = screen.study.side.view
            assert window(screen) == [] and not view.y_windows and view.cursor is None

    async def test_with_ctrl_the_wheel_zooms_values_and_with_shift_it_moves(self, store_path: Path) -> None:
        async with opened(store_path) as screen:
            await screen.command("/window 800 1200")
            await scroll(screen, 30, up=True, control=True)
            assert screen.study.side.view.y_windows and window(screen) == [800, 1200]
            await scroll(screen, 30, up=False, shift=True)
            assert window(screen) == [760, 1160]


class TestGrid:
    async def test_g_shows_each_metric_and_enter_one_of_them_alone(self, store_path: Path) -> None:
        async with opened(store_path) as screen:
            await screen.press("f3", "g")
            await screen.until(lambda: "▌val_loss" in plot(screen).shown and "val_mae" in plot(screen).shown)
            await screen.until(
                lambda: len(screen.study.model.curves) == 2 * len(screen.study.side.curves._shown.trials)
            )
            await screen.press("down")
            assert "▌val_mae" in plot(screen).shown
            await screen.press("enter")
            assert not screen.study.side.view.grid and screen.study.side.metric == "val_mae"
            await screen.rest()
            assert {metric for _, metric in screen.study.model.curves} == {"val_mae"}

    async def test_the_cursor_stands_at_the_same_place_in_all_of_them(self, store_path: Path) -> None:
        async with opened(store_path) as screen:
            await screen.press("f3", "g")
            await screen.rest()
            await screen.command("/cursor 1000")
            await screen.rest()
            assert [p.pane.view.cursor for p in plot(screen).placed] == [1000, 1000]
            titles = [line for line in plot(screen).shown.splitlines() if "val_mae" in line]
            assert titles and titles[0].count(".") >= 4  # values beside both names

    async def test_beside_a_name_stands_a_value_of_the_metric_that_is_shown(self, store_path: Path) -> None:
        async with opened(store_path) as screen:
            await screen.command("/metric val_mae")
            await screen.rest()
            newest = screen.study.model.curves[1, "val_mae"].newest
            assert f"t0 ★ {newest:.4f}".replace("0.", ".") in screen.study.side.curves.legend.shown.replace(
                "t0.", "t0 ."
            )

    async def test_a_click_picks_one(self, store_path: Path) -> None:
        async with opened(store_path) as screen:
            await screen.press("f3", "g")
            await screen.rest()
            second = plot(screen).placed[1]
            await screen.pilot.click(plot(screen), offset=Offset(second.left + 20, second.top + 4))
            await screen.pilot.pause()
            assert screen.study.side.metric == "val_mae" and screen.study.side.view.grid

    async def test_both_metrics_grow_and_nothing_is_loaded_twice(self, store_path: Path) -> None:
        async with opened(store_path) as screen:
            await screen.press("f3", "g")
            await screen.rest()
            curve = screen.study.model.curves[14, "val_loss"]
            with open_store(store_path, check=False) as store:
                report(store, 13, 1300, 0.31)
            await screen.until(lambda: curve.steps[-1] == 1300, "the new report is in the curve")
            assert screen.study.model.curves[14, "val_loss"] is curve


class TestAxes:
    async def test_t_goes_round_and_forgets_the_stretch_of_the_other_axis(self, store_path: Path) -> None:
        async with opened(store_path) as screen:
            await screen.press("f3", "plus", "t")
            assert screen.study.side.view.axis == "time" and window(screen) == []
            await screen.press("t", "t")
            assert screen.study.side.view.axis == "step"

    async def test_a_logarithmic_x_says_what_it_leaves_out(self, store_path: Path) -> None:
        async with opened(store_path) as screen:
            await screen.press("f3", "x")
            assert "x ≤ 0 hidden" in screen.study.side.curves.heading.shown  # step 0
            assert "steps log" in screen.study.side.curves.heading.shown
            assert plot(screen).picked.frame.x_scale.low == 10
            await screen.command("/xaxis time")
            await screen.command("/xlog")
            assert "no logarithm" in screen.study.notice.said

    async def test_values_a_logarithm_has_not_are_counted(self, store_path: Path) -> None:
        async with opened(store_path) as screen:
            with open_store(store_path, check=False) as store:
                report(store, 13, 1210, -0.5)
                report(store, 13, 1220, 0.0)
            await screen.command("/ylog on")
            await screen.until(lambda: "2 values ≤ 0 hidden" in screen.study.side.curves.heading.shown)
            await screen.command("/ylog off")
            assert "hidden" not in screen.study.side.curves.heading.shown


class TestComingBack:
    async def test_stretch_cursor_and_grid_are_there_after_a_crash(self, store_path: Path) -> None:
        async with opened(store_path) as screen:
            await screen.command("/window 300 900")
            await screen.command("/cursor 512")
            await screen.command("/grid on")
            screen.study.remember()
            await screen.rest()
        async with opened(store_path) as screen:
            await screen.rest()
            assert window(screen) == [300, 900] and screen.study.side.view.grid
            assert "step 512" in screen.study.side.curves.legend.shown

    async def test_a_stretch_of_another_version_or_of_nonsense_is_all_of_it(self, store_path: Path) -> None:
        from agent.tui.view import ViewState

        for kept in ([3], [5, 1], ["a", "b"], {"x": 1}, [1, 2, 3], None):
            assert ViewState.from_dict({"x_window": kept, "grid": True}).x_window == []
            assert ViewState.from_dict({"y_windows": {"loss": kept}}).y_windows == {}
            assert ViewState.from_dict({"page_charts": {"x_window": kept}}).page_charts.x_window == []
        assert ViewState.from_dict({"axis": "epoch", "cursor": "left"}) == ViewState()


@pytest.mark.parametrize("size", SIZES, ids=lambda s: f"{s[0]}x{s[1]}")
class TestSnapshots:
    async def test_zoomed_with_the_cursor(self, store_path: Path, size: tuple[int, int]) -> None:
        async with opened(store_path, size=size) as screen:
            await screen.command(f"/select {seed.DIVERGED}")
            await screen.command("/window 150 650")
            await screen.command("/cursor 300")
            await screen.press("f3")
            await screen.rest()
            compare("curves-zoomed", size, panel(screen))

    async def test_the_grid(self, store_path: Path, size: tuple[int, int]) -> None:
        async with opened(store_path, size=size) as screen:
            await screen.press("f3", "g")
            await screen.command("/cursor 800")
            await screen.press("f3")
            await screen.rest()
            compare("curves-grid", size, panel(screen))
