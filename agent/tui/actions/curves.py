"""How the curves are drawn."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from agent.tui.charts import xaxis as axes
from agent.tui.charts.lens import ZOOM
from agent.tui.view import SMOOTHINGS
from trainers.errors import TunewrightError, nearest

if TYPE_CHECKING:
    from agent.tui.app import TunewrightApp
    from agent.tui.widgets.charts import Charts

_PAN = 0.25  # of what is seen


def charts(app: TunewrightApp) -> Charts:
    """Those that are looked at: of the page that lies over the study, or the study's own."""
    from agent.tui.widgets.charts import Charts

    if app.screen is app.study:
        return app.study.side.curves
    found = next((c for c in app.screen.query(Charts) if c.region), None)
    if found is None:
        key = app.key_name("curve")
        raise TunewrightError("no curves are in sight", remedy=f"On a trial's page {key} shows them, elsewhere F3.")
    return found


def _redraw(app: TunewrightApp) -> None:
    """After a change to all charts: those of the study, and of the page over it."""
    app.study.arranged()
    if app.screen is not app.study:
        charts(app).rearrange()


def ylog(app: TunewrightApp, args: str) -> None:
    here, view, words = charts(app), app.study.side.view, {"on": True, "off": False, "auto": None}
    if args.strip():
        if args.strip() not in words:
            raise TunewrightError(f"'{args.strip()}' is neither on, off nor auto")
        view.log_y = words[args.strip()]
    else:
        view.log_y = not here.plot.log_shown
    _redraw(app)


def smooth(app: TunewrightApp, args: str) -> None:
    charts(app)
    view = app.study.side.view
    if args.strip():
        try:
            wanted = float(args)
        except ValueError:
            wanted = -1.0
        if not 0 <= wanted < 1:
            raise TunewrightError(
                f"'{args.strip()}' is not a weight", remedy="Give a number from 0 up to 1, such as .6."
            )
        view.smooth = wanted
    else:
        view.smooth = next((s for s in SMOOTHINGS if s > view.smooth), SMOOTHINGS[0])
    _redraw(app)


def metric(app: TunewrightApp, args: str) -> None:
    here, wanted = charts(app), args.strip()
    names = here.known
    if not names:
        raise TunewrightError("there is nothing to look at yet", remedy="Wait for a trial's first reports.")
    if wanted and wanted not in names:
        raise TunewrightError(f"no trial shown has reported '{wanted}'", remedy=nearest(wanted, names))
    at = names.index(here.metric) if here.metric in names else -1
    here.pick(wanted or names[(at + 1) % len(names)])


def xaxis(app: TunewrightApp, args: str) -> None:
    charts(app)
    view, words = app.study.side.view, args.strip()
    if words not in ("", *axes.KINDS):
        raise TunewrightError(f"there is no axis '{words}'", remedy=nearest(words, axes.KINDS))
    view.axis = words or axes.KINDS[(axes.KINDS.index(view.axis) + 1) % len(axes.KINDS)]
    view.forget_window()
    _redraw(app)


def xlog(app: TunewrightApp, args: str) -> None:
    charts(app)
    view, words = app.study.side.view, {"on": True, "off": False}
    if args.strip() and args.strip() not in words:
        raise TunewrightError(f"'{args.strip()}' is neither on nor off")
    if view.axis == axes.TIME:
        raise TunewrightError(
            "a time of day has no logarithm", remedy="Choose steps or the time since it began (/xaxis)."
        )
    view.log_x = words.get(args.strip(), not view.log_x)
    _redraw(app)


def grid(app: TunewrightApp, args: str) -> None:
    words = {"on": True, "off": False}
    if args.strip() and args.strip() not in words:
        raise TunewrightError(f"'{args.strip()}' is neither on nor off")
    charts(app).spread(grid=words.get(args.strip()))


def closer(app: TunewrightApp, args: str) -> None:
    charts(app).zoom(ZOOM)


def wider(app: TunewrightApp, args: str) -> None:
    charts(app).zoom(1 / ZOOM)


def closer_y(app: TunewrightApp, args: str) -> None:
    charts(app).zoom_y(ZOOM)


def wider_y(app: TunewrightApp, args: str) -> None:
    charts(app).zoom_y(1 / ZOOM)


def earlier(app: TunewrightApp, args: str) -> None:
    charts(app).pan(-_PAN)


def later(app: TunewrightApp, args: str) -> None:
    charts(app).pan(_PAN)


def window(app: TunewrightApp, args: str) -> None:
    """`FROM TO` in the units of the x axis; nothing for all of it."""
    words = args.split()
    numbers = [_number(word) for word in words]
    if words and (len(numbers) != 2 or numbers[0] >= numbers[1]):
        raise TunewrightError(f"'{args.strip()}' is no stretch", remedy="Say where it begins and ends: 100 900.")
    charts(app).look_at((numbers[0], numbers[1]) if words else None)


def cursor(app: TunewrightApp, args: str) -> None:
    curves = charts(app)
    if args.strip() == "off" or (not args.strip() and curves.cursor is not None):
        curves.put_cursor(None)
    else:
        curves.put_cursor(_number(args) if args.strip() else curves.middle)


def _number(word: str) -> float:
    try:
        found = float(word)
    except ValueError:
        found = math.nan
    if not math.isfinite(found):
        raise TunewrightError(f"'{word.strip()}' is not a number")
    return found
