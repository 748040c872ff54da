"""Makes docs/screenshots/*.png, the pictures of docs/tour.md: the app as a stranger to it meets it.

    python docs/make_screenshots.py [FOLDER]

A folder with nothing but `examples/digits/train.py` goes through the guide; the study it makes is really run, and then
looked at. Takes about three minutes. Needs resvg-py, Pillow and DejaVu Sans Mono (Debian: fonts-dejavu-core).
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from io import BytesIO
from pathlib import Path

import resvg_py
from PIL import Image
from textual.pilot import Pilot

from agent.tui.app import TunewrightApp

ROOT = Path(__file__).resolve().parents[1]
SIZES = {"wide": (180, 50), "medium": (120, 36), "narrow": (80, 24)}
FONTS = "/usr/share/fonts/truetype/dejavu"
FINISHED = 14  # trials run between the guide and the rest
LEAST = 1.0  # seconds a screen is given to come to rest


def main() -> None:
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "screenshots"
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        place = Path(folder) / "digits"
        place.mkdir()
        shutil.copy(ROOT / "examples" / "digits" / "train.py", place)
        os.environ["PATH"] = os.pathsep.join([str(_python(Path(folder))), os.environ["PATH"]])
        os.environ |= {"TERM": "xterm-256color", "COLORTERM": "truecolor", "TUNEWRIGHT_THEME": "dark"}
        os.environ |= {"XDG_CONFIG_HOME": folder, "TUNEWRIGHT_LESSONS": str(Path(folder) / "lessons.sqlite")}
        os.chdir(place)
        asyncio.run(guide(place / "store.sqlite", target))
        run = [sys.executable, "-m", "agent", "run", "digits", "--policy", "auto", "--headless"]
        subprocess.run([*run, "--trials", str(FINISHED)], cwd=place, check=True)
        asyncio.run(study(place / "store.sqlite", target))
        subprocess.run([sys.executable, "-m", "agent", "stop", "digits", "all"], cwd=place, check=False)  # if any runs


def _python(folder: Path) -> Path:
    """A folder with a `python` that is ours: pictures should not tell where this machine keeps it."""
    place = folder / "venv" / "bin"
    place.mkdir(parents=True)
    (place / "python").write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    (place / "python").chmod(0o755)
    return place


# -- the two walks ---------------------------------------------------------------


async def guide(store: Path, target: Path) -> None:
    async with opened(store, None, "medium") as shot:
        await shot.until(lambda: "train.py" in shot.text)
        await shot.take(target / "guide-1-script.png")
        await shot.press("enter")
        await shot.until(lambda: "could be tuned" in shot.text)
        await shot.press("enter")
        await shot.until(lambda: "the try" in shot.text and "train_loss" in shot.text, 60)
        await shot.take(target / "guide-2-try.png")
        await shot.until(lambda: "enter goes on" in shot.text, 90)
        await shot.press("enter")
        await shot.take(target / "guide-3-space.png")
        await shot.press("enter")
        await shot.take(target / "guide-4-goal.png")
        await shot.press("enter")
        await shot.until(lambda: shot.app.desk is not None and shot.app.desk.study is not None, 60)


async def study(store: Path, target: Path) -> None:
    async with opened(store, "digits", "wide") as shot:
        await shot.until(lambda: shot.app.desk is not None and shot.app.desk.study and shot.app.desk.study.loaded)
        await shot.command("policy ask")
        await shot.command("budget trials=40")
        await shot.until(lambda: shot.app.study.model.pending, 60)
        await _in_the_wide(shot, target)
        await _cards(shot, target)
        await _pages(shot, target)
        await _small(shot, target)


async def _in_the_wide(shot: Shot, target: Path) -> None:
    await shot.ask("which parameter matters most?")
    await shot.ask(f"why was trial {shot.worst} so bad?")
    await shot.approve()
    await shot.take(target / "study-180x50.png")
    await shot.command("theme light")
    await shot.take(target / "study-light-180x50.png")
    await shot.command("theme dark")
    await shot.command("views")
    for name in ("parallel", "importance", "slices"):
        await shot.command(f"views {name}")
        await shot.take(target / f"views-{name}-180x50.png")
    await shot.press("escape")
    best = shot.app.study.model.best
    assert best is not None
    await shot.command(f"compare {best.number} {shot.worst} 0")
    await shot.take(target / "compare-180x50.png")
    await shot.press("escape")
    await shot.command(f"why {shot.worst}")
    await shot.take(target / "trial-180x50.png")
    await shot.press("escape")


async def _cards(shot: Shot, target: Path) -> None:
    await shot.resize("medium")
    await shot.approve()
    await shot.command("trials")
    await shot.press("ctrl+g")
    await shot.take(target / "proposal-120x36.png")
    await shot.press("e")
    await shot.pause(0.3)
    await shot.press("end", "5", "9")
    await shot.take(target / "edit-120x36.png")
    await shot.press("escape", "escape")


async def _pages(shot: Shot, target: Path) -> None:
    for name in ("space", "lessons", "ledger", "settings", "export", "help", "studies"):
        await shot.command(name)
        await shot.take(target / f"{name}-120x36.png")
        if name != "studies":
            await shot.press("escape")
    await shot.press("enter")
    await shot.until(lambda: shot.app.desk is not None and shot.app.desk.study and shot.app.desk.study.loaded)


async def _small(shot: Shot, target: Path) -> None:
    await shot.resize("narrow")
    await shot.command("select")
    for panel in ("chat", "curves"):
        await shot.command(panel)
        await shot.take(target / f"{panel}-80x24.png")


# -- driving ---------------------------------------------------------------------


class Shot:
    """The running app, driven as a person would."""

    def __init__(self, app: TunewrightApp, pilot: Pilot[str]) -> None:
        self.app, self._pilot = app, pilot

    @property
    def text(self) -> str:
        return "\n".join(strip.text for strip in self.app.screen._compositor.render_strips())

    @property
    def worst(self) -> int:
        """The trial that failed last, or else the worst of those that ended."""
        trials = list(self.app.study.model.trials.values())
        failed = [t.number for t in trials if t.failure is not None]
        valued = sorted((t.value, t.number) for t in trials if t.value is not None)
        return failed[-1] if failed else valued[-1][1]

    async def pause(self, seconds: float) -> None:
        await self._pilot.pause(seconds)

    async def press(self, *keys: str) -> None:
        await self._pilot.press(*keys)
        await self.pause(0.3)

    async def command(self, words: str) -> None:
        name, _, args = words.partition(" ")
        self.app.run_command(name, args)
        await self.pause(0.5)

    async def until(self, holds: Callable[[], object], seconds: float = 20) -> None:
        end = time.monotonic() + seconds
        while not holds():
            if time.monotonic() > end:
                raise TimeoutError(f"waited {seconds:g} s:\n{self.text}")
            await self.pause(0.05)

    async def ask(self, question: str) -> None:
        """Asks, and waits for the whole answer."""
        self.app.study.composer.write(question)
        self.app.study.composer.focus()
        await self.press("enter")
        await self.until(lambda: "●" in self.app.study.chat.lines.shown.rpartition(question)[2], 60)
        await self.until(lambda: "answer" not in self.app.study.model.standing.thinking, 60)

    async def approve(self) -> None:
        """As a person does: looks, then presses the key. Returns when the trial has reported."""
        await self.until(lambda: self.app.study.model.pending, 60)
        before, tries = len(self.app.study.model.trials), 0
        while len(self.app.study.model.trials) == before:  # a card that changed meanwhile takes no key at once
            tries += 1
            if tries > 10:
                raise TimeoutError(f"the proposal cannot be approved:\n{self.text}")
            if not self.app.study.cards.has_focus:
                await self.press("ctrl+g")
            await self.pause(0.8)
            await self.press("a")
            await self.pause(1.5)
        await self.until(lambda: (self.app.study.model.trials[before].last_step or 0) >= 5, 60)
        await self.until(lambda: self.app.study.model.pending, 60)

    async def resize(self, size: str) -> None:
        await self._pilot.resize_terminal(*SIZES[size])
        await self.pause(0.5)

    async def take(self, path: Path) -> None:
        """The screen as it is after a moment."""
        await self.pause(LEAST)
        save(self.app, path)


@asynccontextmanager
async def opened(store: Path, name: str | None, size: str) -> AsyncIterator[Shot]:
    app = TunewrightApp(store, name)
    async with app.run_test(size=SIZES[size]) as pilot:
        yield Shot(app, pilot)


def save(app: TunewrightApp, path: Path) -> None:
    """The screen as it is now; the fonts named in the SVG are replaced by one that has every glyph we use. A palette
    of 128 colours makes the file a third as large and looks the same."""
    svg = re.sub(r"@font-face \{.*?\}", "", app.export_screenshot(title="tunewright"), flags=re.DOTALL)
    svg = svg.replace("Fira Code", "DejaVu Sans Mono")
    png = bytes(resvg_py.svg_to_bytes(svg_string=svg, font_dirs=[FONTS]))
    Image.open(BytesIO(png)).quantize(128, dither=Image.Dither.NONE).save(path, optimize=True)
    print(path)


if __name__ == "__main__":
    main()
