"""The app in a real Chromium: painted, driven by keys and the mouse, gone with its window."""

from __future__ import annotations

import shutil
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest

from agent.store import proposals, studies, trials
from agent.store.connection import open_store
from agent.study.policy import Policy
from tests.agent.serve.serving import Served, served

CHROMIUM = next((p for name in ("chromium", "chromium-browser", "google-chrome") if (p := shutil.which(name))), None)
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
pytest.importorskip("textual_serve")
playwright = pytest.importorskip("playwright.async_api")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium (Debian: apt install chromium)"),
    pytest.mark.timeout(240),
]


@dataclass
class Window:
    """A page of the browser; `seen` is all that the app has written to it."""

    page: object
    seen: bytearray = field(default_factory=bytearray)
    asked: list[str] = field(default_factory=list)

    async def until(self, holds: Callable[[], object], what: str) -> None:
        end = time.monotonic() + 60
        while not holds():
            assert time.monotonic() < end, f"{what} never came about"
            await self.page.wait_for_timeout(50)  # type: ignore[attr-defined]


@asynccontextmanager
async def window(server: Served) -> AsyncIterator[Window]:
    async with playwright.async_playwright() as play:
        browser = await play.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        page = await browser.new_page(viewport={"width": 1500, "height": 900})
        found = Window(page)
        page.on("request", lambda request: found.asked.append(request.url))
        page.on("websocket", lambda ws: ws.on("framereceived", lambda data: _take(found.seen, data)))
        await page.goto(server.url)
        try:
            yield found
        finally:
            await browser.close()


def _take(seen: bytearray, data: str | bytes) -> None:
    seen += data.encode() if isinstance(data, str) else data


def apps(server: Served) -> list[psutil.Process]:
    """The app processes that the server has started."""
    found = psutil.Process(server.process.pid).children(recursive=True)
    return [p for p in found if p.status() != psutil.STATUS_ZOMBIE and "--store" in p.cmdline()]


async def test_a_person_approves_a_proposal_in_the_browser(store_of_one_study: Path) -> None:
    with open_store(store_of_one_study / "store.sqlite") as store:
        study = studies.all_studies(store)[0]
        spec = study.spec.replace(policy=Policy(kind="ask"))
        budget = type(spec.budget)(trials=3)
        studies.update(store, study.id, spec.replace(budget=budget), who="person", what="one more, and asks")
    with served(store_of_one_study, study.name, TERM="linux", LANG="C", COLORTERM="", TMUX="x") as server:
        async with window(server) as shown:
            await shown.until(lambda: b"PROPOSAL" in shown.seen, "a proposal")
            assert b"[38;2;" in shown.seen, "a browser has all colours, whatever the server was started in"
            assert "▏".encode() in shown.seen, "and all of Unicode"
            await shown.page.keyboard.press("Control+g")
            await shown.page.wait_for_timeout(1500)
            await shown.page.keyboard.press("a")
            with open_store(store_of_one_study / "store.sqlite", check=False) as store:
                await shown.until(lambda: len(trials.all_trials(store, study.id)) == 3, "the third trial")
                assert not proposals.pending(store, study.id)
            await shown.page.keyboard.press("F1")
            await shown.until(lambda: b"Help" in shown.seen, "the help")
            picture = await shown.page.screenshot()
            assert colours(picture) > 30, "the terminal was painted"
            assert {url.split("/")[2] for url in shown.asked} == {f"localhost:{server.port}"}, "no other host is asked"
            assert server.token not in shown.page.url


def colours(png: bytes) -> int:
    from io import BytesIO

    from PIL import Image

    return len(Image.open(BytesIO(png)).convert("RGB").getcolors(1 << 24) or ())


async def test_each_window_is_an_app_that_ends_with_it(store_of_one_study: Path) -> None:
    with served(store_of_one_study) as server:
        async with window(server) as one:
            await one.until(lambda: b"tunewright" in one.seen, "the app")
            async with window(server) as two:
                await two.until(lambda: b"tunewright" in two.seen, "the second app")
                assert len({p.pid for p in apps(server)}) >= 2
        end = time.monotonic() + 30
        while apps(server) and time.monotonic() < end:
            time.sleep(0.1)
        assert not apps(server)


@pytest.mark.parametrize("how", ["interrupt", "kill"])
async def test_the_end_of_the_server_ends_its_apps(store_of_one_study: Path, how: str) -> None:
    with served(store_of_one_study) as server:
        async with window(server) as shown:
            await shown.until(lambda: b"tunewright" in shown.seen, "the app")
            started = apps(server)
            if how == "kill":
                server.process.kill()
            else:
                server.process.send_signal(2)
            _, alive = psutil.wait_procs(started, timeout=30)
            assert not alive
