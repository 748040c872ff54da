"""The log of a trial."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.tui.actions import trials

if TYPE_CHECKING:
    from agent.tui.app import TunewrightApp


def show(app: TunewrightApp, args: str) -> None:
    from agent.tui.actions.words import split_number

    number, _ = split_number(args)
    if number is not None:
        app.study.side.select(trials.meant(app, number).number)
    app.study.show_panel("log")


def follow(app: TunewrightApp, args: str) -> None:
    app.study.side.log_panel.follow()


def search(app: TunewrightApp, args: str) -> None:
    if args.strip():
        app.study.side.log_panel.search(args.strip())
    else:
        app.study.show_panel("log")
        app.study.side.log_panel.ask_search()


def following(app: TunewrightApp, args: str) -> None:
    app.study.side.log_panel.step_match(1)


def preceding(app: TunewrightApp, args: str) -> None:
    app.study.side.log_panel.step_match(-1)
