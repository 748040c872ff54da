"""The log of a trial."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.tui.actions import trials

if TYPE_CHECKING:
    from agent.tui.app import TunewrightApp
    from agent.tui.widgets.log_panel import LogPanel
    from agent.tui.widgets.samples_panel import SamplesPanel


def show(app: TunewrightApp, args: str) -> None:
    from agent.tui.actions.words import split_number

    number, _ = split_number(args)
    if number is not None:
        app.study.side.select(trials.meant(app, number).number)
    app.study.show_panel("log")


def follow(app: TunewrightApp, args: str) -> None:
    _panel(app).follow()


def search(app: TunewrightApp, args: str) -> None:
    if (samples := _samples(app)) is not None:
        samples.search(args.strip()) if args.strip() else samples.ask_search()
        return
    if args.strip():
        _panel(app).search(args.strip())
    elif _panel(app) is app.study.side.log_panel:
        app.study.show_panel("log")
        app.study.side.log_panel.ask_search()
    else:
        _panel(app).ask_search()


def following(app: TunewrightApp, args: str) -> None:
    _panel(app).step_match(1)


def preceding(app: TunewrightApp, args: str) -> None:
    _panel(app).step_match(-1)


def _samples(app: TunewrightApp) -> SamplesPanel | None:
    """Where the page that is open shows samples, those."""
    from agent.tui.screens.trial import TrialScreen

    page = app.screen
    return page.samples if isinstance(page, TrialScreen) and page.part == "samples" else None


def _panel(app: TunewrightApp) -> LogPanel:
    """The log on the page that is open, or else the one beside the chat."""
    from agent.tui.screens.trial import TrialScreen

    return app.screen.log_panel if isinstance(app.screen, TrialScreen) else app.study.side.log_panel
