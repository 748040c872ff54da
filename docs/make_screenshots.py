"""Makes docs/screenshots/*.png: the app on a study that is really run, `examples/digits`.

    python docs/make_screenshots.py [FOLDER]

Takes about two minutes. Needs resvg-py, Pillow and DejaVu Sans Mono (Debian: fonts-dejavu-core).
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
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import resvg_py
from PIL import Image
from textual.pilot import Pilot

from agent.tui.app import TunewrightApp

ROOT = Path(__file__).resolve().parents[1]
SIZES = {"wide": (180, 50), "medium": (120, 36), "narrow": (80, 24)}
FONTS = "/usr/share/fonts/truetype/dejavu"
FINISHED = 12  # trials run before the app is opened


def main() -> None:
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "screenshots"
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        place = Path(folder) / "digits"
        shutil.copytree(ROOT / "examples" / "digits", place)
        os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        os.environ["XDG_CONFIG_HOME"] = folder
        run = [sys.executable, "-m", "agent", "run", "study.toml", "--policy", "auto", "--headless"]
        subprocess.run([*run, "--trials", str(FINISHED)], cwd=place, check=True)
        os.chdir(place)
        asyncio.run(shoot(place / "store.sqlite", target))
        subprocess.run([sys.executable, "-m", "agent", "stop", "digits", "all"], cwd=place, check=False)  # if any runs


async def shoot(store: Path, target: Path) -> None:
    app = TunewrightApp(store, "digits")
    async with app.run_test(size=SIZES["wide"]) as pilot:
        await until(pilot, lambda: app.desk is not None and app.desk.study is not None and app.desk.study.loaded)
        app.run_command("policy", "ask")
        app.run_command("budget", "trials=30")
        await until(pilot, lambda: app.study.model.pending, 60)
        for take in (_study, _proposal, _edit, _why):
            await take(app, pilot, target)
        await _small(app, pilot, target)


async def until(pilot: Pilot[str], holds: Callable[[], object], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            raise TimeoutError(f"waited {seconds:g} s")
        await pilot.pause(0.05)


async def approve(app: TunewrightApp, pilot: Pilot[str]) -> None:
    """As a person does: looks, then presses the key. Returns when the trial has reported."""
    await until(pilot, lambda: app.study.model.pending, 60)
    before = len(app.study.model.trials)
    await pilot.press("ctrl+g")
    await pilot.pause(0.8)
    await pilot.press("a")
    await until(pilot, lambda: len(app.study.model.trials) > before)
    await until(pilot, lambda: (app.study.model.trials[before].last_step or 0) >= 5, 60)
    await until(pilot, lambda: app.study.model.pending, 60)
    await pilot.pause(0.7)


async def _study(app: TunewrightApp, pilot: Pilot[str], target: Path) -> None:
    failed = [t.number for t in app.study.model.trials.values() if t.failure is not None]
    if failed:
        app.study.composer.write(f"why did {failed[-1]} fail?")
        await pilot.press("enter")
        await until(pilot, lambda: "/suggest" in app.study.chat.lines.shown.rpartition("why did")[2], 60)
    await approve(app, pilot)
    save(app, target / "study-180x50.png")


async def _proposal(app: TunewrightApp, pilot: Pilot[str], target: Path) -> None:
    await pilot.resize_terminal(*SIZES["medium"])
    await approve(app, pilot)
    app.run_command("trials")
    await pilot.press("ctrl+g")
    await pilot.pause(1.0)
    save(app, target / "proposal-120x36.png")


async def _edit(app: TunewrightApp, pilot: Pilot[str], target: Path) -> None:
    await pilot.press("e")
    await pilot.pause(0.3)
    await pilot.press("end", "5", "9")
    await pilot.pause(0.3)
    save(app, target / "edit-120x36.png")
    await pilot.press("escape", "escape")


async def _why(app: TunewrightApp, pilot: Pilot[str], target: Path) -> None:
    failed = [t.number for t in app.study.model.trials.values() if t.failure is not None]
    app.run_command("why", str(failed[-1] if failed else 0))
    await until(pilot, lambda: app.screen.is_modal)
    await pilot.pause(0.5)
    save(app, target / "trial-120x36.png")
    await pilot.press("escape")


async def _small(app: TunewrightApp, pilot: Pilot[str], target: Path) -> None:
    await pilot.resize_terminal(*SIZES["narrow"])
    app.run_command("select")
    for panel in ("chat", "curves"):
        app.run_command(panel)
        await pilot.pause(0.7)
        save(app, target / f"{panel}-80x24.png")


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
