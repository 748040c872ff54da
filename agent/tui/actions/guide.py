"""What acts in the guide of the first run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from trainers.errors import TunewrightError

if TYPE_CHECKING:
    from agent.tui.app import TunewrightApp
    from agent.tui.screens.guide import GuideScreen


def init(app: TunewrightApp, args: str) -> None:
    """Opens the guide where it was left; with a script, at that one."""
    from agent.tui.guide.guiding import Guiding
    from agent.tui.screens.guide import GuideScreen

    if app.guide is None:
        app.guide = Guiding(Path.cwd())
        app.guide.look()
    if args.strip():
        app.guide.choose(Path(args.strip()))
    app.push_screen(GuideScreen(app.guide))


def demo(app: TunewrightApp, args: str) -> None:
    """Begins a demo, or goes on with one, and opens it."""
    from agent.plain import demos

    task = args.strip() or demos.DEFAULT
    if app.desk is None:
        return
    app.say("making the demo …")
    app.desk.errand(lambda room: demos.begin(room.store, task), lambda name: open_study(app, name))


def open_study(app: TunewrightApp, name: str) -> None:
    """In place of what is open."""
    app.close_pages()
    if app.desk is None:
        return
    if app.desk.study is not None:
        app.desk.show_studies()
    app.desk.open(name)


def onward(app: TunewrightApp, args: str) -> None:
    _page(app).onward()


def stepback(app: TunewrightApp, args: str) -> None:
    _page(app).step_back()


def choose(app: TunewrightApp, args: str) -> None:
    _page(app).choose()


def amend(app: TunewrightApp, args: str) -> None:
    _page(app).amend()


def consult(app: TunewrightApp, args: str) -> None:
    _page(app).consult(args.strip() or str(app.preferences["agent.model"] or ""))


def skip(app: TunewrightApp, args: str) -> None:
    _page(app).skip()


def _page(app: TunewrightApp) -> GuideScreen:
    from agent.tui.screens.guide import GuideScreen

    if not isinstance(app.screen, GuideScreen):
        raise TunewrightError("the guide is not open", remedy="/init opens it.")
    return app.screen
