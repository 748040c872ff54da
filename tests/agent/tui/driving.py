"""Opens the app on a store without a terminal, and waits for what should happen."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from textual.pilot import Pilot
from textual.widgets import Input

from agent.settings import effective
from agent.store.connection import Store
from agent.tui.app import TunewrightApp
from tests.agent.tui import seed
from tests.agent.tui.still import StillSession

PATIENCE = 60.0  # seconds before a test gives up


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

    def __init__(self, app: TunewrightApp, pilot: Pilot[str], clock: Clock, sessions: list[StillSession]) -> None:
        self.app, self.pilot, self.clock, self._sessions = app, pilot, clock, sessions

    @property
    def study(self):  # type: ignore[no-untyped-def]
        return self.app.study

    async def until(self, holds: Callable[[], object], what: str = "") -> None:
        """Lets the app run until `holds`; fails when it never does."""
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

    async def rest(self) -> None:
        """Until whatever was asked of the bridge is answered and drawn: nothing is on its way, and two looks
        at the screen, two rounds of the bridge apart, are alike."""
        before = None
        while (now := self.text) != before:
            before, rounds = now, self._rounds
            await self.until(lambda rounds=rounds: self._rounds >= rounds + 2 and self._is_quiet, "it stands still")
            await self.pilot.pause()

    async def edit(self) -> None:
        """Opens the fields of the card that has the focus."""
        await self.press("e")
        await self.until(lambda: isinstance(self.app.focused, Input), "a field has the focus")

    @property
    def _rounds(self) -> int:
        """How many rounds the bridge has gone with the study that is open."""
        return self._sessions[-1].rounds

    @property
    def _is_quiet(self) -> bool:
        bridge = self.app.desk._bridge
        return bridge._requests.empty() and bridge._news.empty() and not self.study._stale

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
    path: Path,
    size: tuple[int, int] = (180, 50),
    study: str | None = seed.STUDY,
    environment: Mapping[str, str] | None = None,
) -> AsyncIterator[Screen]:
    """The app on `path`, its study loaded."""
    clock, sessions = Clock(), list[StillSession]()
    keys = path.with_name("keys.toml")

    def open_session(store: Store, name: str) -> StillSession:
        sessions.append(StillSession(store, name))
        return sessions[-1]

    app = TunewrightApp(
        path,
        study,
        open_session=open_session,
        clock=clock,
        now=lambda: seed.NOW,
        keys=keys,
        settings=effective.load(path.with_name("settings.toml"), environment or {}),
    )
    async with app.run_test(size=size) as pilot:
        screen = Screen(app, pilot, clock, sessions)
        if study is not None:
            await screen.until(lambda: app.desk and app.desk.study and app.desk.study.loaded, "the study is loaded")
            await screen.until(lambda: all(c.steps for c in app.study.model.curves.values()) and app.study.model.curves)
            await screen.rest()
        yield screen
