"""Lessons: their page."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from trainers.errors import TunewrightError

if TYPE_CHECKING:
    from agent.tui.app import TunewrightApp
    from agent.tui.paging.lessons_read import LessonsRead
    from agent.tui.screens.lessons import LessonsScreen


def show(app: TunewrightApp, args: str) -> None:
    _on_page(app, lambda page: page.seek(args) if args.strip() else None)


def _on_page(app: TunewrightApp, do: Callable[[LessonsScreen], None]) -> None:
    """Does it on the page of lessons, which is opened where it is not; what is wrong is said on it."""
    from agent.tui.paging import lessons_read
    from agent.tui.screens.lessons import LessonsScreen

    def attempt(page: LessonsScreen) -> None:
        try:
            do(page)
        except TunewrightError as error:
            page.show(str(error))

    if isinstance(app.screen, LessonsScreen):
        attempt(app.screen)
        return
    study, desk = app.study, app.desk
    assert desk is not None

    def opened(read: LessonsRead) -> None:
        if desk.study is study:  # else it was left meanwhile
            page = LessonsScreen(read)
            app.close_pages()
            app.push_screen(page)
            page.call_after_refresh(lambda: attempt(page))

    desk.errand(lessons_read.read(), opened)


def seek(app: TunewrightApp, args: str) -> None:
    _on_page(app, lambda page: page.seek(args) if args.strip() else page.ask("seek"))


def reword(app: TunewrightApp, args: str) -> None:
    _on_page(app, lambda page: page.ask("reword"))


def learn(app: TunewrightApp, args: str) -> None:
    _on_page(app, lambda page: page.ask("learn"))


def forget(app: TunewrightApp, args: str) -> None:
    _on_page(app, lambda page: page.forget())


def regain(app: TunewrightApp, args: str) -> None:
    _on_page(app, lambda page: page.regain())


def origin(app: TunewrightApp, args: str) -> None:
    _on_page(app, lambda page: page.origin())


def export(app: TunewrightApp, args: str) -> None:
    _on_page(app, lambda page: page.export(args) if args.strip() else page.ask("export"))


def take_in(app: TunewrightApp, args: str) -> None:
    _on_page(app, lambda page: page.take_in(args) if args.strip() else page.ask("import"))
