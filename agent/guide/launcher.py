"""Writes the launcher that runs a script with other values for what stands in it (`agent.guide.launch`)."""

from __future__ import annotations

from pathlib import Path

from agent.guide import launch
from agent.guide.command import LAUNCHER
from trainers.errors import TunewrightError


def launcher_text() -> str:
    return Path(launch.__file__).read_text(encoding="utf-8")


def write_launcher(folder: Path) -> Path:
    """Puts `tunewright_launch.py` into the folder. One that is there and was changed by hand is left as it is."""
    path = folder / LAUNCHER
    try:
        if not path.exists():
            path.write_text(launcher_text(), encoding="utf-8")
        elif "TUNEWRIGHT_CONFIG" not in path.read_text(encoding="utf-8", errors="replace"):
            raise TunewrightError(
                "another file has the launcher's name", where=str(path), remedy="Rename it: the study needs its place."
            )
    except OSError as error:
        raise TunewrightError(
            f"it cannot be written ({error.strerror})", where=str(path), remedy="Write the study file elsewhere."
        ) from None
    return path
