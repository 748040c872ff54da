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

_PAN = 0.25  # of what is seen


def ylog(app: TunewrightApp, args: str) -> None:
    view, words = app.study.side.view, {"on": True, "off": False, "auto": None}
    if args.strip():
        if args.strip() not in words:
            raise TunewrightError(f"'{args.strip()}' is neither on, off nor auto")
        view.log_y = words[args.strip()]
    else:
        view.log_y = not app.study.side.curves.plot.log_shown
    app.study.arranged()


def smooth(app: TunewrightApp, args: str) -> None:
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
    app.study.arranged()


def metric(app: TunewrightApp, args: str) -> None:
    study = app.study
    names = study.model.metrics
    if args.strip():
        if args.strip() not in names:
            raise TunewrightError(f"no trial shown has reported '{args.strip()}'", remedy=nearest(args.strip(), names))
        study.side.view.metric = args.strip()
    else:
        now = study.side.metric
        study.side.view.metric = names[(names.index(now) + 1) % len(names)] if now in names else names[0]
    study.side.view.y_window = []
    study.arranged()


def xaxis(app: TunewrightApp, args: str) -> None:
    view, words = app.study.side.view, args.strip()
    if words not in ("", *axes.KINDS):
        raise TunewrightError(f"there is no axis '{words}'", remedy=nearest(words, axes.KINDS))
    view.axis = words or axes.KINDS[(axes.KINDS.index(view.axis) + 1) % len(axes.KINDS)]
    view.forget_window()
    app.study.arranged()


def xlog(app: TunewrightApp, args: str) -> None:
    view, words = app.study.side.view, {"on": True, "off": False}
    if args.strip() and args.strip() not in words:
        raise TunewrightError(f"'{args.strip()}' is neither on nor off")
    if view.axis == axes.TIME:
        raise TunewrightError(
            "a time of day has no logarithm", remedy="Choose steps or the time since it began (/xaxis)."
        )
    view.log_x = words.get(args.strip(), not view.log_x)
    app.study.arranged()


def grid(app: TunewrightApp, args: str) -> None:
    view, words = app.study.side.view, {"on": True, "off": False}
    if args.strip() and args.strip() not in words:
        raise TunewrightError(f"'{args.strip()}' is neither on nor off")
    view.grid, view.y_window = words.get(args.strip(), not view.grid), []
    app.study.arranged()


def closer(app: TunewrightApp, args: str) -> None:
    app.study.side.curves.zoom(ZOOM)


def wider(app: TunewrightApp, args: str) -> None:
    app.study.side.curves.zoom(1 / ZOOM)


def closer_y(app: TunewrightApp, args: str) -> None:
    app.study.side.curves.zoom_y(ZOOM)


def wider_y(app: TunewrightApp, args: str) -> None:
    app.study.side.curves.zoom_y(1 / ZOOM)


def earlier(app: TunewrightApp, args: str) -> None:
    app.study.side.curves.pan(-_PAN)


def later(app: TunewrightApp, args: str) -> None:
    app.study.side.curves.pan(_PAN)


def window(app: TunewrightApp, args: str) -> None:
    """`FROM TO` in the units of the x axis; nothing for all of it."""
    whole = getattr(app.screen, "whole", None)  # a trial's page has a stretch of its own
    if whole is not None and not args.strip():
        whole()
        return
    words = args.split()
    numbers = [_number(word) for word in words]
    if words and (len(numbers) != 2 or numbers[0] >= numbers[1]):
        raise TunewrightError(f"'{args.strip()}' is no stretch", remedy="Say where it begins and ends: 100 900.")
    app.study.side.curves.look_at((numbers[0], numbers[1]) if words else None)


def cursor(app: TunewrightApp, args: str) -> None:
    curves = app.study.side.curves
    if args.strip() == "off" or (not args.strip() and app.study.side.view.cursor is not None):
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
