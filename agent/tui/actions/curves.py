"""How the curves are drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.tui import xaxis as axes
from agent.tui.view import SMOOTHINGS
from trainers.errors import TunewrightError, nearest

if TYPE_CHECKING:
    from agent.tui.app import TunewrightApp


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
    study.side.forget_curves()


def xaxis(app: TunewrightApp, args: str) -> None:
    view, words = app.study.side.view, args.strip()
    if words not in ("", *axes.KINDS):
        raise TunewrightError(f"there is no axis '{words}'", remedy=nearest(words, axes.KINDS))
    view.axis = words or axes.KINDS[(axes.KINDS.index(view.axis) + 1) % len(axes.KINDS)]
    app.study.arranged()
