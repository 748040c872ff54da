"""The page of ledger and budgets: bars with their marks, sums, every call to read, budgets changed from it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from agent.store import calls, studies
from agent.store.connection import open_store
from agent.study.agent_spec import AgentSpec
from agent.tui.screens.ledger import LedgerScreen
from tests.agent.tui import seed
from tests.agent.tui.driving import Screen, opened
from tests.agent.tui.test_snapshots import SIZES, coloured, compare


@pytest.fixture
def spent(store_path: Path) -> Path:
    """The study with a model, four calls and a limit nearly spent."""
    with open_store(store_path) as store:
        study = studies.get(store, seed.STUDY)
        agent = AgentSpec(model="acme/large", money=1.0, calls_per_day=100)
        budget = replace(study.spec.budget, gpu_hours=2.0)
        spec = study.spec.replace(agent=agent, budget=budget)
        studies.update(store, study.id, spec, who="person", what="model")
        store.conn.execute("""UPDATE attempt SET job = '{"gpus": ["0"], "share": 1.0}', ended_at = launched_at + 660""")
        messages = [{"role": "user", "content": "what next? [bold]\x1b[31mred\u202e"}]
        for purpose, cost, state, error in (
            ("next", 0.5, "ok", ""),
            ("explain", 0.35, "ok", ""),
            ("next", None, "failed", "timeout"),
            ("answer", 0.01, "cancelled", ""),
        ):
            call = calls.begin(
                store, study.id, purpose=purpose, model="acme/large", template="next@1:0", messages=messages
            )
            calls.end(
                store,
                call,
                state=state,
                error=error,
                reply='{"proposals": []}',
                prompt_tokens=1200,
                completion_tokens=80,
                cost=cost,
                seconds=2.5,
            )
        store.conn.execute("UPDATE call SET at = ? + id * 60", (seed.NOW - 4000,))
    return store_path


async def page(screen: Screen) -> LedgerScreen:
    await screen.command("/ledger")
    await screen.until(lambda: isinstance(screen.app.screen, LedgerScreen), "the page is open")
    await screen.rest()
    found = screen.app.screen
    assert isinstance(found, LedgerScreen)
    return found


async def test_budgets_are_bars_and_what_is_near_its_end_says_so(spent: Path) -> None:
    async with opened(spent) as screen:
        await page(screen)
        money = next(line for line in screen.lines if line.lstrip("│ ").startswith("money"))
        assert "$0.86 of 1  86% near its end" in money and "┊" not in money
        gpu = next(line for line in screen.lines if "GPU hours" in line)
        assert "2.57 of 2  128% spent" in gpu
        trials = next(line for line in screen.lines if "trials" in line and "of 40" in line)
        assert "14 of 40  35%" in trials and "┊" in trials
        assert "1 timeout" in screen.text and "$0.86" in screen.text


async def test_a_call_is_read_in_full_without_markup_and_left_again(spent: Path) -> None:
    async with opened(spent) as screen:
        await page(screen)
        await screen.press("end", "enter")
        await screen.until(lambda: "[reply]" in screen.text)
        assert "what next? [bold]" in screen.text and "\x1b" not in screen.text and "\u202e" not in screen.text
        assert '{"proposals": []}' in screen.text
        await screen.press("enter")
        await screen.until(lambda: "BUDGETS" in screen.text)
        await screen.press("escape")
        assert not screen.app.screen.is_modal


async def test_a_budget_is_changed_in_place(spent: Path) -> None:
    async with opened(spent) as screen:
        found = await page(screen)
        await screen.press("enter", "ctrl+u")
        await screen.write("25")
        await screen.press("enter")
        await screen.until(lambda: screen.study.model.spec.budget.trials == 25)
        await screen.until(lambda: "14 of 25" in screen.text)
        assert screen.app.screen is found and screen.study.composer.text == ""
        await screen.press("down", "down", "down", "enter", "ctrl+u", "enter")  # GPU hours: nothing is no limit
        await screen.until(lambda: screen.study.model.spec.budget.gpu_hours is None)
        await screen.press("down", "enter", "ctrl+u")
        await screen.write("3")
        await screen.press("enter")
        await screen.until(lambda: screen.study.model.spec.agent.money == 3)
        await screen.until(lambda: "$0.86 of 3" in screen.text)


async def test_what_is_no_budget_is_said_and_the_field_stays_open_until_it_is_left(spent: Path) -> None:
    async with opened(spent) as screen:
        found = await page(screen)
        await screen.press("enter", "ctrl+u")
        await screen.write("many")
        await screen.press("enter")
        assert "not a whole number above 0" in found.notice.said and "many" in screen.text
        await screen.press("escape")
        assert screen.app.screen is found and screen.study.model.spec.budget.trials == 40
        await screen.press("escape")
        assert not screen.app.screen.is_modal


async def test_a_click_chooses_a_row_and_another_one_opens_it(spent: Path) -> None:
    async with opened(spent) as screen:
        await page(screen)
        row = next(i for i, line in enumerate(screen.lines) if "GPU hours" in line)
        await screen.pilot.click(offset=(6, row))
        await screen.pilot.click(offset=(6, row))
        await screen.pilot.pause()
        await screen.until(lambda: "empty is no limit" in screen.text)


async def test_the_input_line_changes_it_as_well(spent: Path) -> None:
    async with opened(spent) as screen:
        await screen.command("/budget gpu=90min")
        await screen.until(lambda: screen.study.model.spec.budget.gpu_hours == 1.5)
        await screen.command("/budget gpu=none")
        await screen.until(lambda: screen.study.model.spec.budget.gpu_hours is None)
        await screen.command("/budget gpu=-1")
        assert "not above 0" in screen.study.notice.said or "not a time" in screen.study.notice.said


async def test_a_study_without_a_model_has_budgets_and_no_calls(store_path: Path) -> None:
    async with opened(store_path) as screen:
        await page(screen)
        assert "no model has been called yet" in screen.text and "14 of 40" in screen.text
        await screen.press("end", "up", "down")
        await screen.command("/detail 3") if not screen.app.screen.is_modal else None


async def test_a_call_by_number_from_anywhere(spent: Path) -> None:
    async with opened(spent) as screen:
        await screen.command("/detail 2")
        await screen.until(lambda: "call 2: explain" in screen.text)
        await screen.press("escape")
        await screen.command("/detail two")
        assert "'two' is not the number of a call" in screen.study.notice.said


async def test_the_header_leads_to_it(spent: Path) -> None:
    async with opened(spent) as screen:
        at = screen.lines[0].index("$0.86")
        await screen.pilot.click("#header", offset=(at + 1, 0))
        await screen.until(lambda: isinstance(screen.app.screen, LedgerScreen))


@pytest.mark.parametrize("size", SIZES, ids=lambda s: f"{s[0]}x{s[1]}")
async def test_the_page(spent: Path, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "UTC")
    import time

    time.tzset()
    async with opened(spent, size=size) as screen:
        await page(screen)
        await screen.press("down", "down")
        await screen.rest()
        compare("ledger", size, screen.text)
        await coloured("ledger", size, screen)
