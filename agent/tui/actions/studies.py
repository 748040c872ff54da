"""What is done to whole studies: the one under the cursor of the list, or the one that is open."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from agent.tui.errands import Room
from trainers.errors import TunewrightError

if TYPE_CHECKING:
    from agent.store.studies import Study
    from agent.tui.app import TunewrightApp


def narrow(app: TunewrightApp, args: str) -> None:
    app.studies.ask_filter()


def order(app: TunewrightApp, args: str) -> None:
    app.studies.sort_next()


def archived(app: TunewrightApp, args: str) -> None:
    app.studies.toggle_archived()


def rename(app: TunewrightApp, args: str) -> None:
    from agent.store import upkeep

    name = _meant(app)

    def do(new: str) -> None:
        _carry_out(app, name, lambda room, study: f"{name} is {upkeep.rename(room.store, study, new).name} now", new)

    _with_name(app, args, f"Rename {name}", "its run folders keep their name", name, do)


def fork(app: TunewrightApp, args: str) -> None:
    from agent.store import upkeep

    name = _meant(app)

    def do(new: str) -> None:
        _carry_out(app, name, lambda room, study: f"{upkeep.fork(room.store, study, new).name} has the space of {name}")

    _with_name(app, args, f"Copy {name}", "the same space, objective, budget and policy; no trials", f"{name}-2", do)


def archive(app: TunewrightApp, args: str) -> None:
    from agent.store import upkeep

    def do(room: Room, study: Study) -> str:
        away = study.id not in upkeep.archived(room.store)
        upkeep.archive(room.store, study, away=away)
        return f"{study.name} is {'put away' if away else 'back in the list'}"

    _carry_out(app, _meant(app), do)


def delete(app: TunewrightApp, args: str) -> None:
    from agent.store import studies, upkeep
    from agent.tui.screens.ask import AskScreen

    name, desk = _meant(app), app.desk
    if desk is None or desk.study is not None:
        raise TunewrightError(f"{name} is open", remedy="Go to the list with /studies, and delete it there.")

    def gone(room: Room, study: Study, runs: bool) -> str:
        upkeep.delete(room.store, study, runs=runs)
        return f"{name} is deleted"

    def ask(lost: tuple[str, str, bool]) -> None:
        kept, all_of_it, folders = lost
        choices = {"y": (f"delete {name}: {kept}", lambda: _carry_out(app, name, lambda r, s: gone(r, s, False)))}
        if folders:
            choices["r"] = (
                f"and its run folders: {all_of_it}",
                lambda: _carry_out(app, name, lambda r, s: gone(r, s, True)),
            )
        app.push_screen(AskScreen(f"Delete {name}?", choices=choices))

    def weigh(room: Room) -> tuple[str, str, bool]:
        had = upkeep.holdings(room.store, studies.get(room.store, name))
        return had.words(runs=False), had.words(runs=True), bool(had.folders)

    desk.errand(weigh, ask)


def _meant(app: TunewrightApp) -> str:
    if app.desk is not None and app.desk.study is not None:
        return app.desk.study.model.spec.name
    chosen = app.studies.chosen
    if chosen is None:
        raise TunewrightError("there is no study in the list")
    return chosen


def _with_name(app: TunewrightApp, args: str, title: str, hint: str, suggested: str, do: Callable[[str], None]) -> None:
    from agent.tui.screens.ask import AskScreen

    if args.strip():
        do(args.strip())
    else:
        app.push_screen(AskScreen(title, hint=hint, value=suggested, take=do))


def _carry_out(app: TunewrightApp, name: str, do: Callable[[Room, Study], str], opened: str | None = None) -> None:
    """Does it where the store is, says what came of it, and shows the list anew. `opened` is the name to stand on."""
    from agent.store import studies

    desk = app.desk
    assert desk is not None  # a study is open or listed

    def said(words: str) -> None:
        app.say(words)
        desk.list_again(opened)

    desk.errand(lambda room: do(room, studies.get(room.store, name)), said)
