"""Opening the app. Textual is imported here and not before."""

from __future__ import annotations

import argparse

from agent.commands import person_flags


def open_app(args: argparse.Namespace, study: str | None = None) -> int:
    """Runs the app on the store of `args`, on `study` if given. Returns the exit code."""
    from agent.tui.app import run

    return int(run(args.store, study, person_flags.given(args)))
