"""The search space: its page, and changes of it."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from typing import TYPE_CHECKING

from agent.tui.actions.words import split_number
from trainers.errors import TunewrightError

if TYPE_CHECKING:
    from agent.tui.app import TunewrightApp
    from agent.tui.screens.space import SpaceScreen
    from agent.tui.space.space_errands import Saved, SpaceRead


def show(app: TunewrightApp, args: str) -> None:
    if args.strip():
        _at_once(app, args)
    else:
        _on_page(app, lambda page: None)


def _on_page(app: TunewrightApp, do: Callable[[SpaceScreen], None]) -> None:
    """Does it on the page of the space, which is opened where it is not."""
    from agent.tui.screens.space import SpaceScreen
    from agent.tui.space import space_errands

    if isinstance(app.screen, SpaceScreen):
        _attempt(app.screen, do)
        return
    study, desk = app.study, app.desk
    assert desk is not None

    def opened(read: space_errands.SpaceRead) -> None:
        if desk.study is not study:
            return  # it was left meanwhile
        page = SpaceScreen(read)
        app.close_pages()
        app.push_screen(page)
        page.call_after_refresh(lambda: _attempt(page, do))

    desk.errand(space_errands.read, opened)


def _attempt(page: SpaceScreen, do: Callable[[SpaceScreen], None]) -> None:
    try:
        do(page)
    except TunewrightError as error:
        page.complain(error)


def _at_once(app: TunewrightApp, args: str) -> None:
    from agent.tui.space import space_errands

    try:
        words = shlex.split(args)
    except ValueError:
        raise TunewrightError("a quotation mark is not closed", remedy="Close it.") from None
    study, desk = app.study, app.desk
    assert desk is not None

    def told(saved: Saved) -> None:
        warned = [effect.text for effect in saved.effects if effect.warns]
        study.notice.say("; ".join([*saved.changes, *warned]) if saved.changes else "the space is so already")

    desk.errand(space_errands.change(words), told)


def change(app: TunewrightApp, args: str) -> None:
    _on_page(app, lambda page: page.change())


def add(app: TunewrightApp, args: str) -> None:
    _on_page(app, lambda page: page.add(args.strip()))


def duplicate(app: TunewrightApp, args: str) -> None:
    _on_page(app, lambda page: page.duplicate(args.strip()))


def remove(app: TunewrightApp, args: str) -> None:
    _on_page(app, lambda page: page.drop(args.strip()))


def undo(app: TunewrightApp, args: str) -> None:
    _on_page(app, lambda page: page.undo())


def take(app: TunewrightApp, args: str) -> None:
    _on_page(app, lambda page: page.take())


def save(app: TunewrightApp, args: str) -> None:
    _on_page(app, lambda page: page.save())


def drop_bound(app: TunewrightApp, args: str) -> None:
    from agent.tui.screens.space import SpaceScreen
    from agent.tui.space import space_errands

    number, _ = split_number(args)
    if number is None:
        raise TunewrightError("it takes the trial that the bound was learnt from", remedy="Write /drop-bound 12.")
    study, desk = app.study, app.desk
    assert desk is not None

    def dropped(now: SpaceRead) -> None:
        study.notice.say(f"t{number} bounds nothing any more: larger configs may be proposed again")
        if isinstance(app.screen, SpaceScreen):
            app.screen.redraw(now)

    desk.errand(space_errands.drop_bound(number), dropped)


def hint(app: TunewrightApp, args: str) -> None:
    from agent.study.hint import read
    from agent.tui.screens.space import SpaceScreen
    from agent.tui.space import space_errands

    study, desk = app.study, app.desk
    assert desk is not None

    def kept(now: SpaceRead) -> None:
        latest = now.spec.hints[-1:]
        study.notice.say(
            read(now.spec.space, latest[0].said).told(now.spec.space) if latest else "hints are taken back"
        )
        if isinstance(app.screen, SpaceScreen):
            app.screen.redraw(now)

    desk.errand(space_errands.hint(args), kept)


def write(app: TunewrightApp, args: str) -> None:
    _on_page(app, lambda page: page.write())
