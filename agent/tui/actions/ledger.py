"""Ledger and budgets: their page."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from trainers.errors import TunewrightError

if TYPE_CHECKING:
    from agent.tui.app import TunewrightApp
    from agent.tui.screens.ledger import LedgerScreen


def show(app: TunewrightApp, args: str) -> None:
    _on_page(app, lambda page: None)


def detail(app: TunewrightApp, args: str) -> None:
    number = args.strip().removeprefix("#")
    if number and not number.isdigit():
        raise TunewrightError(f"'{number}' is not the number of a call", remedy="The ledger lists them.")
    _on_page(app, lambda page: page.detail(int(number) if number else None), opens=bool(number))


def _on_page(app: TunewrightApp, do: Callable[[LedgerScreen], None], *, opens: bool = True) -> None:
    from agent.tui.paging import ledger_read
    from agent.tui.screens.ledger import LedgerScreen

    if isinstance(app.screen, LedgerScreen):
        do(app.screen)
        return
    study, desk = app.study, app.desk
    assert desk is not None

    def opened(read: ledger_read.LedgerRead) -> None:
        if desk.study is study:  # else it was left meanwhile
            page = LedgerScreen(read)
            app.close_pages()
            app.push_screen(page)
            if opens:
                page.call_after_refresh(lambda: do(page))

    desk.errand(ledger_read.read, opened)
