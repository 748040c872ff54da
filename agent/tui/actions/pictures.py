"""Saving what is on the screen as a picture."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from textual.dom import DOMNode

from agent.tui.ink.colours import Colours, colours
from agent.tui.ink.palettes import DARK_COLOURS
from agent.tui.pictures import PAPER, Pictured, write
from trainers.errors import TunewrightError

if TYPE_CHECKING:
    from agent.tui.app import TunewrightApp

_INKS = {"light": PAPER, "dark": DARK_COLOURS}


def save(app: TunewrightApp, args: str) -> None:
    """`[FILE] [light|dark] [!]`: `STUDY-curves.png` where no file is named."""
    wanted, ink, force = args.strip(), _ink(app), False
    if wanted.endswith("!"):
        wanted, force = wanted[:-1].rstrip(), True
    name, _, last = wanted.rpartition(" ")
    if last in _INKS:
        wanted, ink = name.strip(), _INKS[last]
    found = looked_at(app)
    path = Path(wanted).expanduser() if wanted else Path(f"{_stem(app)}-{found.picture_name}.png")
    if path.exists() and not force:
        raise TunewrightError(
            "the file exists", where=str(path), remedy=f"Write /save {path}! to replace it, or name another."
        )
    write(path, found.picture(ink), force=force)
    app.say(f"wrote {path}")


def _stem(app: TunewrightApp) -> str:
    """The study's name as the beginning of a file's."""
    name = app.study.model.spec.name
    return "".join(c if c.isalnum() or c in "-_." else "-" for c in name).lstrip(".-") or "study"


def looked_at(app: TunewrightApp) -> Pictured:
    """The view with the focus or what holds it, else the first in sight that can be saved."""
    for node in _candidates(app):
        if isinstance(node, Pictured):
            return node
    raise TunewrightError("nothing here can be saved as a picture", remedy="Go to the curves (F3) and save there.")


def _candidates(app: TunewrightApp) -> Iterator[DOMNode]:
    focused = app.screen.focused
    if focused is not None:
        yield from focused.ancestors_with_self
    yield app.screen
    for widget in app.screen.query("*"):
        if widget.display and widget.region:
            yield widget
    if app.desk is not None and app.desk.study is not None and app.screen is app.desk.study:
        yield app.desk.study.side.curves  # behind a tab, as the input line has the focus


def _ink(app: TunewrightApp) -> Colours:
    """The theme's colours; those of the dark one where the theme leaves them to the terminal."""
    found = colours(app.theme)
    return DARK_COLOURS if found.ansi else found
