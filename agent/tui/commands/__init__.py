"""The one table of commands: keys, slash commands, the palette and the help are all made from it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from textual.binding import Binding, BindingType

from agent.tui.commands import (
    agent,
    chat,
    curves,
    guide,
    ledger,
    lessons,
    log,
    pages,
    policy,
    proposals,
    samples,
    settings,
    space,
    studies,
    study,
    trials,
    views,
    ways,
)
from agent.tui.commands.command import Command
from trainers.errors import TunewrightError, nearest

COMMANDS: tuple[Command, ...] = (
    *proposals.COMMANDS,
    *chat.COMMANDS,
    *agent.COMMANDS,
    *policy.COMMANDS,
    *ways.COMMANDS,
    *trials.COMMANDS,
    *curves.COMMANDS,
    *log.COMMANDS,
    *study.COMMANDS,
    *studies.COMMANDS,
    *settings.COMMANDS,
    *pages.COMMANDS,
    *samples.COMMANDS,
    *space.COMMANDS,
    *ledger.COMMANDS,
    *lessons.COMMANDS,
    *views.COMMANDS,
    *guide.COMMANDS,
)

_SHOWN = {
    "slash": "/",
    "escape": "esc",
    "question_mark": "?",
    "comma": ",",
    "plus": "+",
    "minus": "-",
    "full_stop": ".",
    "pageup": "pgup",
    "left": "←",
    "right": "→",
    "up": "↑",
    "down": "↓",
}

BY_NAME: Mapping[str, Command] = {c.name: c for c in COMMANDS}
ON_PAGES = {  # pages lie over the rest: what acts in a panel does not act on them
    "trial": "On a trial's page",
    "space": "On the page of the space",
    "ledger": "In the ledger",
    "lessons": "In the lessons",
    "compare": "Comparing trials",
    "settings": "On the page of settings",
    "views": "In the views of the study",
    "guide": "In the guide",
}
_ON_PAGES_TOO = {"curves", "log", "samples"}  # panels that a page may hold as well
SCOPES = {
    "everywhere": "Everywhere",
    "card": "On a proposal",
    "chat": "In the chat",
    "trials": "In the trials",
    "curves": "In the curves",
    "log": "In the log",
    "samples": "In the samples",
    "studies": "In the list of studies",
    "pages": "On every page",
    **ON_PAGES,
}


def bindings(scope: str) -> list[BindingType]:
    """The keys of one scope. Those that act everywhere come before what the focused widget makes of them."""
    return [
        Binding(
            c.key,
            f"app.command('{c.name}')",
            c.title,
            show=False,
            priority=scope == "everywhere" and c.name != "back",
            id=c.name,
        )
        for c in COMMANDS
        if c.key and c.acts_in(scope)
    ]


def overlap(one: Command, other: Command) -> bool:
    """Whether there is a place where the keys of both act."""
    a, b = {one.scope, *one.also}, {other.scope, *other.also}
    if ("pages" in a and b & _ON_PAGES_TOO) or ("pages" in b and a & _ON_PAGES_TOO):
        return True
    if "everywhere" in a | b or a & b:
        return True
    return ("pages" in a and not b.isdisjoint(ON_PAGES)) or ("pages" in b and not a.isdisjoint(ON_PAGES))


def shown_key(key: str) -> str:
    """`^g`, `F1`, `/`: a key as the screens write it."""
    if re.fullmatch(r"ctrl\+[a-z]", key):
        return f"^{key[-1]}"
    return key.upper() if re.fullmatch(r"f\d+", key) else _SHOWN.get(key, key)


def find(name: str) -> Command:
    """By its slash command. Raises TunewrightError naming the nearest when there is none."""
    if name in BY_NAME:
        return BY_NAME[name]
    close = nearest(name, BY_NAME)
    listed = close.startswith("Known")  # too many for a line or two
    raise TunewrightError(f"there is no command /{name}", remedy=f"{shown_key('f1')} lists them." if listed else close)


def matching(prefix: str) -> list[Command]:
    """Commands whose name begins with `prefix`, then those that hold it."""
    begins = [c for c in COMMANDS if c.name.startswith(prefix)]
    return begins + [c for c in COMMANDS if prefix in c.name and c not in begins]
