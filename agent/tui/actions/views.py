"""Looking at a whole study: which view, which axis, which trials stay lit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.tui.paging import brushing
from agent.tui.sights.pictured import VIEWS
from trainers.errors import TunewrightError, nearest

if TYPE_CHECKING:
    from agent.tui.app import TunewrightApp
    from agent.tui.screens.views import ViewsScreen


def views(app: TunewrightApp, args: str) -> None:
    if wanted := _named(args):
        app.study.side.view.sight = wanted
    page(app)


def turn(app: TunewrightApp, args: str) -> None:
    wanted, shown = _named(args), page(app)
    shown.turn_to(wanted or VIEWS[(VIEWS.index(shown.view) + 1) % len(VIEWS)])


def _named(args: str) -> str:
    wanted = args.strip()
    if wanted and wanted not in VIEWS:
        raise TunewrightError(f"there is no view '{wanted}'", remedy=nearest(wanted, VIEWS))
    return wanted


def axis_left(app: TunewrightApp, args: str) -> None:
    page(app).choose_next(-1)


def axis_right(app: TunewrightApp, args: str) -> None:
    page(app).choose_next(1)


def brush(app: TunewrightApp, args: str) -> None:
    words = args.split()
    if words and words[0] != "none":
        name, made = brushing.written(words, app.study.model.spec.space)
        page(app).brush(name, made)
    elif words:
        page(app).clear_brushes()
    else:
        page(app).toggle_brush()


def brush_up(app: TunewrightApp, args: str) -> None:
    page(app).change_brush(lambda held, axis: brushing.moved(held, axis, 1))


def brush_down(app: TunewrightApp, args: str) -> None:
    page(app).change_brush(lambda held, axis: brushing.moved(held, axis, -1))


def widen(app: TunewrightApp, args: str) -> None:
    page(app).change_brush(lambda held, axis: brushing.widened(held, axis, 1))


def narrow(app: TunewrightApp, args: str) -> None:
    page(app).change_brush(lambda held, axis: brushing.widened(held, axis, -1))


def better(app: TunewrightApp, args: str) -> None:
    page(app).step(-1)


def worse(app: TunewrightApp, args: str) -> None:
    page(app).step(1)


def page(app: TunewrightApp) -> ViewsScreen:
    """The views on the screen; opened where they are not."""
    from agent.tui.screens.views import ViewsScreen

    if isinstance(app.screen, ViewsScreen):
        return app.screen
    app.close_pages()
    made = ViewsScreen(app.study)
    app.push_screen(made)
    return made
