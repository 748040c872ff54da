"""Marking trials and comparing them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.tui.actions import trials
from agent.tui.actions.words import split_number
from trainers.errors import TunewrightError

if TYPE_CHECKING:
    from agent.tui.app import TunewrightApp
    from agent.tui.screens.compare import CompareScreen

MOST = 6  # columns that a screen has room for


def mark(app: TunewrightApp, args: str) -> None:
    view = app.study.side.view
    if args.strip() == "none":
        view.marked = []
    else:
        for number in _numbers(args) or [trials.meant(app, None).number]:
            known = trials.meant(app, number).number
            view.marked = [n for n in view.marked if n != known] if known in view.marked else [*view.marked, known]
    app.study.arranged()


def compare(app: TunewrightApp, args: str) -> None:
    from agent.tui.screens.compare import CompareScreen

    numbers = [trials.meant(app, n).number for n in dict.fromkeys(_numbers(args) or _chosen(app))]
    if len(numbers) < 2:
        raise TunewrightError("a comparison needs two trials", remedy="Write for example /compare 3 7, or mark some.")
    if len(numbers) > MOST:
        raise TunewrightError(f"{len(numbers)} trials are too many to compare", remedy=f"Name up to {MOST}.")
    app.close_pages()
    app.push_screen(CompareScreen(app.study, numbers))


def same(app: TunewrightApp, args: str) -> None:
    page = _page(app)
    page.show_shared(not page.shared_shown)


def _chosen(app: TunewrightApp) -> list[int]:
    """The marked ones; with one of them the selected, with none the selected and the best."""
    study = app.study
    marked = [n for n in study.side.view.marked if n in study.model.trials]
    if len(marked) > 1:
        return marked
    best = [study.model.best.number] if study.model.best is not None and not marked else []
    return [*marked, *best, *([study.side.selected] if study.side.selected is not None else [])]


def _numbers(args: str) -> list[int]:
    found = []
    for word in args.replace(",", " ").split():
        number, rest = split_number(word)
        if number is None or rest:
            raise TunewrightError(f"'{word}' is not the number of a trial", remedy="Write for example 3 7 9.")
        found.append(number)
    return found


def _page(app: TunewrightApp) -> CompareScreen:
    """The comparison on the screen; opened where it is not."""
    from agent.tui.screens.compare import CompareScreen

    if not isinstance(app.screen, CompareScreen):
        compare(app, "")
    page = app.screen
    assert isinstance(page, CompareScreen)
    return page
