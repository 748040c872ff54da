"""Screenshots of a real session: `examples/digits` run for some trials, then the app as a person sees it.

`make screenshots`. Needs DejaVu Sans Mono among the system's fonts; cairo-based renderers draw braille as
boxes, resvg does not.
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
from pathlib import Path

import resvg_py

from agent.tui.app import TunewrightApp

HERE = Path(__file__).resolve().parent
EXAMPLE = HERE.parent / "examples" / "digits"
SIZES = ((180, 50), (120, 36), (80, 24))
FIRST_TRIALS = "7"


def main() -> int:
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"  # the script's `python`
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        for name in ("train.py", "study.toml"):
            shutil.copy(EXAMPLE / name, folder)
        run = [sys.executable, "-m", "agent", "run", "study.toml", "--headless", "--policy", "auto", "--seed", "1"]
        environment = {**os.environ, "PYTHONPATH": str(HERE.parent)}
        subprocess.run([*run, "--trials", FIRST_TRIALS], cwd=folder, env=environment, check=True)
        asyncio.run(_shoot(Path(folder) / "store.sqlite"))
    return 0


async def _shoot(store: Path) -> None:
    for columns, rows in SIZES:
        app = TunewrightApp(store, "digits")
        async with app.run_test(size=(columns, rows)) as pilot:
            while not (app.desk and app.desk.study and app.desk.study.loaded):
                await pilot.pause(0.2)
            app.run_command("policy", "ask")
            app.run_command("budget", "trials=30")
            until = time.monotonic() + 20
            while time.monotonic() < until and not app.desk.study.loaded.pending:
                await pilot.pause(0.2)
            await pilot.pause(2.0)
            if (columns, rows) == SIZES[0]:
                app.run_command("approve")
                await pilot.pause(8.0)  # a running trial, and the next proposal beside it
            _write(app.export_screenshot(), HERE / "screenshots" / f"study-{columns}x{rows}.png")


def _write(svg: str, path: Path) -> None:
    """SVG to PNG with the system's DejaVu Sans Mono in place of the web font it names."""
    svg = re.sub(r"@font-face\s*{[^}]*}", "", svg).replace("Fira Code", "DejaVu Sans Mono")
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(resvg_py.svg_to_bytes(svg_string=svg, monospace_family="DejaVu Sans Mono"))
    print(path)


if __name__ == "__main__":
    sys.exit(main())
