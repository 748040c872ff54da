"""In the guide a model can be asked to read the script as well; what it says is checked, and may come to nothing."""

from __future__ import annotations

from pathlib import Path

from tests.agent.guide.test_init import EASY
from tests.agent.guide.test_init_model import READ
from tests.agent.llm import steps
from tests.agent.llm.endpoint import Endpoint
from tests.agent.tui.test_guide import guided, without_a_try


def script(folder: Path) -> Path:
    (folder / "train.py").write_text(EASY)
    return folder


async def test_its_ranges_stand_in_the_table(tmp_path: Path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    reading = {**READ, "metrics": READ["metrics"][:1]}
    with Endpoint([steps.reply(reading)]) as endpoint:
        async with guided(script(tmp_path), monkeypatch, size=(120, 36)) as screen:
            await without_a_try(screen)
            assert "0.001 … 0.5 log" not in screen.text
            screen.app.run_command("consult", endpoint.url)
            await screen.until(lambda: "reads the script" in screen.text)
            await screen.until(lambda: "has read it too" in screen.text, "it has read it")
            await screen.until(lambda: "0.001 … 0.5 log" in screen.text)
            assert screen.app.guide.plan.agent.model == endpoint.url


async def test_one_that_refuses_leaves_what_stands(tmp_path: Path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    with Endpoint([steps.status(401)]) as endpoint:
        async with guided(script(tmp_path), monkeypatch, size=(120, 36)) as screen:
            await without_a_try(screen)
            before = screen.app.guide.plan
            screen.app.run_command("consult", endpoint.url)
            await screen.until(lambda: "was of no help" in screen.text)
            assert screen.app.guide.plan is before


async def test_without_a_model_it_says_where_to_name_one(tmp_path: Path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    async with guided(script(tmp_path), monkeypatch, size=(120, 36)) as screen:
        await without_a_try(screen)
        await screen.press("m")
        await screen.until(lambda: "no model is set" in screen.text)
