"""Opens the app on a store without a terminal, and waits for what should happen."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from textual.pilot import Pilot

from agent.tui.app import TunewrightApp
from tests.agent.tui import seed
from tests.agent.tui.still import StillSession

PATIENCE = 10.0


class Clock:
    """Seconds that pass when told."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds

    def pass_by(self, seconds: float) -> None:
        self.seconds += seconds


class Screen:
    """A running app with its pilot."""

    def __init__(self, app: TunewrightApp, pilot: Pilot[str], clock: Clock) -> None:
        self.app, self.pilot, self.clock = app, pilot, clock

    @property
    def study(self):  # type: ignore[no-untyped-def]
        return self.app.study

    async def until(self, holds: Callable[[], object], what: str = "") -> None:
        """Lets the app run until `holds`; fails after ten seconds."""
        end = time.monotonic() + PATIENCE
        while not holds():
            if time.monotonic() > end:
                raise AssertionError(f"never came about: {what}\n{self.text}")
            await self.pilot.pause(0.02)

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def write(self, text: str) -> None:
        """Types into whatever has the focus."""
        names = {" ": "space", "/": "slash", "=": "equals_sign", ".": "full_stop", "-": "minus", ":": "colon"}
        await self.press(*(names.get(c, c) for c in text))

    async def command(self, text: str) -> None:
        """Runs a slash command as the composer would send it."""
        self.study.composer.write(text)
        self.study.composer.focus()
        await self.press("enter")

    async def rest(self, seconds: float = 0.4) -> None:
        """Time for the bridge and a frame."""
        await self.pilot.pause(seconds)

    @property
    def text(self) -> str:
        """The whole screen as text, without spaces at the ends of lines."""
        width, height = self.app.size
        lines = self.app.screen._compositor.render_strips()
        return "\n".join(strip.text[:width].rstrip() for strip in lines[:height])

    @property
    def lines(self) -> list[str]:
        return self.text.split("\n")


@asynccontextmanager
async def opened(
    path: Path, size: tuple[int, int] = (180, 50), study: str | None = seed.STUDY, **options: object
) -> AsyncIterator[Screen]:
    """The app on `path`, its study loaded."""
    clock = Clock()
    keys = path.with_name("keys.toml")
    app = TunewrightApp(
        path,
        study,
        open_session=options.pop("open_session", StillSession),  # type: ignore[arg-type]
        clock=clock,
        now=lambda: seed.NOW,
        keys=keys,
        **options,  # type: ignore[arg-type]
    )
    async with app.run_test(size=size) as pilot:
        screen = Screen(app, pilot, clock)
        if study is not None:
            await screen.until(lambda: app.desk and app.desk.study and app.desk.study.loaded, "the study is loaded")
            await screen.until(lambda: all(c.steps for c in app.study.model.curves.values()) and app.study.model.curves)
            await screen.rest()
        yield screen
