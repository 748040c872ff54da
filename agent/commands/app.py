"""Opening the app. Textual is imported here and not before."""

from __future__ import annotations

from pathlib import Path


def open_app(store: Path, study: str | None = None) -> int:
    """Runs the app on `store`, on `study` if given. Returns the exit code."""
    from agent.tui.app import run

    return int(run(store, study))
