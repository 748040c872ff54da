"""More runs of configs: how many every config gets, and the best ones again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.settings import schema
from agent.tui.actions import settings
from agent.tui.actions.words import pairs
from trainers.errors import TunewrightError, nearest

if TYPE_CHECKING:
    from agent.study.nouns import Proposal
    from agent.tui.app import TunewrightApp


def seeds(app: TunewrightApp, args: str) -> None:
    """Of every config that is approved from now on; without a number says how many there are."""
    if args.strip():
        settings.change(app, schema.find("study.seeds"), args.strip(), of_study=True)
        return
    now = app.study.model.spec.seeds
    app.say(f"every config is run with {now} seed{'' if now == 1 else 's'}")


def confirm(app: TunewrightApp, args: str) -> None:
    """The best configs as proposals of several new seeds each."""
    from agent.again import SEEDS, TOP, confirm

    given = {"top": TOP, "seeds": SEEDS} | {name: _whole(name, text) for name, text in pairs(args).items()}
    desk = app.desk
    assert desk is not None  # a study is open

    def said(made: list[Proposal]) -> None:
        names = ", ".join(p.rationale.split(" again")[0] for p in made)
        app.say(f"{names} with {given['seeds']} new seeds each: {len(made)} proposals wait for your approval")

    desk.errand(lambda room: confirm(room.store, room.open.study, top=given["top"], seeds=given["seeds"]), said)


def _whole(name: str, text: str) -> int:
    if name not in ("top", "seeds"):
        raise TunewrightError(f"there is no '{name}' here", remedy=nearest(name, ("top", "seeds")))
    return count(text, name)


def count(text: str, what: str) -> int:
    """Raises TunewrightError for anything but a number from 1 to 100."""
    if not (text.isascii() and text.isdigit() and len(text) < 4 and 1 <= int(text) <= 100):
        raise TunewrightError(f"{what} is a whole number from 1 to 100, not '{text}'")
    return int(text)
