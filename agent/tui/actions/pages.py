"""What acts on pages: closing them, turning from trial to trial."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.tui.actions import log, trials
from trainers.errors import TunewrightError

if TYPE_CHECKING:
    from agent.tui.app import TunewrightApp


def close(app: TunewrightApp, args: str) -> None:
    app.go_back()


def earlier(app: TunewrightApp, args: str) -> None:
    _turn(app, -1)


def later(app: TunewrightApp, args: str) -> None:
    _turn(app, 1)


def _turn(app: TunewrightApp, by: int) -> None:
    from agent.tui.screens.trial import TrialScreen

    page = app.screen
    if isinstance(page, TrialScreen):
        page.turn(by)
        return
    numbers, now = sorted(app.study.model.trials), trials.meant(app, None).number
    at = numbers.index(now) + by
    if not 0 <= at < len(numbers):
        raise TunewrightError(f"there is no trial {'before' if by < 0 else 'after'} t{now}")
    app.study.side.select(numbers[at])


def read(app: TunewrightApp, args: str) -> None:
    app.close_pages()
    log.show(app, "")
