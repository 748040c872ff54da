"""The study as a whole."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from agent.tui.requests import Export
from trainers.errors import TunewrightError

if TYPE_CHECKING:
    from agent.tui.app import TunewrightApp


def leave(app: TunewrightApp, args: str) -> None:
    if app.desk is not None:
        app.desk.show_studies()


def export(app: TunewrightApp, args: str) -> None:
    format, _, path = args.strip().partition(" ")
    if not format:
        raise TunewrightError("which format?", remedy="Write for example /export toml best.toml.")
    app.study.send(Export(format, Path(path.strip()).expanduser() if path.strip() else None))
