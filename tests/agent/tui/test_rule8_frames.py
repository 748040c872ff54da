"""Trials in flight are never more than four frames a second of work, and frames are cheap."""

from __future__ import annotations

from pathlib import Path

from agent.store import points, studies, trials
from agent.store.connection import Store, open_store
from agent.tui.screens.study import FRAME
from tests.agent.tui import seed
from tests.agent.tui.driving import Screen, opened


def report(store: Store, number: int, step: int, value: float) -> None:
    """One report of a running trial, as the runner ingests it."""
    study = studies.get(store, seed.STUDY)
    trial = trials.get(store, study.id, number)
    attempt = trials.attempts(store, trial.id)[-1]["id"]
    with store.transaction(durable=False) as conn:
        points.append(store, [(attempt, points.Metrics(store).id("val_loss"), step, value, seed.NOW)])
        conn.execute("UPDATE trial SET last_step = ?, last_value = ? WHERE id = ?", (step, value, trial.id))


def watch(screen: Screen, frames: list[int], grown: list[int], layouts: list[int]) -> None:
    """Notes each frame, how many lines the log grew by, and each layout of the study's screen."""
    study, lines = screen.study, screen.study.side.log_panel.lines
    update, grow, lay_out = study.side.update, lines.grow, study._refresh_layout
    study.side.update = lambda **how: (frames.append(1), update(**how))[1]
    lines.grow = lambda texts, partial: (grown.append(len(texts)), grow(texts, partial))[1]
    study._refresh_layout = lambda *a, **k: (layouts.append(1), lay_out(*a, **k))[1]


async def test_a_hundred_reports_are_drawn_with_the_frames_four_a_second(store_path: Path) -> None:
    assert FRAME == 0.25
    async with opened(store_path) as screen:
        frames, shown = [], []
        watch(screen, frames, [], [])
        plot = screen.study.side.curves.plot
        show = plot.show_panes
        plot.show_panes = lambda *what: (shown.append(1), show(*what))[1]
        with open_store(store_path, check=False) as store:
            for i in range(100):
                report(store, 13, 1201 + i, 0.3)
                await screen.pilot.pause(0.02)
        await screen.until(lambda: "1300" in screen.study.side.trials.table.shown, "the last report is shown")
        assert 2 <= len(shown) <= len(frames)


async def test_lines_printed_one_by_one_are_drawn_with_the_frames_and_lay_nothing_out(store_path: Path) -> None:
    async with opened(store_path) as screen:
        frames, grown, layouts = [], [], []
        watch(screen, frames, grown, layouts)
        with (store_path.parent / "runs" / seed.STUDY / "13" / "log.txt").open("a") as log:
            for i in range(100):
                print(f"line {i}", file=log, flush=True)
                await screen.pilot.pause(0.02)
        await screen.until(lambda: "line 99" in screen.text)
        assert sum(grown) == 100
        assert len(grown) <= len(frames)
        assert len(layouts) <= 2  # of the card, whose letters wake up meanwhile


async def test_a_report_draws_one_row_of_the_table_anew(store_path: Path) -> None:
    async with opened(store_path) as screen:
        table = screen.study.side.trials.table
        before = {number: id(strip) for number, (_, strip) in table._strips.items()}
        with open_store(store_path, check=False) as store:
            report(store, 13, 1250, 0.3333)
        await screen.until(lambda: ".3333" in table.shown)
        after = {number: id(strip) for number, (_, strip) in table._strips.items()}
        assert {n for n in before if after.get(n) != before[n]} == {13}


async def test_a_curve_grows_by_what_is_new_alone(store_path: Path) -> None:
    async with opened(store_path) as screen:
        trial = screen.study.model.trials[13]
        curve = screen.study.model.curves[trial.id, "val_loss"]
        count = len(curve.steps)
        with open_store(store_path, check=False) as store:
            for i in range(5):
                report(store, 13, 1300 + i, 0.3)
        await screen.until(lambda: len(curve.steps) == count + 5)
        assert screen.study.model.curves[trial.id, "val_loss"] is curve
        assert list(curve.steps)[-5:] == [1300, 1301, 1302, 1303, 1304]


async def test_a_long_study_shows_only_the_rows_in_sight(tmp_path: Path) -> None:
    path = seed.make(tmp_path / "store.sqlite")
    with open_store(path, check=False) as store:
        study = studies.get(store, seed.STUDY)
        with store.transaction() as conn:
            for n in range(14, 3014):
                conn.execute(
                    "INSERT INTO proposal (study_id, number, source, params, config_key, state, created)"
                    " VALUES (?, ?, 'gp', '{}', ?, 'approved', 0)",
                    (study.id, n + 1000, f"k{n}"),
                )
                conn.execute(
                    "INSERT INTO trial (study_id, number, proposal_id, source, params, config_key, seed, state, value, queued_at)"
                    " VALUES (?, ?, last_insert_rowid(), 'gp', '{\"lr\": 0.001}', ?, 0, 'completed', ?, 0)",
                    (study.id, n, f"k{n}", 0.4 + n / 1e6),
                )
    async with opened(path) as screen:
        assert len(screen.study.side.trials.table.numbers) == 3014
        assert len(screen.study.side.trials.table._strips) < 400
        await screen.press("f4", "end")
        await screen.rest()
        assert screen.study.side.trials.table.cursor == 0
