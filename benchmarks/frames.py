"""CPU time of single frames of a Textual app in a real terminal of 180×50.

What it paints goes through the compositor and out to the terminal; all threads count.

`measured("benchmarks.curves:Ours", frames)` runs the app class in a process of its own.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import os
import sys
import tempfile
import time
from pathlib import Path

from textual.app import App

from benchmarks.terminal import Terminal

_PAUSE = 0.06  # seconds in which a frame is painted; a process that sleeps uses no CPU
_WARM = 10  # frames before those that count


class FrameApp(App[None]):
    """Override `step`: it changes what one frame brings. `frames` and `target` are set from outside."""

    frames, target = 0, Path()

    def step(self, number: int) -> None:
        raise NotImplementedError

    def on_mount(self) -> None:
        self.run_worker(self._drive())

    async def _drive(self) -> None:
        await asyncio.sleep(0.5)
        spent = []
        for number in range(_WARM + self.frames):
            start = time.process_time()
            self.step(number)
            await asyncio.sleep(_PAUSE)
            spent.append(1000 * (time.process_time() - start))
        self.target.write_text(json.dumps(spent[_WARM:]))
        self.exit()


def measured(app: str, frames: int) -> list[float]:
    """CPU milliseconds of each frame."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "frames.json"
        command = [sys.executable, "-m", "benchmarks.frames", app, str(frames), str(target)]
        terminal = Terminal(command, 180, 50, {"PYTHONPATH": os.getcwd(), "TEXTUAL_ANIMATIONS": "none"})
        try:
            until = time.monotonic() + 60 + 4 * frames
            while not target.exists():
                if time.monotonic() > until:
                    raise TimeoutError(bytes(terminal.output[-2000:]).decode(errors="replace"))
                if b"Traceback" in terminal.output:
                    raise RuntimeError(bytes(terminal.output[-2000:]).decode(errors="replace"))
                terminal.read(0.2)
            if len(terminal.output) < 50 * frames:
                raise RuntimeError(f"{app} painted nothing")
            while not (text := target.read_text()).endswith("]"):
                time.sleep(0.01)
            return [float(ms) for ms in json.loads(text)]
        finally:
            terminal.close()


def p95(values: list[float]) -> float:
    return sorted(values)[int(0.95 * (len(values) - 1))]


def main() -> None:
    module, _, name = sys.argv[1].partition(":")
    kind: type[FrameApp] = getattr(importlib.import_module(module), name)
    kind.frames, kind.target = int(sys.argv[2]), Path(sys.argv[3])
    kind().run()


if __name__ == "__main__":
    main()
