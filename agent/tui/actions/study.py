"""The study as a whole."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from agent.tui.requests import Export

if TYPE_CHECKING:
    from agent.tui.app import TunewrightApp


def leave(app: TunewrightApp, args: str) -> None:
    if app.desk is not None:
        app.desk.show_studies()


def export(app: TunewrightApp, args: str) -> None:
    format, _, path = args.strip().partition(" ")
    if not format:
        from agent.tui.screens.export import ExportScreen

        selected = app.study.side.selected
        known = app.study.model.trials.get(selected) if selected is not None else None
        app.push_screen(ExportScreen(app.study, known.number if known is not None else None))
        return
    app.study.send(Export(format, Path(path.strip()).expanduser() if path.strip() else None))
