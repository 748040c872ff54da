"""Deciding on proposals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.study.nouns import Proposal
from agent.tui.actions.words import params, split_number
from agent.tui.requests import Propose
from trainers.errors import TunewrightError

if TYPE_CHECKING:
    from agent.tui.app import TunewrightApp


def focus(app: TunewrightApp, args: str) -> None:
    app.study.focus_waiting()


def approve(app: TunewrightApp, args: str) -> None:
    if app.study.asks.has_focus_within and not args:
        app.study.asks.settle(approve=True)
        return
    number, rest = split_number(args)
    if rest:
        raise TunewrightError(f"'{rest}' is not the number of a proposal", remedy="Write /approve or /approve 18.")
    app.study.cards.approve(_meant(app, number))


def edit(app: TunewrightApp, args: str) -> None:
    if app.study.asks.has_focus_within and not args:
        raise TunewrightError("this can be approved or rejected", remedy="Answer in words what should be different.")
    number, rest = split_number(args)
    proposal = _meant(app, number)
    if rest:
        app.study.cards.approve(proposal, {**proposal.params, **params(rest, app.study.model.spec.space)})
    else:
        app.study.cards.edit(proposal)


def reject(app: TunewrightApp, args: str) -> None:
    if app.study.asks.has_focus_within and not args:
        app.study.asks.ask_reason()
        return
    number, reason = split_number(args)
    proposal = _meant(app, number)
    if app.study.cards.has_focus_within and not args:
        app.study.cards.ask_reason(proposal)
    else:
        app.study.cards.reject(proposal, reason)


def reasons(app: TunewrightApp, args: str) -> None:
    """Why it was proposed, in the chat: of the one shown, or of any by its number, settled or not."""
    if app.study.asks.has_focus_within and not args:
        raise TunewrightError("the reason is on the card", remedy="Ask in words for more, or r to decline it.")
    number, rest = split_number(args)
    if rest:
        raise TunewrightError(f"'{rest}' is not the number of a proposal", remedy="Write /reasons or /reasons 18.")
    shown = app.study.cards.shown
    if number is None and shown is None:
        raise TunewrightError("no proposal waits", remedy="Write /reasons 18 for one that is settled.")
    app.study.ask(f"Why did you propose {shown.number if number is None and shown else number}?")


def turn_on(app: TunewrightApp, args: str) -> None:
    app.study.cards.turn(1)


def turn_back(app: TunewrightApp, args: str) -> None:
    app.study.cards.turn(-1)


def propose(app: TunewrightApp, args: str) -> None:
    found = params(args, app.study.model.spec.space)
    if not found:
        raise TunewrightError("a proposal needs a value", remedy="Write for example /propose lr=1e-3.")
    app.study.send(Propose(found))


def _meant(app: TunewrightApp, number: int | None) -> Proposal:
    """The proposal of that number; without one that which the person has seen long enough to mean it."""
    pending = app.study.model.pending
    if not pending:
        raise TunewrightError("no proposal waits", remedy="Write /propose name=value for one of your own.")
    if number is None:
        return app.study.cards.meant()
    found = next((p for p in pending if p.number == number), None)
    if found is None:
        waiting = ", ".join(str(p.number) for p in pending)
        raise TunewrightError(f"proposal {number} does not wait", remedy=f"Waiting: {waiting}.")
    return found
