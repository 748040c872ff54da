"""What acts on pages: closing them, turning from trial to trial."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.tui.actions import log, trials
from agent.tui.actions.seeds import count
from agent.tui.actions.words import split_number
from trainers.errors import TunewrightError

if TYPE_CHECKING:
    from agent.study.nouns import Proposal
    from agent.tui.app import TunewrightApp
    from agent.tui.screens.trial import TrialScreen


def close(app: TunewrightApp, args: str) -> None:
    app.go_back()


def earlier(app: TunewrightApp, args: str) -> None:
    _turn(app, -1)


def later(app: TunewrightApp, args: str) -> None:
    _turn(app, 1)


def _turn(app: TunewrightApp, by: int) -> None:
    if (here := page(app)) is not None:
        here.turn(by)
        return
    numbers, now = sorted(app.study.model.trials), trials.meant(app, None).number
    at = numbers.index(now) + by
    if not 0 <= at < len(numbers):
        raise TunewrightError(f"there is no trial {'before' if by < 0 else 'after'} t{now}")
    app.study.side.select(numbers[at])


def read(app: TunewrightApp, args: str) -> None:
    if (here := page(app)) is not None and not args.strip():
        here.show_part("log")
    else:
        log.show(app, args)


def diagnosis(app: TunewrightApp, args: str) -> None:
    part(app, "why", args)


def config(app: TunewrightApp, args: str) -> None:
    part(app, "config", args)


def origin(app: TunewrightApp, args: str) -> None:
    part(app, "origin", args)


def files(app: TunewrightApp, args: str) -> None:
    part(app, "files", args)


def curve(app: TunewrightApp, args: str) -> None:
    """Where they have the focus already, their own keys take over from the page's, and back."""
    here = page(app)
    if here is not None and not args.strip() and here.curves.has_focus_within:
        here.curves.go_within()
    else:
        part(app, "curves", args)


def page(app: TunewrightApp) -> TrialScreen | None:
    from agent.tui.screens.trial import TrialScreen

    return app.screen if isinstance(app.screen, TrialScreen) else None


def part(app: TunewrightApp, name: str, args: str) -> None:
    """A part of the page that is open, or of the page it opens."""
    if (here := page(app)) is not None and not args.strip():
        here.show_part(name)
        return
    view = app.study.side.view
    view.part, view.part_scroll = name, 0  # at its beginning, wherever another page was left
    trials.why(app, args)


def retry(app: TunewrightApp, args: str) -> None:
    from agent.again import again

    named, rest = split_number(args)
    number, times, desk = trials.meant(app, named).number, count(rest, "how often") if rest else 1, app.desk
    assert desk is not None  # a study is open

    def said(proposal: Proposal) -> None:
        many = f" with {times} new seeds" if times > 1 else ""
        app.say(f"proposal {proposal.number} is t{number} again{many}; it waits for your approval")

    desk.errand(lambda room: again(room.store, room.open.study, number, times), said)


def beside(app: TunewrightApp, args: str) -> None:
    from agent.tui.actions.compare import compare

    trial, best = trials.one(app, args), app.study.model.best
    if best is None or best.number == trial.number:
        said = "no trial has completed yet" if best is None else f"t{best.number} is the best itself"
        raise TunewrightError(said, remedy="Name two trials: /compare 3 7.")
    compare(app, f"{trial.number} {best.number}")
